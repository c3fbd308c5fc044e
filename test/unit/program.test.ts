import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { toolNames } from "../../settings/schema";
import { release } from "../gates/support/contents";
import { freshEvidence, writeEvidence } from "../gates/support/fresh";
import { trust, trusted } from "../gates/support/world";
import { deploy, ofType, only, type Registered } from "./harness";
import { stackFile } from "./stack-file";

const root = path.resolve(__dirname, "../..");
const evidenceFolder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-program-"));
const trustedKeys = [trust(trusted, { notAfter: new Date(Date.now() + 86_400_000).toISOString() })];
const ofRun = {
    RELAYPACS_RELEASE: JSON.stringify(release),
    RELAYPACS_EVIDENCE_FOLDER: evidenceFolder,
    RELAYPACS_SMOKE_PASSWORD: "not-a-real-smoke-password",
    RELAYPACS_TOOL_IMAGES: JSON.stringify(
        Object.fromEntries(toolNames.map((name) => [name, `sha256:${"0123456789abcdef".repeat(4)}`])),
    ),
    RELAYPACS_TRUSTED_KEYS: JSON.stringify(trustedKeys),
    RELAYPACS_DATABASE_URL: "postgresql://relaypacs:not-a-real-password@database:5432/relaypacs",
    RELAYPACS_DOCKER_HUB_TOKEN: "not-a-real-token",
    RELAYPACS_SLACK_WEBHOOK: "https://hooks.slack.com/services/not/a/real-one",
};

/** Runs index.ts itself with a stack file and variables of the environment. */
async function run(
    config: Record<string, string>,
    variables: Record<string, string>,
    options: Parameters<typeof deploy>[1] = {},
): Promise<Registered[]> {
    const before = { ...process.env };
    Object.assign(process.env, variables);
    try {
        return await deploy(() => {
            pulumi.runtime.setAllConfig(config);
            const program = path.join(root, "index.ts");
            // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- each run is the program's first
            delete require.cache[require.resolve(program)];
            // eslint-disable-next-line @typescript-eslint/no-require-imports -- the program is what the engine would load
            require(program);
        }, options);
    } finally {
        process.env = before;
    }
}

/** Names of the Deployments in a namespace. */
const deploymentsIn = (resources: readonly Registered[], namespace: string): string[] =>
    ofType(resources, "kubernetes:apps/v1:Deployment")
        .filter((one) => (one.inputs.metadata as { readonly namespace?: string }).namespace === namespace)
        .map((one) => one.name)
        .sort();

