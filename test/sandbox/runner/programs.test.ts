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
                '#!/bin/bash\necho "real $(basename "$0") $* $npm_config_registry"\n' +
                    "if [[ ! -t 0 ]]; then cat; fi\n",
                { mode: 0o755 },
            );
        first = writePrograms({
            folder: path.join(folder, "programs"),
            advisories: "http://advisories",
        });
    });

    after(() => {
        fs.rmSync(folder, { recursive: true, force: true });
    });

    const call = (name: string, args: readonly string[], input = "") =>
        execa(name, args, {
            cwd: folder,
            input,
            env: { PATH: `${first}:${real}:${process.env.PATH ?? ""}` },
            extendEnv: false,
        });

    it("should leave every other call to the real program, with its input", async () => {
        for (const [name, args] of [
            ["npm", ["ci", "--no-progress"]],
            ["npx", ["playwright", "test"]],
            ["curl", ["--fail", "https://example.com/a"]],
            ["sha256sum", ["--check", "--strict"]],
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
