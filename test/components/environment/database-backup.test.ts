import * as assert from "node:assert/strict";
import { DatabaseBackup } from "../../../components/environment/database-backup";
import { EnvironmentNamespace } from "../../../components/environment/environment-namespace";
import { quotaFor } from "../../../components/shared/resource-quota";
import { assertWellFormed, deploy, ofType, only } from "../../support/harness";

const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/database-backup@sha256:${"0".repeat(64)}`;
const bucket = "relaypacs-database-backups-123456789012-us-east-1";

const register = (environment: "staging" | "prod" = "prod") =>
    deploy(
        () =>
            new DatabaseBackup("database-backup", {
                environment,
                namespace: `relaypacs-${environment}`,
                delivery: "kubernetesSecret",
                region: "us-east-1",
                entries: { "database-url": { versionId: "1", value: "postgresql://user:secret@host/db" } },
                image,
                bucket,
                schedule: "15 */4 * * *",
                scratchGibibytes: 20,
            }),
    );

interface Spec {
    readonly suspend: boolean;
    readonly schedule: string;
    readonly timeZone: string;
    readonly concurrencyPolicy: string;
    readonly jobTemplate: {
        readonly spec: {
            readonly backoffLimit: number;
            readonly activeDeadlineSeconds: number;
            readonly template: {
                readonly metadata: object;
                readonly spec: Readonly<Record<string, unknown>> & {
                    readonly containers: readonly Readonly<Record<string, unknown>>[];
                };
            };
        };
    };
}

describe("DatabaseBackup", () => {
    it("should run the command on schedule, one at a time, bounded, with the image by digest", async () => {
        const resources = await register();
        assertWellFormed(resources, "database-backup");
        const spec = only(resources, "kubernetes:batch/v1:CronJob").inputs.spec as Spec;
        assert.deepEqual([spec.schedule, spec.timeZone, spec.concurrencyPolicy], ["15 */4 * * *", "Etc/UTC", "Forbid"]);
        const job = spec.jobTemplate.spec;
        assert.deepEqual([job.backoffLimit, job.activeDeadlineSeconds], [2, 3600]);
        const [container, ...others] = job.template.spec.containers;
        assert.deepEqual(others, []);
        assert.equal(container?.image, image);
        assert.deepEqual(container.args, ["backup-database", "prod", "--bucket", bucket]);
    });

    it("should harden the pod, and give it no password but by its Secret", async () => {
        const resources = await register();
        const spec = only(resources, "kubernetes:batch/v1:CronJob").inputs.spec as Spec;
        const pod = spec.jobTemplate.spec.template.spec;
        assert.deepEqual(
            [pod.serviceAccountName, pod.automountServiceAccountToken, pod.enableServiceLinks, pod.restartPolicy],
            ["database-backup", false, false, "Never"],
        );
        assert.equal((pod.securityContext as Record<string, unknown>).runAsNonRoot, true);
        const [container] = pod.containers;
        assert.deepEqual(container?.securityContext, {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
        });
        assert.deepEqual(container.env, [{ name: "AWS_REGION", value: "us-east-1" }]);
        assert.ok(!JSON.stringify(spec).includes("secret@"), "the password is in the CronJob");
        const secret = only(resources, "kubernetes:core/v1:Secret");
        // As the engine marks a secret.
        const { value } = secret.inputs.stringData as { readonly value: object };
        assert.deepEqual(Object.keys(value), ["DATABASE_URL"]);
    });

    it("should limit the disk that a dump may take", async () => {
        const spec = only(await register(), "kubernetes:batch/v1:CronJob").inputs.spec as Spec;
        const { containers, volumes } = spec.jobTemplate.spec.template.spec;
        assert.deepEqual(volumes, [{ name: "tmp", emptyDir: { sizeLimit: "20Gi" } }]);
        assert.deepEqual((containers[0]?.resources as Record<string, unknown>).limits, {
            cpu: "1000m",
            memory: "512Mi",
            "ephemeral-storage": "20Gi",
        });
    });
});

describe("DatabaseBackup in staging", () => {
    it("should rehearse a restore when a workflow asks for it: once, bounded, by an account of its own", async () => {
        const resources = await register("staging");
        assertWellFormed(resources, "database-backup");
        const { metadata, spec } = only(resources, "kubernetes:batch/v1:CronJob", "database-backup-rehearsal").inputs;
        assert.equal((metadata as { readonly name: string }).name, "restore-rehearsal");
        const { suspend, jobTemplate } = spec as Spec;
        assert.equal(suspend, true);
        const { activeDeadlineSeconds, backoffLimit, template } = jobTemplate.spec;
        assert.deepEqual([backoffLimit, activeDeadlineSeconds], [0, 3600]);
        assert.deepEqual(template.metadata, { labels: { "app.kubernetes.io/component": "restore-rehearsal" } });
        assert.equal(template.spec.serviceAccountName, "restore-rehearsal");
        assert.deepEqual(template.spec.containers[0]?.args, [
            ...["restore-database", "staging", "--rehearse", "--bucket", bucket],
        ]);
        const backup = only(resources, "kubernetes:batch/v1:CronJob", "database-backup").inputs.spec as Spec;
        assert.equal(backup.suspend, false);
    });

    it("should rehearse nothing in production, beside its database", async () => {
        const spec = only(await register(), "kubernetes:batch/v1:CronJob").inputs.spec as Spec;
        assert.equal(spec.suspend, false);
        assert.ok(!JSON.stringify(spec).includes("--rehearse"));
    });
});

describe("EnvironmentNamespace with backups", () => {
    const namespace = (
        backup?: { readonly storageCidrs: readonly string[] },
        environment: "staging" | "prod" = "prod",
    ) =>
        deploy(
            () =>
                new EnvironmentNamespace(environment, {
                    environment,
                    services: [],
                    strategy: "blueGreen",
                    ingressNamespace: "traefik",
                    monitoringNamespace: "monitoring",
                    database: { cidrs: ["10.20.0.0/22"], port: 5432 },
                    backup,
                }),
        );
    const rulesOf = (resources: Awaited<ReturnType<typeof namespace>>) =>
        ofType(resources, "kubernetes:rbac.authorization.k8s.io/v1:Role").flatMap(
            ({ inputs }) => inputs.rules as readonly { readonly resources: readonly string[] }[],
        );

    it("should let the pods reach the database, the store and what gives them their role, and no more", async () => {
        const resources = await namespace({ storageCidrs: ["10.20.4.0/24"] });
        const policy = only(resources, "kubernetes:networking.k8s.io/v1:NetworkPolicy", "prod-database-backup");
        const to = (cidr: string, port: number) => ({
            to: [{ ipBlock: { cidr } }],
            ports: [{ protocol: "TCP", port }],
        });
        assert.deepEqual(policy.inputs.spec, {
            podSelector: { matchLabels: { "app.kubernetes.io/component": "database-backup" } },
            policyTypes: ["Egress"],
            egress: [to("10.20.0.0/22", 5432), to("10.20.4.0/24", 443), to("169.254.170.23/32", 80)],
        });
        const account = only(resources, "kubernetes:core/v1:ServiceAccount", "prod-database-backup").inputs;
        assert.equal(account.automountServiceAccountToken, false);
    });

    it("should let staging's rehearsal reach the same, with an account of its own, and production have none", async () => {
        const backup = { storageCidrs: ["10.20.4.0/24"] };
        const [staging, prod] = [await namespace(backup, "staging"), await namespace(backup)];
        const spec = (name: string) =>
            only(staging, "kubernetes:networking.k8s.io/v1:NetworkPolicy", `staging-${name}`).inputs.spec as object;
        assert.deepEqual(spec("restore-rehearsal"), {
            ...spec("database-backup"),
            podSelector: { matchLabels: { "app.kubernetes.io/component": "restore-rehearsal" } },
        });
        only(staging, "kubernetes:core/v1:ServiceAccount", "staging-restore-rehearsal");
        assert.deepEqual(
            prod.filter(({ name }) => name.includes("rehearsal")),
            [],
        );
        const pods = (of: typeof staging) =>
            (only(of, "kubernetes:core/v1:ResourceQuota").inputs.spec as { hard: { pods: string } }).hard.pods;
        assert.deepEqual([pods(staging), pods(prod)], ["2", "1"]);
    });

    it("should have room and rights for backups only where there are any", async () => {
        const cronJobs = (rules: ReturnType<typeof rulesOf>) =>
            rules.filter((one) => one.resources.includes("cronjobs"));
        const without = await namespace();
        assert.equal(cronJobs(rulesOf(without)).length, 0);
        assert.equal(
            ofType(without, "kubernetes:core/v1:ServiceAccount").some(({ name }) => /backup/.test(name)),
            false,
        );
        assert.equal(
            ofType(without, "kubernetes:networking.k8s.io/v1:NetworkPolicy").some(({ name }) => /backup/.test(name)),
            false,
        );
        assert.equal(cronJobs(rulesOf(await namespace({ storageCidrs: ["10.20.4.0/24"] }))).length, 2);
        assert.deepEqual(quotaFor([], "rolling", 1), {
            ...quotaFor([]),
            pods: "1",
            "requests.cpu": "100m",
            "limits.cpu": "1000m",
            "requests.memory": "256Mi",
            "limits.memory": "512Mi",
        });
    });
});
