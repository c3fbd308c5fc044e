import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { toolNames } from "../../settings/schema";
import { freshEvidence, writeEvidence } from "../delivery/gates/support/fresh";
import { evidenceFolder, pipelineVariables, runProgram } from "./run-program";
import { ofType, only, type Registered } from "../support/harness";
import { stackFile } from "../support/stack-file";

/** Names of the Deployments in a namespace. */
const deploymentsIn = (resources: readonly Registered[], namespace: string): string[] =>
    ofType(resources, "kubernetes:apps/v1:Deployment")
        .filter((one) => (one.inputs.metadata as { readonly namespace?: string }).namespace === namespace)
        .map((one) => one.name)
        .sort();

describe("The program", () => {
    let resources: Registered[] = [];
    before(async () => {
        writeEvidence(evidenceFolder, freshEvidence());
        resources = await runProgram(stackFile("staging"), pipelineVariables);
    });

    it("should register every component of the platform for staging", () => {
        const components = resources
            .filter((one) => !one.custom && one.parent === "")
            .map((one) => `${one.type} ${one.name}`);
        assert.deepEqual(components.sort(), [
            "relaypacs:cluster:ClusterServices cluster-services",
            "relaypacs:delivery:Release gates",
            "relaypacs:delivery:ServiceRelease release",
            "relaypacs:environment:DatabaseBackup database-backup",
            "relaypacs:environment:EnvironmentNamespace staging",
            "relaypacs:governance:EnvironmentCredentials drift-prod-credentials",
            "relaypacs:governance:EnvironmentCredentials drift-staging-credentials",
            "relaypacs:governance:EnvironmentCredentials preview-prod-credentials",
            "relaypacs:governance:EnvironmentCredentials preview-staging-credentials",
            "relaypacs:governance:EnvironmentCredentials staging-credentials",
            "relaypacs:governance:RepositoryGovernance repository",
            "relaypacs:identity:BackupRole database-backup-prod",
            "relaypacs:identity:BackupRole database-backup-staging",
            "relaypacs:identity:PipelineIdentity pipeline",
            "relaypacs:identity:RehearsalRole restore-rehearsal",
            "relaypacs:registry:ContainerRegistry registry",
            "relaypacs:secrets:SecretStore staging-secrets",
            "relaypacs:security:EvidenceSigningKey pipeline-evidence",
            "relaypacs:security:EvidenceSigningKey production-evidence",
            "relaypacs:security:EvidenceSigningKey staging-evidence",
            "relaypacs:storage:ArtifactStore artifacts",
            "relaypacs:storage:BackupStore database-backups",
        ]);
    });

    it("should put every resource except the three providers into a component", () => {
        assert.deepEqual(
            resources
                .filter((one) => one.custom && one.parent === "")
                .map((one) => one.type)
                .sort(),
            ["pulumi:providers:aws", "pulumi:providers:github", "pulumi:providers:kubernetes"],
        );
    });

    it("should work in the configured account only", () => {
        const provider = ofType(resources, "pulumi:providers:aws")[0]!;
        assert.deepEqual(JSON.parse(String(provider.inputs.allowedAccountIds)), ["123456789012"]);
    });

    it("should show no secret outside a Pulumi secret", () => {
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

    it("should tell the workflows who moves staging, where an actor is named", async () => {
        const mirrors = (all: readonly Registered[]) =>
            ofType(all, "github:index/actionsVariable:ActionsVariable")
                .filter(({ inputs }) => inputs.variableName === "STAGING_MIRROR")
                .map(({ inputs }) => inputs.value);
        assert.deepEqual(mirrors(resources), []);
        const repository = JSON.stringify({ owner: "relaypacs", name: "gateway", stagingMirror: "/rory-deployment" });
        const mirrored = await runProgram(
            { ...stackFile("staging"), "relaypacs:repository": repository },
            pipelineVariables,
        );
        assert.deepEqual(mirrors(mirrored), ["/rory-deployment"]);
    });

    /** The subject that each role of the pipeline trusts, by the role's name. */
    const subjectsOf = (all: readonly Registered[]) =>
        Object.fromEntries(
            ofType(all, "aws:iam/role:Role").flatMap(({ inputs }) => {
                const { Statement } = JSON.parse(String(inputs.assumeRolePolicy)) as {
                    Statement: { Condition: { StringEquals: Record<string, string> } }[];
                };
                const subject = Statement[0]!.Condition.StringEquals["token.actions.githubusercontent.com:sub"];
                // Pods take the roles of backups.
                if (/^relaypacs-(database-backup|restore-rehearsal)-/.test(String(inputs.name))) return [];
                return [[String(inputs.name), subject!.replace(/:(environment|ref):.*/, "")]];
            }),
        );

    it("should trust the subjects with the ids that GitHub gives", () => {
        const subjects = subjectsOf(resources);
        assert.equal(subjects["relaypacs-deploy-staging"], "repo:relaypacs@123456/gateway@456789");
        assert.equal(subjects["relaypacs-preview-prod"], "repo:relaypacs@123456/platform@345678");
        assert.equal(new Set(Object.values(subjects)).size, 2);
    });

    for (const [format, of] of [
        [{ subjectFormat: "names" }, ["repo:relaypacs/gateway", "repo:relaypacs@123456/platform@345678"]],
        [{ platformSubjectFormat: "names" }, ["repo:relaypacs@123456/gateway@456789", "repo:relaypacs/platform"]],
    ] as const)
        it(`should trust names alone where a repository still sends them (${Object.keys(format)[0]!})`, async () => {
            const repository = JSON.stringify({ owner: "relaypacs", name: "gateway", ...format });
            const subjects = subjectsOf(
                await runProgram({ ...stackFile("staging"), "relaypacs:repository": repository }, pipelineVariables),
            );
            assert.deepEqual([subjects["relaypacs-publish"], subjects["relaypacs-preview-staging"]], of);
        });

    it("should trust the workflows at the commits of the setting, and tell the workflows of them", async () => {
        const commits = ["a".repeat(40), "b".repeat(40)];
        const all = await runProgram(stackFile("staging"), {
            ...pipelineVariables,
            RELAYPACS_WORKFLOW_COMMITS: JSON.stringify(commits),
        });
        const { inputs } = only(all, "aws:iam/role:Role", "pipeline-publish");
        for (const commit of commits)
            assert.ok(
                String(inputs.assumeRolePolicy).includes(`relaypacs/platform/.github/workflows/publish.yml@${commit}`),
            );
        const [told] = ofType(all, "github:index/actionsVariable:ActionsVariable").filter(
            (one) => one.inputs.variableName === "WORKFLOW_COMMITS",
        );
        assert.deepEqual(JSON.parse(String(told!.inputs.value)), commits);
    });

    it("should register nothing when a setting is wrong, and name the setting", async () => {
        let registered: Registered[] | undefined;
        await assert.rejects(
            async () => {
                registered = await runProgram(
                    { ...stackFile("staging"), "relaypacs:awsAccountId": "12345" },
                    pipelineVariables,
                );
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

    it("should register the gate of the release before everything that the release may change, which depends on it", () => {
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

    it("should register nothing when a release fails a gate, and name the gate", async () => {
        const bare = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-program-"));
        let registered: Registered[] | undefined;
        writeEvidence(bare, freshEvidence({ integration: { missing: true } }));
        try {
            await assert.rejects(
                async () => {
                    registered = await runProgram(stackFile("staging"), {
                        ...pipelineVariables,
                        RELAYPACS_EVIDENCE_FOLDER: bare,
                    });
                },
                (error: Error) => {
                    assert.ok(pulumi.RunError.isInstance(error), "the engine would print a stack trace");
                    assert.equal(
                        error.message,
                        "Release 1.4.2 may not change staging, and nothing was changed:\n" +
                            "  - Integration tests: Integration test evidence is missing (accepted: 100 % of the tests, of which at most 10 % are skipped).",
                    );
                    return true;
                },
            );
            assert.equal(registered, undefined);
        } finally {
            fs.rmSync(bare, { recursive: true });
        }
    });

    it("should make the repository of a service that the release does not hold yet, and run the others", async () => {
        const settings = stackFile("staging");
        const services = JSON.parse(settings["relaypacs:services"]!) as object[];
        const third = JSON.stringify([...services, { name: "viewer", routes: ["/viewer"] }]);
        const with3 = await runProgram({ ...settings, "relaypacs:services": third }, pipelineVariables);
        const repositories = ofType(with3, "aws:ecr/repository:Repository").map(({ inputs }) => inputs.name);
        assert.ok(repositories.includes("relaypacs/viewer"), repositories.join(", "));
        assert.deepEqual(deploymentsIn(with3, "relaypacs-staging"), ["backend", "frontend"]);
        const [ingress] = ofType(with3, "kubernetes:networking.k8s.io/v1:Ingress");
        assert.doesNotMatch(JSON.stringify(ingress?.inputs), /viewer/);
    });

    it("should begin to migrate once the operator has brought the Secret", async () => {
        const variables = { ...pipelineVariables, RELAYPACS_SECRET_DELIVERY: "externalSecrets" };
        const delegated = await runProgram(stackFile("staging"), variables);
        // The Job is registered after its component, and that after what it depends on is ready.
        const { dependencies } = only(delegated, "relaypacs:delivery:DatabaseMigration");
        assert.ok(dependencies.includes("backend-migration-secrets"), dependencies.join(", "));
        const type = "kubernetes:external-secrets.io/v1:ExternalSecret";
        const { metadata } = only(delegated, type, "backend-migration-secrets").inputs;
        const { annotations } = metadata as { readonly annotations: Readonly<Record<string, string>> };
        assert.equal(annotations["pulumi.com/waitFor"], "condition=Ready");
    });

    it("should create all but the release before the first image exists", async () => {
        const { RELAYPACS_RELEASE: _, ...secrets } = pipelineVariables;
        const bootstrapped = await runProgram({ ...stackFile("staging"), "relaypacs:bootstrap": "true" }, secrets);
        assert.deepEqual(deploymentsIn(bootstrapped, "relaypacs-staging"), []);
        assert.equal(ofType(bootstrapped, "aws:ecr/repository:Repository").length, 3 + toolNames.length);
    });

    it("should declare nothing of backups where the setting is absent", async () => {
        const { RELAYPACS_DATABASE_BACKUP: _, ...others } = pipelineVariables;
        const without = await runProgram(stackFile("staging"), others);
        // Previews may describe them in any case.
        const names = without
            .filter(({ type }) => !/RolePolicy$/.test(type))
            .map(({ type, name }) => `${type} ${name}`);
        assert.deepEqual(
            names.filter((one) => /backup|CronJob|rehearsal/i.test(one)),
            [],
        );
    });

    it("should use, and not declare, what another stack owns", async () => {
        const config = { ...stackFile("staging"), "relaypacs:sharedResources": "use" };
        const used = await runProgram(config, pipelineVariables);
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
            runProgram({ ...stackFile("prod"), ...config }, pipelineVariables, { stack: "prod", preview: true });
        const rollouts = (all: readonly Registered[]) =>
            all
                .filter((one) => one.inputs.kind === "Rollout")
                .map((one) => one.name)
                .sort();

        it("should release each service blue-green, and none by a rolling deployment", async () => {
            const production = await prod();
            assert.equal(only(production, "relaypacs:delivery:Release").inputs.checkpoint, "production");
            assert.deepEqual(rollouts(production), ["backend", "frontend"]);
            assert.deepEqual(deploymentsIn(production, "relaypacs-prod"), []);
            assert.equal(ofType(production, "relaypacs:cluster:ClusterServices").length, 1);
            assert.equal(ofType(production, "relaypacs:security:EvidenceSigningKey").length, 0);
        });

        it("should roll back with a role and a GitHub environment of its own, and let that role read its secrets", async () => {
            const production = await prod();
            const roleOf = (one: Registered) => String(one.inputs.value).split("/")[1];
            assert.deepEqual(
                ofType(production, "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable")
                    .filter(({ inputs }) => inputs.variableName === "DEPLOY_ROLE")
                    .map((one) => [one.inputs.environment, roleOf(one)]),
                [
                    ["production-deployment", "relaypacs-deploy-prod"],
                    ["production-rollback", "relaypacs-rollback-prod"],
                ],
            );
            for (const type of ["ActionsEnvironmentVariable", "ActionsEnvironmentSecret"]) {
                const names = (environment: string) =>
                    ofType(production, `github:index/a${type.slice(1)}:${type}`)
                        .filter(({ inputs }) => inputs.environment === environment)
                        .map(({ inputs }) => inputs.variableName ?? inputs.secretName);
                assert.deepEqual(names("production-rollback"), names("production-deployment"));
                assert.ok(names("production-deployment").length > 0);
                // What is there could be used while the release still waits for its approver.
                assert.deepEqual(names("production"), []);
            }
            const policies = ofType(production, "aws:secretsmanager/secretPolicy:SecretPolicy");
            assert.ok(policies.length > 0);
            for (const { inputs } of policies)
                assert.match(String(inputs.policy), /role\/relaypacs-deploy-prod".*role\/relaypacs-rollback-prod"/);
        });

        it("should request a certificate, and configure the ingress controller by the settings", async () => {
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
            assert.deepEqual((metadata as { annotations: object }).annotations, {
                internal: "yes",
                "pulumi.com/patchForce": "true",
            });
        });

        it("should use the cluster's own services where it has them", async () => {
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
