import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { programCalls, replacedPrograms, writePrograms } from "../../../sandbox/runner/programs";
import { texts } from "../../workflows/files";

describe("Programs that something else takes the place of", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-programs-"));
    const real = path.join(folder, "real");
    let first = "";

    before(() => {
        fs.mkdirSync(real);
        // Each real program says what it was given, and by which registry.
        for (const name of new Set(replacedPrograms.map(({ program }) => program)))
            fs.writeFileSync(
                path.join(real, name),
                '#!/bin/bash\necho "real $(basename "$0") $* $npm_config_registry$HTTP_PROXY$NO_PROXY$GITHUB_BASE_URL"\n' +
                    "if [[ ! -t 0 ]]; then cat; fi\n",
                { mode: 0o755 },
            );
        const toolchain = path.join(folder, "toolchain");
        fs.mkdirSync(path.join(toolchain, "pulumi"), { recursive: true });
        fs.symlinkSync("/usr/bin/true", path.join(toolchain, "pulumi", "pulumi"));
        fs.writeFileSync(path.join(folder, "kubeconfig"), "the cluster");
        first = writePrograms({
            folder: path.join(folder, "programs"),
            advisories: "http://advisories",
            sandbox: {
                SANDBOX_PULUMI: toolchain,
                SANDBOX_KUBECONFIG: path.join(folder, "kubeconfig"),
                SANDBOX_GITHUB: "http://github-of-the-sandbox",
            },
        });
    });

    after(() => {
        fs.rmSync(folder, { recursive: true, force: true });
    });

    const call = (name: string, args: readonly string[], input = "", more: Readonly<Record<string, string>> = {}) =>
        execa(name, args, {
            cwd: folder,
            input,
            env: { PATH: `${first}:${real}:${process.env.PATH ?? ""}`, HOME: path.join(folder, "home"), ...more },
            extendEnv: false,
        });

    it("should leave every other call to the real program, with its input", async () => {
        for (const [name, args] of [
            ["npm", ["ci", "--no-progress"]],
            ["npx", ["playwright", "test"]],
            ["curl", ["--fail", "https://example.com/a"]],
            ["sha256sum", ["--check", "--strict"]],
            ["aws", ["s3", "ls"]],
            ["npx", ["release", "check"]],
            ["node", ["--print", "1"]],
            ["curl", ["--config", "-", "--data", "@message.json"]],
        ] as const) {
            const { stdout } = await call(name, args, "a line");
            assert.equal(stdout.split("\n")[0]!.trim(), `real ${name} ${args.join(" ")}`);
            assert.match(stdout, /\na line$/);
        }
        assert.deepEqual([...programCalls(path.join(folder, "programs")).keys()], []);
    });

    it("should replace what is listed, and count it by its name", async () => {
        const audit = await call("npm", ["audit", "--json"]);
        assert.equal(audit.stdout.trim(), "real npm audit --json http://advisories");
        await call("npx", ["playwright", "install", "--with-deps"]);
        await call("sha256sum", ["--check", "--strict"], "0000  trivy_1_Linux-64bit.tar.gz");
        await call("sha256sum", ["--check", "--strict"], "0000  trivy_2_Linux-64bit.tar.gz");
        await call("curl", ["--remote-name", "https://github.com/a/releases/trivy_1_Linux-64bit.tar.gz"]);
        const { stdout } = await execa("tar", ["--list", "--file", path.join(folder, "trivy_1_Linux-64bit.tar.gz")]);
        assert.equal(stdout, "trivy");
        assert.deepEqual(Object.fromEntries(programCalls(path.join(folder, "programs"))), {
            "npm audit": 1,
            "npx playwright install": 1,
            "checksum of Trivy": 2,
            "download of Trivy": 1,
        });
    });

    it("should lead to the sandbox, whose GitHub, cluster and Pulumi stand where the real ones are", async () => {
        const asked = await call("gh", ["api", "x"], "", { NO_PROXY: "localhost" });
        assert.equal(asked.stdout.trim(), "real gh api x http://github-of-the-sandbox");
        const observed = await call("npx", ["release", "observe", "incidents"]);
        assert.equal(observed.stdout.trim(), "real npx release observe incidents http://github-of-the-sandbox/");
        await call("aws", ["eks", "update-kubeconfig", "--name", "relaypacs-staging", "--alias", "staging-cluster"]);
        assert.equal(fs.readFileSync(path.join(folder, "home/.kube/config"), "utf8"), "the cluster");
        const address = "https://get.pulumi.com/releases/sdk";
        await call("curl", ["--remote-name", `${address}/pulumi-v3.1.0-linux-x64.tar.gz`]);
        const sums = await call("curl", [`${address}/pulumi-3.1.0-checksums.txt`]);
        assert.match(sums.stdout, /^[0-9a-f]{64} {2}pulumi-v3\.1\.0-linux-x64\.tar\.gz$/);
        const { exitCode } = await call("sha256sum", ["--check", "--strict"], sums.stdout);
        assert.equal(exitCode, 0);
    });

    it("should keep what Slack would be told, without its address", async () => {
        fs.writeFileSync(path.join(folder, "message.json"), '{"text": "RelayPACS 1.2.0 waits."}');
        const url = 'url = "https://hooks.slack.com/services/a/secret"';
        const { stdout } = await call("curl", ["--config", "-", "--data", "@message.json"], url);
        assert.equal(stdout, "");
        assert.equal(fs.readFileSync(path.join(folder, "programs/slack.txt"), "utf8"), "RelayPACS 1.2.0 waits.\n");
    });

    it("should say of each what it does and why, and be about programs that the workflows call", () => {
        const scripts = [...texts.values()].join("\n");
        for (const { what, program, does, why } of replacedPrograms) {
            assert.ok(scripts.includes(program), what);
            assert.ok(does.length > 10 && why.length > 10, what);
        }
        const names = replacedPrograms.map(({ what }) => what);
        assert.equal(new Set(names).size, names.length);
    });
});
