import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { observeCommand } from "../../../release/observe/command";
import { loadEvidence } from "../../../delivery/evidence/folder";
import { keyIdOf, keyRing } from "../../../delivery/evidence/keys";
import { verifyEvidence } from "../../../delivery/evidence/verify";
import {
    clusterServer,
    deployment,
    migrationJob,
    namespace,
    pod,
    reference,
    type ClusterServer,
} from "./cluster-server";
import {
    digestA,
    digestB,
    hour,
    installPrometheus,
    minute,
    openMetrics,
    startPrometheus,
    type RunningPrometheus,
} from "./history";

const beginning = Math.floor(Date.now() / 1000) - 6 * hour;
const at = (seconds: number) => new Date((beginning + seconds) * 1000).toISOString();

/** Staging with A for 5 hours, a stack whose outputs agree, and a key to sign with. */
describe("The command release observe", function () {
    this.timeout(300_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-observe-"));
    const file = (name: string) => path.join(folder, name);
    const out = file("evidence");
    const environment = { ...process.env };
    let server: ClusterServer;
    let prometheus: RunningPrometheus;
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const keys = [
        {
            keyId: keyIdOf(publicKey),
            publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
            notBefore: "2020-01-01T00:00:00Z",
            notAfter: "2099-01-01T00:00:00Z",
            duty: "staging",
        },
    ];
    const ring = keyRing(keys);

    before(async () => {
        await installPrometheus();
        const name = `backend-migration-${digestA.backend.slice(7, 19)}`;
        const started = { startTime: at(hour - minute) };
        const deployments = (["backend", "frontend"] as const).map((service) => {
            const one = deployment(service, digestA[service]);
            one.status.conditions[0]!.lastUpdateTime = at(hour);
            return one;
        });
        server = await clusterServer({
            deployments,
            replicaSets: [],
            pods: [
                ...["backend-1", "backend-2"].map((one) => pod("backend", digestA.backend, one, started)),
                ...["frontend-1", "frontend-2"].map((one) => pod("frontend", digestA.frontend, one, started)),
                { metadata: { name: `${name}-x`, labels: { "batch.kubernetes.io/job-name": name } } },
            ],
            jobs: { [name]: migrationJob(digestA.backend) },
            logs: { [`${name}-x`]: "Running upgrade  -> 0001_a\n" },
            commands: { "alembic current": "0001_a (head)\n", "alembic history": "<base> -> 0001_a (head)\n" },
        });
        const pods = (["backend", "frontend"] as const).flatMap((service) =>
            ["1", "2"].map((number) => ({
                service,
                pod: `${service}-${number}`,
                digest: digestA[service],
                from: hour - minute,
                to: 6 * hour,
            })),
        );
        prometheus = await startPrometheus(openMetrics(pods, beginning));
        fs.writeFileSync(file("kubeconfig"), server.kubeconfig);
        fs.writeFileSync(file("key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
        const images = Object.fromEntries(Object.entries(digestA).map(([key, one]) => [key, reference(key, one)]));
        const outputs = { namespace, version: "1.4.2", images, url: "https://staging.relaypacs.com" };
        fs.mkdirSync(file("bin"));
        // A substitute for pulumi that prints a stack's outputs.
        fs.writeFileSync(file("bin/pulumi"), `#!/bin/sh\necho '${JSON.stringify(outputs)}'\n`, { mode: 0o755 });
        const release = {
            version: "1.4.2",
            commit: "c".repeat(40),
            committedAt: at(0),
            repository: "https://github.com/relaypacs/gateway",
        };
        fs.writeFileSync(file("release.json"), JSON.stringify({ ...release, images: digestA }));
        fs.writeFileSync(file("other.json"), JSON.stringify({ ...release, images: digestB }));
        fs.writeFileSync(
            file("incidents.json"),
            JSON.stringify({
                source: "https://incidents.example",
                exportedAt: at(6 * hour),
                windowStartedAt: at(-7 * 24 * hour),
                incidents: [{ id: "INC-1", priority: "P2", openedAt: at(0) }],
            }),
        );
        Object.assign(process.env, {
            KUBECONFIG: file("kubeconfig"),
            RELAYPACS_TRUSTED_KEYS: JSON.stringify(keys),
            PATH: `${file("bin")}${path.delimiter}${process.env.PATH ?? ""}`,
        });
    });
    after(async () => {
        for (const name of ["KUBECONFIG", "PATH", "RELAYPACS_TRUSTED_KEYS"])
            if (environment[name] === undefined) Reflect.deleteProperty(process.env, name);
            else process.env[name] = environment[name];
        await prometheus.stop();
        await server.stop();
        fs.rmSync(folder, { recursive: true });
    });

    /** Runs a command in this process. Returns the lines that it printed, and its exit code. */
    async function run(observation: string, ...args: string[]) {
        const lines: string[] = [];
        const { error, log } = console;
        console.log = console.error = (line: unknown) => lines.push(String(line));
        try {
            const common = ["--release", file("release.json"), "--out", out];
            await observeCommand().parseAsync([observation, ...common, ...args], { from: "user" });
            return { lines, code: process.exitCode ?? 0 };
        } finally {
            Object.assign(console, { error, log });
            process.exitCode = undefined;
        }
    }
    const key = ["--key", file("key.pem")];

    it("should sign what it observes of staging, and the evidence should verify", async () => {
        const deployed = await run("deployment", ...key);
        assert.deepEqual(deployed.lines.slice(0, 3), [
            `backend: 2 of 2 pods ready, ${reference("backend", digestA.backend)}`,
            `frontend: 2 of 2 pods ready, ${reference("frontend", digestA.frontend)}`,
            `Complete in ${namespace} of staging-cluster since ${at(hour)}`,
        ]);
        const migrated = await run("migration", ...key);
        assert.equal(migrated.lines[0], "The migration of staging succeeded: from base to 0001_a, newest 0001_a");
        const soak = await run("soak", "--prometheus", prometheus.url, ...key);
        assert.match(
            soak.lines.at(-2)!,
            /^The longest lasted (?:5 h|4 h 59 min \d+ s): 0 errors in \d+ requests, 0 container/,
        );
        const incidents = await run("incidents", "--file", file("incidents.json"), ...key);
        assert.match(incidents.lines[1]!, /^P2 INC-1, opened at /);
        assert.deepEqual(
            [deployed, migrated, soak, incidents].map(({ code }) => code),
            [0, 0, 0, 0],
        );
        const verified = (await loadEvidence(out)).map((one) => verifyEvidence(one, ring, new Date().toISOString()));
        assert.deepEqual(verified.map((one) => (one.ok ? one.item : one.problem)).sort(), [
            "incidents",
            "migration-staging",
            "soak",
            "staging-deployment",
        ]);
        // The soak begins at the end of the deployment, whose evidence is in the same folder.
        const found = verified.find((one) => one.ok && one.item === "soak");
        assert.ok(found?.ok);
        const { startedAt } = found.predicate as { startedAt: string };
        assert.ok(Date.parse(startedAt) >= Date.parse(at(hour)), startedAt);
        assert.ok(Date.parse(startedAt) < Date.parse(at(hour + 15)), startedAt);
    });

    it("should write an unsigned statement without a key, and print JSON with --json", async () => {
        const { lines } = await run("deployment", "--json", "--out", file("bare"));
        const printed = JSON.parse(lines.join("\n")) as { file: string; predicate: { completedAt: string } };
        assert.deepEqual(
            [printed.file, printed.predicate.completedAt],
            ["staging-deployment.statement.json", at(hour)],
        );
        const statement = JSON.parse(fs.readFileSync(file(`bare/${printed.file}`), "utf8")) as {
            predicateType: string;
        };
        assert.equal(statement.predicateType, "https://relaypacs.com/attestation/staging-deployment/v1");
    });

    it("should exit with 1, print one sentence and write nothing when facts are missing or contradict each other", async () => {
        const none = ["--out", file("none")];
        const other = ["--release", file("other.json"), ...none];
        const cases: (readonly [RegExp, string, ...string[]])[] = [
            [
                /^The deployment can't be attested: stack staging has deployed backend .*a+, the release has sha256:b/,
                "deployment",
                ...other,
            ],
            [/^Cluster staging-cluster does not answer for Job backend-migration-b+ in/, "migration", ...other],
            [/^Prometheus has no sample of backend sha256:b/, "soak", "--prometheus", prometheus.url, ...other],
            [/^--service is "worker", but the release has no image of it/, "migration", "--service", "worker", ...none],
            [
                /^The kubeconfig has no context "moon"; it has staging-cluster\./,
                "deployment",
                "--context",
                "moon",
                ...none,
            ],
            [
                /nowhere\.json: The release file does not exist; check the path\.$/,
                "deployment",
                "--release",
                file("nowhere.json"),
                ...none,
            ],
        ];
        for (const [message, observation, ...args] of cases) {
            const { code, lines } = await run(observation, ...args);
            assert.deepEqual([code, lines.length], [1, 1], lines.join("\n"));
            assert.match(lines[0]!, message);
        }
        assert.equal(fs.existsSync(file("none")), false);
    });

    it("should attest a failed migration and still exit with 1", async () => {
        const name = `backend-migration-${digestA.backend.slice(7, 19)}`;
        server.objects.jobs = { [name]: migrationJob(digestA.backend, "Failed") };
        const { code, lines } = await run("migration", "--out", file("failed"));
        assert.deepEqual([code, lines.at(-1)], [1, "The migration of staging failed."]);
        assert.deepEqual(fs.readdirSync(file("failed")), ["migration-staging.statement.json"]);
    });
});