describe("the program", () => {
    let resources: Registered[] = [];
    before(async () => {
        writeEvidence(evidenceFolder, freshEvidence());
        resources = await run(stackFile("staging"), ofRun);
    });
    after(() => {
        fs.rmSync(evidenceFolder, { recursive: true });
    });

    it("registers every component of the platform for staging", () => {
        const components = resources
            .filter((one) => !one.custom && one.parent === "")
            .map((one) => `${one.type} ${one.name}`);
        assert.deepEqual(components.sort(), [
            "relaypacs:cluster:ClusterServices cluster-services",
            "relaypacs:delivery:Release gates",
            "relaypacs:delivery:ServiceRelease release",
            "relaypacs:environment:EnvironmentNamespace staging",
            "relaypacs:governance:EnvironmentCredentials staging-credentials",
            "relaypacs:governance:RepositoryGovernance repository",
            "relaypacs:identity:PipelineIdentity pipeline",
            "relaypacs:registry:ContainerRegistry registry",
            "relaypacs:secrets:SecretStore staging-secrets",
            "relaypacs:security:EvidenceSigningKey pipeline-evidence",
            "relaypacs:security:EvidenceSigningKey production-evidence",
            "relaypacs:security:EvidenceSigningKey staging-evidence",
            "relaypacs:storage:ArtifactStore artifacts",
        ]);
    });

    it("puts every resource but the three providers into a component", () => {
        assert.deepEqual(
            resources
                .filter((one) => one.custom && one.parent === "")
                .map((one) => one.type)
                .sort(),
            ["pulumi:providers:aws", "pulumi:providers:github", "pulumi:providers:kubernetes"],
        );
    });

    it("works in the configured account only", () => {
        const provider = ofType(resources, "pulumi:providers:aws")[0]!;
        assert.deepEqual(JSON.parse(String(provider.inputs.allowedAccountIds)), ["123456789012"]);
    });

    it("shows no secret outside a Pulumi secret", () => {
        const plain = JSON.stringify(resources, (_, value: unknown) =>
            (value as Record<string, unknown> | null)?.[pulumi.runtime.specialSigKey] ===
            pulumi.runtime.specialSecretSig
                ? "[secret]"
                : value,
        );
        for (const secret of [
            "not-a-real-password",
            "not-a-real-smoke-password",
            "not-a-real-token",
            "hooks.slack.com",
        ]) {
            assert.ok(!plain.includes(secret), `${secret} is in plain text`);
        }
    });

    it("tells the workflows who moves staging, where somebody is named", async () => {
        const mirrors = (all: readonly Registered[]) =>
            ofType(all, "github:index/actionsVariable:ActionsVariable")
                .filter(({ inputs }) => inputs.variableName === "STAGING_MIRROR")
                .map(({ inputs }) => inputs.value);
        assert.deepEqual(mirrors(resources), []);
        const repository = JSON.stringify({ owner: "relaypacs", name: "gateway", stagingMirror: "/rory-deployment" });
        const mirrored = await run({ ...stackFile("staging"), "relaypacs:repository": repository }, ofRun);
        assert.deepEqual(mirrors(mirrored), ["/rory-deployment"]);
    });

    it("registers nothing when a setting is wrong, and says which", async () => {
        let registered: Registered[] | undefined;
        await assert.rejects(
            async () => {
                registered = await run({ ...stackFile("staging"), "relaypacs:awsAccountId": "12345" }, ofRun);
            },
            (error: Error) => {
                assert.ok(pulumi.RunError.isInstance(error), "the engine would print a stack trace");
                assert.equal(
                    error.message,
                    'relaypacs:awsAccountId is "12345"; it must be an AWS account id: 12 digits in quotes.',
                );
                return true;
            },
        );
        assert.equal(registered, undefined);
    });

    it("registers the Release before everything that it may change, and lets all of that wait for it", () => {
        const { inputs } = only(resources, "relaypacs:delivery:Release");
        assert.equal(inputs.checkpoint, "staging");
        const components = resources.filter((one) => !one.custom && one.parent === "" && one.name !== "gates");
        assert.ok(components.length >= 11);
        for (const { dependencies, name } of components) assert.ok(dependencies.includes("gates"), name);
        const others = resources.filter((one) => !one.type.startsWith("pulumi:providers:"));
        assert.deepEqual(
            others.slice(0, 2).map((one) => `${one.type} ${one.name}`),
            ["relaypacs:delivery:Release gates", "pulumi:index:Stash gates"],
        );
    });

    it("registers nothing when a release fails a gate, and says which", async () => {
        const bare = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-program-"));
        let registered: Registered[] | undefined;
        writeEvidence(bare, freshEvidence({ integration: { missing: true } }));
        try {
            await assert.rejects(
                async () => {
                    registered = await run(stackFile("staging"), { ...ofRun, RELAYPACS_EVIDENCE_FOLDER: bare });
                },
                (error: Error) => {
                    assert.ok(pulumi.RunError.isInstance(error), "the engine would print a stack trace");
                    assert.equal(
                        error.message,
                        "Release 1.4.2 may not change staging, and nothing was changed:\n" +
                            "  - Integration tests: Integration test evidence is missing (accepted: 100 % of the tests that ran).",
                    );
                    return true;
                },
            );
            assert.equal(registered, undefined);
        } finally {
            fs.rmSync(bare, { recursive: true });
        }
    });

    it("makes all but the release before the first image exists", async () => {
        const { RELAYPACS_RELEASE: _, ...secrets } = ofRun;
        const bootstrapped = await run({ ...stackFile("staging"), "relaypacs:bootstrap": "true" }, secrets);
        assert.deepEqual(deploymentsIn(bootstrapped, "relaypacs-staging"), []);
        assert.equal(ofType(bootstrapped, "aws:ecr/repository:Repository").length, 2 + toolNames.length);
    });

    it("uses, and doesn't declare, what another stack owns", async () => {
        const config = { ...stackFile("staging"), "relaypacs:sharedResources": "use" };
        const used = await run(config, ofRun);
        for (const type of [
            "aws:ecr/repository:Repository",
            "aws:s3/bucket:Bucket",
            "aws:iam/role:Role",
            "github:index/repository:Repository",
        ]) {
            assert.equal(ofType(used, type).length, 0, type);
        }
        assert.deepEqual(deploymentsIn(used, "relaypacs-staging"), ["backend", "frontend"]);
    });

    describe("for production", () => {
        // A preview: an update follows the rollouts, which needs a cluster.
        const prod = (config: Record<string, string> = {}) =>
            run({ ...stackFile("prod"), ...config }, ofRun, { stack: "prod", preview: true });
        const rollouts = (all: readonly Registered[]) =>
            all
                .filter((one) => one.inputs.kind === "Rollout")
                .map((one) => one.name)
                .sort();

        it("releases each service blue-green, and rolls none", async () => {
            const production = await prod();
            assert.equal(only(production, "relaypacs:delivery:Release").inputs.checkpoint, "production");
            assert.deepEqual(rollouts(production), ["backend", "frontend"]);
            assert.deepEqual(deploymentsIn(production, "relaypacs-prod"), []);
            assert.equal(ofType(production, "relaypacs:cluster:ClusterServices").length, 1);
            assert.equal(ofType(production, "relaypacs:security:EvidenceSigningKey").length, 0);
        });

        it("goes back by a role and a GitHub environment of its own, and keeps its secrets open to that role", async () => {
            const production = await prod();
            const roleOf = (one: Registered) => String(one.inputs.value).split("/")[1];
            assert.deepEqual(
                ofType(production, "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable")
                    .filter(({ inputs }) => inputs.variableName === "DEPLOY_ROLE")
                    .map((one) => [one.inputs.environment, roleOf(one)]),
                [
                    ["production", "relaypacs-deploy-prod"],
                    ["production-rollback", "relaypacs-rollback-prod"],
                ],
            );
            for (const type of ["ActionsEnvironmentVariable", "ActionsEnvironmentSecret"]) {
                const names = (environment: string) =>
                    ofType(production, `github:index/a${type.slice(1)}:${type}`)
                        .filter(({ inputs }) => inputs.environment === environment)
                        .map(({ inputs }) => inputs.variableName ?? inputs.secretName);
                assert.deepEqual(names("production-rollback"), names("production"));
                assert.ok(names("production").length > 0);
            }
            const policies = ofType(production, "aws:secretsmanager/secretPolicy:SecretPolicy");
            assert.ok(policies.length > 0);
            for (const { inputs } of policies)
                assert.match(String(inputs.policy), /role\/relaypacs-deploy-prod".*role\/relaypacs-rollback-prod"/);
        });

        it("has a certificate issued, and a way in by the settings", async () => {
            const certificates = (all: readonly Registered[]) => all.filter((one) => one.inputs.kind === "Certificate");
            const [certificate] = certificates(await prod());
            assert.match(JSON.stringify(certificate?.inputs.spec), /"name":"letsencrypt"/);
            const other = await prod({
                "relaypacs:certificateIssuer": "none",
                "relaypacs:ingressService": JSON.stringify({ type: "LoadBalancer", annotations: { internal: "yes" } }),
            });
            assert.deepEqual(certificates(other), []);
            const { metadata, spec } = only(other, "kubernetes:core/v1:Service", "traefik-prod").inputs;
            assert.equal((spec as { type: string }).type, "LoadBalancer");
            assert.deepEqual((metadata as { annotations: object }).annotations, { internal: "yes" });
        });

        it("uses the cluster's own services where it has them", async () => {
            const production = await prod({
                "relaypacs:clusterServices": "use",
                "relaypacs:prometheusUrl": "http://prometheus.example.svc:9090",
            });
            assert.equal(ofType(production, "relaypacs:cluster:ClusterServices").length, 0);
            assert.deepEqual(rollouts(production), ["backend", "frontend"]);
            const analyses = production.filter((one) => one.inputs.kind === "AnalysisTemplate");
            const addresses = JSON.stringify(analyses).match(/http:\/\/prometheus[^"]+/g) ?? [];
            assert.deepEqual([...new Set(addresses)], ["http://prometheus.example.svc:9090"]);
        });
    });
});
