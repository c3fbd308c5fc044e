import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { ApiServer } from "../../delivery/rollouts/api-server";
import { release } from "../../delivery/gates/support/contents";
import { evidence, trustAll } from "../../delivery/gates/support/world";
import { projectRoot } from "../../support/project";
import { serve, type Server } from "../observe/server";

/** The cluster and GitHub are servers, pulumi and aws programs with their answers; the evidence is signed. */
describe("release status", function () {
    this.timeout(60_000);
    let folder: string;
    let server: ApiServer;
    let github: Server;
    const put = (kind: Parameters<ApiServer["put"]>[0], object: object) => {
        server.put(kind, object as { metadata: { name: string } });
    };
    const write = (name: string, text: string, mode = 0o644) => {
        const file = path.join(folder, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, text, { mode });
    };

    before(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "status-"));
        github = await serve(() => undefined);
        write("keys.json", JSON.stringify(trustAll({ notAfter: "2099-01-01T00:00:00Z" })));
        for (const { envelope, source } of evidence({}, ["admission-prod", "migration-prod"]))
            write(`releases/${release.version}/${source}`, JSON.stringify(envelope));
        const [key, file] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
        const subject = ["-subj", "/CN=relaypacs.com", "-addext", "subjectAltName=DNS:relaypacs.com"];
        const pair = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", file];
        await execa("openssl", ["req", "-x509", "-days", "30", ...pair, ...subject]);
    });
    beforeEach(async () => {
        server = new ApiServer();
        await server.start();
        write("kubeconfig", server.kubeconfig);
        put("secrets", {
            metadata: {
                name: "backend-secrets-1",
                annotations: { "relaypacs.com/secret-versions": '{"database-url":"first"}' },
            },
        });
        const certificate = fs.readFileSync(path.join(folder, "cert.pem")).toString("base64");
        put("secrets", { metadata: { name: "public-tls" }, data: { "tls.crt": certificate } });
        fs.rmSync(path.join(folder, ".pulumi"), { recursive: true, force: true });
    });
    afterEach(() => server.stop());
    after(async () => {
        await github.stop();
        fs.rmSync(folder, { recursive: true });
    });

    /** Runs the command with a store that gives out one version, and a state in this folder. */
    async function status(current: string, environment: Readonly<Record<string, string>> = {}) {
        const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:relaypacs/prod/database-url-AbCdEf";
        const stages = { older: ["AWSPREVIOUS"], [current]: ["AWSCURRENT"] };
        const described = JSON.stringify({ ARN: arn, VersionIdsToStages: stages });
        const asked = "secretsmanager describe-secret --secret-id relaypacs/prod/database-url --output json";
        write("bin/aws", `#!/bin/sh\ncase "$*" in "${asked}") echo '${described}';; *) exit 1;; esac\n`, 0o755);
        const whoami = JSON.stringify({ user: "ada", url: `file://${folder}` });
        const state = JSON.stringify({ version: 3, deployment: { manifest: {} } });
        write(
            "bin/pulumi",
            `#!/bin/sh\ncase "$1" in whoami) echo '${whoami}';; stack) echo '${state}' > "$6";; *) exit 1;; esac\n`,
            0o755,
        );
        const at = (name: string) => path.join(folder, name);
        const command = ["-r", "ts-node/register", "release/main.ts", "status", "--stack", "prod"];
        const options = ["--context", "loaded-context", "--keys", at("keys.json"), "--releases", at("releases")];
        const { exitCode, stdout, stderr } = await execa("node", [...command, ...options], {
            cwd: projectRoot,
            reject: false,
            env: {
                KUBECONFIG: at("kubeconfig"),
                PATH: `${at("bin")}${path.delimiter}${process.env.PATH ?? ""}`,
                GITHUB_TOKEN: "token",
                GITHUB_BASE_URL: github.url,
                ...environment,
            },
        });
        return { exitCode, stderr, lines: stdout.split("\n") };
    }
    const runs = (secret: string) => {
        const template = {
            metadata: { labels: { "app.kubernetes.io/version": "1.4.2" } },
            spec: { containers: [{ name: "backend", envFrom: [{ secretRef: { name: secret } }] }] },
        };
        put("rollouts", {
            metadata: { name: "backend", generation: 1 },
            spec: { template },
            status: {
                observedGeneration: "1",
                stableRS: "a",
                currentPodHash: "a",
                conditions: [{ type: "Completed", status: "True", lastTransitionTime: "2026-11-30T08:14:00Z" }],
            },
        });
    };

    it("should tell everything on one screen, and end with 0 when all is well", async () => {
        runs("backend-secrets-1");
        const { exitCode, lines, stderr } = await status("first");
        assert.deepEqual([exitCode, stderr], [0, ""], lines.join("\n"));
        assert.ok(lines.length <= 24, `${String(lines.length)} lines`);
        const expected = [
            /^runs {8}backend runs 1\.4\.2 since 2026-11-30 08:14 UTC\.$/,
            /^let in {6}1\.4\.2 was let in on .*, by 1\.4\.2\/admission-prod\.json \([0-9a-f]{12}\)\.$/,
            /^ {12}Its migration left the schema at /,
            /^under way {3}Nothing\.$/,
            /^drift {7}The workflow Drift has not run in relaypacs\/platform\. To look now: npx release drift --stack prod\.$/,
            /^expires {5}\d{4}-\d\d-\d\d, in (?:29|30) days: the certificate of relaypacs\.com\.$/,
            /^ {12}2099-01-01, in \d+ days: the evidence key [0-9a-f]{12} of the duty pipeline\.$/,
            /^ {12}2099-01-01, in \d+ days: the evidence key [0-9a-f]{12} of the duty staging\.$/,
            /^ {12}2099-01-01, in \d+ days: the evidence key [0-9a-f]{12} of the duty production\.$/,
            /^secrets {5}backend: database-url is the store's current version, first\.$/,
        ];
        assert.equal(lines.length, expected.length, lines.join("\n"));
        expected.forEach((pattern, at) => {
            assert.match(lines[at] ?? "", pattern);
        });
    });

    it("should end with 1 when the store is ahead", async () => {
        runs("backend-secrets-1");
        const { exitCode, lines, stderr } = await status("second");
        assert.deepEqual([exitCode, stderr], [1, ""]);
        assert.equal(
            lines.at(-1),
            "secrets     backend: database-url has version first, and the store is ahead with second; pulumi up --stack prod replaces the pods.",
        );
    });

    it("should end with 1 when a Secret does not say its versions, and when nothing runs", async () => {
        runs("another");
        const unknown = await status("first");
        assert.equal(unknown.exitCode, 1);
        assert.match(unknown.lines.join("\n"), /the Secret another does not say which versions it has/);
        server.delete("rollouts", "backend");
        const { exitCode, lines, stderr } = await status("first");
        assert.deepEqual(
            { exitCode, lines, stderr },
            { exitCode: 1, lines: [""], stderr: "No service runs in relaypacs-prod." },
        );
    });

    it("should end with 1 after a failed migration, and say what it has left", async () => {
        runs("backend-secrets-1");
        const labels = { "app.kubernetes.io/component": "migration", "app.kubernetes.io/name": "backend" };
        put("jobs", {
            metadata: { name: "backend-migration-1", labels },
            spec: { template: { spec: { containers: [{ name: "backend", image: "registry/backend@sha256:1" }] } } },
            status: { conditions: [{ type: "Failed", status: "True", lastTransitionTime: "2026-11-30T08:14:00Z" }] },
        });
        const { exitCode, lines } = await status("first");
        assert.equal(exitCode, 1);
        const what = lines.findIndex((line) => line.startsWith("migration "));
        assert.match(lines[what] ?? "", /^migration {3}The migration of backend failed at 2026-11-30T08:14:00\.000Z: /);
        assert.match(
            lines[what + 1] ?? "",
            /^ {12}The database's revision can't be told \(no pod of backend is ready\)/,
        );
    });

    it("should say who holds the state", async () => {
        runs("backend-secrets-1");
        const lock = { pid: 7, username: "ada", hostname: "runner-1", timestamp: "2026-11-30T11:58:12Z" };
        write(".pulumi/locks/organization/relaypacs/prod/a.json", JSON.stringify(lock));
        const { exitCode, lines } = await status("first");
        assert.equal(exitCode, 0);
        assert.ok(
            lines.includes(
                "under way   The state of prod is locked by ada on runner-1 (process 7) since 2026-11-30 11:58 UTC.",
            ),
            lines.join("\n"),
        );
    });

    it("should end with 2, and tell the rest, where a part can't be told", async () => {
        runs("backend-secrets-1");
        const { exitCode, lines } = await status("first", { GITHUB_TOKEN: "" });
        assert.equal(exitCode, 2);
        assert.ok(lines.includes("drift       GITHUB_TOKEN is not set; requests to GitHub need it."), lines.join("\n"));
        server.refusal = 403;
        const refused = await status("first");
        assert.equal(refused.exitCode, 2);
        const text = refused.lines.join("\n");
        assert.match(text, /^runs {8}The cluster does not tell what relaypacs-prod runs: .*403.*\.$/m);
        assert.match(text, /^secrets {5}The cluster does not tell what relaypacs-prod runs: answered with 403\.$/m);
        assert.match(text, /^under way {3}The cluster does not tell the Jobs of relaypacs-prod: answered with 403\.$/m);
        assert.match(text, /2099-01-01, in \d+ days: the evidence key/);
        assert.doesNotMatch(text, /let in|Nothing\.|undefined/);
    });
});
