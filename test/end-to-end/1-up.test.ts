import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stateObject } from "../../components/identity/state-access";
import { GitHub } from "../../release/observe/github";
import { accountOf } from "../../release/recover/account";
import { identityOf } from "../../release/recover/identities";
import type { Resource } from "../../release/recover/pending";
import { actions } from "../workflows/files";
import { run } from "../workflows/script";
import * as world from "./world";

describe("Staging on the real engine", () => {
    /** What the second preview has said, property by property. */
    let preview: world.Outcome;

    before(async () => {
        preview = await world.pulumi(["preview", "--expect-no-changes", "--diff", "--show-secrets=false"]);
    });

    it("should answer at its public address, the backend below /health and the frontend elsewhere", async () => {
        assert.match(await world.request("/health"), /"version"/);
        assert.match(await world.request("/"), /<html/);
    });

    it("should have its database at the newest revision", async () => {
        const jobs = await world.kubernetesObject<{ items: { status: { succeeded?: number } }[] }>("jobs");
        assert.deepEqual(
            jobs.items.map((job) => job.status.succeeded),
            [1],
        );
    });

    it("should show no change in a second preview", () => {
        assert.equal(preview.exitCode, 0, preview.output);
    });

    it("should show no change after a refresh of every resource", async () => {
        const { exitCode, output } = await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
        assert.equal(exitCode, 0, output);
    });

    it("should have had every resource judged by the policy pack", () => {
        assert.match(preview.output, /relaypacs-guardrails/);
        assert.doesNotMatch(preview.output, /mandatory/);
    });

    it("should say each thing that is wrong around it in one sentence, and plan nothing", async () => {
        const { exitCode, output } = await world.pulumi(["preview"], {
            variables: { KUBECONFIG: path.join(os.tmpdir(), "not-there"), RELAYPACS_AWS_ACCOUNT_ID: "999999999999" },
        });
        assert.notEqual(exitCode, 0, output);
        const sentences =
            '    error: The AWS credentials are of account 123456789012, but relaypacs:awsAccountId is "999999999999"; ' +
            "log in to that account.\n" +
            '    The cluster of the context "staging-cluster" can\'t be used (';
        assert.ok(output.includes(sentences), output);
        assert.doesNotMatch(output, /serializing|unhandled|\+ create/);
    });

    // What `release recover` needs after an update that died.
    it("should call each of its resources by an id that follows from its inputs, or can be looked up", async () => {
        interface Deployed extends Resource {
            readonly custom?: boolean;
        }
        const { exitCode, output } = await world.pulumi(["stack", "export"]);
        assert.equal(exitCode, 0, output);
        const { deployment } = JSON.parse(output.slice(output.indexOf("{"))) as {
            readonly deployment: { readonly resources: readonly Deployed[] };
        };
        const made = deployment.resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));
        assert.ok(made.length > 200, String(made.length));
        const variables = world.variables();
        const account = accountOf(
            { run: (command, args) => world.run(command, args) },
            "relaypacs",
            (repository) => new GitHub(repository, variables.GITHUB_TOKEN, variables.GITHUB_BASE_URL),
        );
        const wrong: string[] = [];
        for (const one of made) {
            const taken = new Set(made.flatMap(({ id }) => (id === undefined || id === one.id ? [] : id)));
            const id = await identityOf(one, { account, taken });
            if (id !== one.id) wrong.push(`${one.urn} is ${String(one.id)}, not ${String(id)}`);
        }
        // The one kind that may be made again.
        assert.deepEqual(
            wrong,
            wrong.filter((one) => one.includes("RepositoryVulnerabilityAlerts")),
        );
        assert.equal(wrong.length, 1);
    });

    // As Pulumi's provider applies objects: on the server, which knows the fields by the definitions of their kinds.
    const misspelt: Readonly<Record<string, readonly [string, object, string]>> = {
        Rollout: [
            "argoproj.io/v1alpha1",
            { strategy: { canary: { stablService: "x" } } },
            ".spec.strategy.canary.stablService",
        ],
        IngressRoute: ["traefik.io/v1alpha1", { entryPoint: ["web"], routes: [] }, ".spec.entryPoint"],
        TraefikService: ["traefik.io/v1alpha1", { weighted: { service: [] } }, ".spec.weighted.service"],
    };
    for (const [kind, [apiVersion, spec, place]] of Object.entries(misspelt))
        it(`should refuse a misspelt field of ${kind === "IngressRoute" ? "an" : "a"} ${kind}`, async () => {
            const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-misspelt-"));
            const file = path.join(folder, "object.json");
            fs.writeFileSync(file, JSON.stringify({ apiVersion, kind, metadata: { name: "misspelt" }, spec }));
            const apply = ["apply", "--server-side", "--dry-run=server", "--validate=ignore", "--filename", file];
            try {
                await assert.rejects(world.kubectl(...apply), (error: Error) =>
                    error.message.includes(`${place}: field not declared in schema`),
                );
            } finally {
                fs.rmSync(folder, { recursive: true });
            }
        });

    it("should keep no secret in plain text in state, outputs or the update's output", async () => {
        const { RELAYPACS_DATABASE_URL: url, RELAYPACS_DOCKER_HUB_TOKEN: token } = world.variables();
        const password = new URL(String(url)).password;
        const secret = await world.kubernetesObject<{ items: { type: string; data: Record<string, string> }[] }>(
            "secrets",
        );
        const key = Buffer.from(
            secret.items.find((one) => one.type === "Opaque")!.data.SECRET_KEY!,
            "base64",
        ).toString();
        assert.match(key, /^[\w-]{64}$/);
        const places = {
            state: await world.exportedState(),
            outputs: (await world.pulumi(["stack", "output", "--json"])).output,
            preview: preview.output,
        };
        for (const [place, text] of Object.entries(places)) {
            for (const [what, value] of Object.entries({ password, token, key })) {
                assert.ok(!text.includes(String(value)), `${what} is in ${place}`);
                assert.ok(
                    !text.includes(Buffer.from(String(value)).toString("base64")),
                    `${what} is in ${place}, encoded`,
                );
            }
        }
    });

    it("should have its version in the state where the pipeline reads production's, without a key", async () => {
        const key = stateObject("staging");
        const script = actions.get(".github/actions/production-version/action.yml")!.runs.steps[0]!.run!;
        const { code, text, output } = await run(
            script.replace(stateObject("prod"), key),
            { AWS_REGION: "us-east-1", STATE: path.join(world.instance.pulumiState, key) },
            { programs: { aws: `case "$1" in sts) echo 1 ;; s3api) echo ${key} ;; s3) cat "$STATE" ;; esac` } },
        );
        assert.equal(code, 0, text);
        const { version } = JSON.parse(world.variables().RELAYPACS_RELEASE!) as { version: string };
        assert.equal(output, `version=${version}`);
        // The engine's layout of the folders that the roles may write.
        const state = path.join(world.instance.pulumiState, ".pulumi");
        for (const folder of ["history/relaypacs/staging", "backups/relaypacs/staging"])
            assert.ok(fs.existsSync(path.join(state, folder)), folder);
        assert.ok(fs.existsSync(path.join(state, "meta.yaml")));
    });

    it("should have no file beside the state's own that a killed update could leave empty", () => {
        const files = fs.readdirSync(world.instance.pulumiState, { recursive: true, encoding: "utf8" });
        assert.ok(files.some((file) => file.endsWith("staging.json")));
        assert.deepEqual(
            files.filter((file) => file.endsWith(".attrs")),
            [],
        );
    });

    it("should have no automatic log of Pulumi's, which would hold every property", () => {
        const logs = path.join(world.instance.pulumiHome, "logs");
        assert.match(fs.readFileSync(logs, "utf8"), /^This file keeps Pulumi from writing automatic logs/);
    });

    it("should deliver the stored secret itself to the pods", async () => {
        const stored = await world.aws<{ SecretString: string }>(
            "secretsmanager",
            "get-secret-value",
            "--secret-id",
            "relaypacs/staging/database-url",
        );
        assert.equal(stored.SecretString, world.variables().RELAYPACS_DATABASE_URL);
    });

    it("should refuse pods outside the restricted standard", async () => {
        await assert.rejects(
            world.kubectl("run", "outsider", "--image=example.invalid/outsider", "--privileged"),
            /violates PodSecurity "restricted:latest"/,
        );
    });

    it("should lock evidence for six years", async () => {
        const { ObjectLockConfiguration: lock } = await world.aws<{
            ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: string; Years: number } } };
        }>("s3api", "get-object-lock-configuration", "--bucket", "relaypacs-evidence-123456789012-us-east-1");
        const { Mode, Years } = lock.Rule.DefaultRetention;
        assert.deepEqual([Mode, Years], ["COMPLIANCE", 6]);
    });
});
