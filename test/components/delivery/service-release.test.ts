import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ServiceRelease } from "../../../components/delivery/service-release";
import { assertWellFormed, deploy, ofType, only, secretValue } from "../../support/harness";

const digest = (of: string) =>
    `123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/${of}@sha256:${"0123456789abcdef".repeat(4)}`;
const common = {
    healthPath: "/health",
    replicas: 2,
    resources: { cpuRequest: "100m", cpuLimit: "500m", memoryRequest: "128Mi", memoryLimit: "256Mi" },
    environment: { LOG_LEVEL: "info" },
};
const args = {
    environment: "staging",
    region: "us-east-1",
    namespace: "relaypacs-staging",
    services: [
        { ...common, name: "backend", port: 8000, routes: ["/api", "/health"], database: true },
        { ...common, name: "frontend", port: 8080, routes: ["/"], database: false },
    ],
    version: "1.4.2",
    images: { backend: digest("backend"), frontend: digest("frontend") },
    secretDelivery: "kubernetesSecret" as const,
    secrets: {
        "database-url": { versionId: "version-1", value: pulumi.secret("url") },
        "application-secret-key": { versionId: "version-2", value: pulumi.secret("key") },
    },
    hostname: "staging.relaypacs.com",
    ingressClass: "traefik",
    rolloutTimeoutSeconds: 300,
    migrationTimeoutSeconds: 120,
};
interface Pod {
    metadata: { labels: Record<string, string> };
    spec: Record<string, unknown> & { containers: Record<string, unknown>[] };
}
const deploymentOf = "kubernetes:apps/v1:Deployment";
const podOf = (inputs: Readonly<Record<string, unknown>>) => (inputs.spec as { template: Pod }).template;

describe("ServiceRelease", () => {
    it("should replace pods one by one, each new one ready before an old one is removed", async () => {
        const resources = await deploy(() => new ServiceRelease("release", args));
        assertWellFormed(resources, "release");
        const spec = only(resources, deploymentOf, "backend").inputs.spec as Record<string, unknown>;
        assert.equal(spec.replicas, 2);
        assert.deepEqual(spec.strategy, { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
        assert.equal(spec.progressDeadlineSeconds, 300);
    });

    it("should probe readiness as the specification says", async () => {
        const resources = await deploy(() => new ServiceRelease("release", args));
        const [container] = podOf(only(resources, deploymentOf, "backend").inputs).spec.containers;
        assert.deepEqual(container!.readinessProbe, {
            httpGet: { path: "/health", port: 8000 },
            initialDelaySeconds: 10,
            periodSeconds: 5,
            failureThreshold: 3,
        });
        assert.deepEqual(container!.lifecycle, { preStop: { sleep: { seconds: 5 } } });
        assert.equal(container!.image, digest("backend"));
    });

    it("should run every pod within the restricted standard", async () => {
        const resources = await deploy(() => new ServiceRelease("release", args));
        const workloads = [...ofType(resources, deploymentOf), ...ofType(resources, "kubernetes:batch/v1:Job")];
        assert.equal(workloads.length, 3);
        for (const { inputs } of workloads) {
            const { spec } = podOf(inputs);
            assert.equal(spec.automountServiceAccountToken, false);
            assert.deepEqual(spec.securityContext, {
                runAsNonRoot: true,
                runAsUser: 65532,
                runAsGroup: 65532,
                fsGroup: 65532,
                seccompProfile: { type: "RuntimeDefault" },
            });
            for (const container of spec.containers) {
                assert.deepEqual(container.securityContext, {
                    allowPrivilegeEscalation: false,
                    capabilities: { drop: ["ALL"] },
                    readOnlyRootFilesystem: true,
                });
                assert.deepEqual(container.resources, {
                    requests: { cpu: "100m", memory: "128Mi", "ephemeral-storage": "64Mi" },
                    limits: { cpu: "500m", memory: "256Mi", "ephemeral-storage": "256Mi" },
                });
            }
        }
    });

    it("should migrate the database with the new image before any service changes", async () => {
        const resources = await deploy(() => new ServiceRelease("release", args));
        const job = only(resources, "kubernetes:batch/v1:Job");
        const metadata = job.inputs.metadata as { name: string; annotations: Record<string, string> };
        assert.equal(metadata.name, "backend-migration-0123456789ab");
        assert.deepEqual(metadata.annotations, {
            "pulumi.com/replaceUnready": "true",
            "pulumi.com/timeoutSeconds": "150",
        });
        const spec = job.inputs.spec as Record<string, unknown>;
        assert.deepEqual([spec.backoffLimit, spec.activeDeadlineSeconds], [0, 120]);
        const [container] = podOf(job.inputs).spec.containers;
        assert.deepEqual([container!.command, container!.args], [["alembic"], ["upgrade", "head"]]);
        const order = resources.map((one) => one.name);
        for (const service of ["backend", "frontend"]) {
            const component = only(resources, "relaypacs:delivery:RollingDeployment", service);
            assert.ok(
                component.dependencies.includes("backend-migration"),
                `${service} doesn't wait for the migration`,
            );
            assert.ok(order.indexOf(service) > order.indexOf("backend-migration"));
        }
    });

    it("should not wait for a lock for longer than five seconds while it migrates, unless the service says so", async () => {
        const optionsOf = async (environment: Record<string, string>) => {
            const services = args.services.map((one) => ({ ...one, environment }));
            const resources = await deploy(() => new ServiceRelease("release", { ...args, services }));
            const [container] = podOf(only(resources, "kubernetes:batch/v1:Job").inputs).spec.containers;
            return container!.env;
        };
        assert.deepEqual(await optionsOf({ LOG_LEVEL: "info" }), [
            { name: "PGOPTIONS", value: "-c lock_timeout=5s" },
            { name: "LOG_LEVEL", value: "info" },
        ]);
        const own = { PGOPTIONS: "-c lock_timeout=1s" };
        assert.deepEqual(await optionsOf(own), [{ name: "PGOPTIONS", value: own.PGOPTIONS }]);
    });

    it("should declare pods as Kubernetes writes them back", async () => {
        const resources = await deploy(
            () =>
                new ServiceRelease("release", {
                    ...args,
                    services: args.services.map((one) => ({
                        ...one,
                        environment: { TRACE: "", LOG_LEVEL: "info" },
                        resources: {
                            cpuRequest: "1000m",
                            cpuLimit: "1500m",
                            memoryRequest: "1024Mi",
                            memoryLimit: "1048576Mi",
                        },
                    })),
                }),
        );
        const [container] = podOf(only(resources, deploymentOf, "backend").inputs).spec.containers;
        assert.deepEqual((container!.env as object[]).slice(1), [
            { name: "TRACE" },
            { name: "LOG_LEVEL", value: "info" },
        ]);
        assert.deepEqual(container!.resources, {
            requests: { cpu: "1", memory: "1Gi", "ephemeral-storage": "64Mi" },
            limits: { cpu: "1500m", memory: "1Ti", "ephemeral-storage": "256Mi" },
        });
    });

    it("should migrate nothing in a rollback, and still replace the services", async () => {
        const resources = await deploy(() => new ServiceRelease("release", { ...args, migrate: false }));
        assertWellFormed(resources, "release");
        assert.deepEqual(ofType(resources, "kubernetes:batch/v1:Job"), []);
        assert.deepEqual(ofType(resources, "relaypacs:delivery:DatabaseMigration"), []);
        assert.equal(ofType(resources, deploymentOf).length, 2);
    });

    it("should give credentials to the service with a database only", async () => {
        const resources = await deploy(() => new ServiceRelease("release", args));
        const from = (name: string) => podOf(only(resources, deploymentOf, name).inputs).spec.containers[0]!.envFrom;
        assert.deepEqual(from("backend"), [{ secretRef: { name: "backend-secrets-0a1b2c3d" } }]);
        assert.equal(from("frontend"), undefined);
        assert.deepEqual(
            new Set(ofType(resources, "kubernetes:core/v1:Secret").map(({ name }) => name)),
            new Set(["backend-secrets", "backend-migration-secrets"]),
        );
    });

    it("should not repeat a migration because a secret has changed", async () => {
        const jobWith = async (version: string, value: string) => {
            const secrets = { ...args.secrets, "database-url": { versionId: version, value: pulumi.secret(value) } };
            const resources = await deploy(() => new ServiceRelease("release", { ...args, secrets }));
            const secret = only(resources, "kubernetes:core/v1:Secret", "backend-migration-secrets").inputs;
            assert.deepEqual(secretValue(secret.stringData), { DATABASE_URL: value, SECRET_KEY: "key" });
            const migration = only(resources, "relaypacs:delivery:DatabaseMigration");
            assert.ok(migration.dependencies.includes("backend-migration-secrets"));
            return only(resources, "kubernetes:batch/v1:Job").inputs;
        };
        const [before, after] = [await jobWith("version-1", "url"), await jobWith("version-3", "rotated")];
        assert.deepEqual(after, before);
        assert.deepEqual(podOf(after).spec.containers[0]!.envFrom, [
            { secretRef: { name: "backend-migration-secrets" } },
        ]);
    });

    it("should leave no earlier Secret behind where services are rolled", async () => {
        const resources = await deploy(() => new ServiceRelease("release", args));
        assert.equal(only(resources, "kubernetes:core/v1:Secret", "backend-secrets").retainOnDelete, false);
    });

    it("should tolerate one evicted pod per service and select no migration pod", async () => {
        const resources = await deploy(() => new ServiceRelease("release", args));
        const budget = only(resources, "kubernetes:policy/v1:PodDisruptionBudget", "backend").inputs.spec;
        const labels = { "app.kubernetes.io/name": "backend", "app.kubernetes.io/component": "server" };
        assert.deepEqual(budget, {
            maxUnavailable: 1,
            unhealthyPodEvictionPolicy: "AlwaysAllow",
            selector: { matchLabels: labels },
        });
        const service = only(resources, "kubernetes:core/v1:Service", "backend").inputs.spec as Record<string, unknown>;
        assert.deepEqual([service.type, service.selector], ["ClusterIP", labels]);
        const job = podOf(only(resources, "kubernetes:batch/v1:Job").inputs).metadata.labels;
        assert.equal(job["app.kubernetes.io/component"], "migration");
    });

    it("should answer the public host by TLS on every route", async () => {
        const resources = await deploy(() => new ServiceRelease("release", args));
        const spec = only(resources, "kubernetes:networking.k8s.io/v1:Ingress").inputs.spec as {
            tls: unknown;
            rules: { http: { paths: { path: string; backend: { service: { name: string } } }[] } }[];
        };
        assert.deepEqual(spec.tls, [{ hosts: ["staging.relaypacs.com"], secretName: "public-tls" }]);
        assert.deepEqual(
            spec.rules[0]!.http.paths.map(({ path, backend }) => [path, backend.service.name]),
            [
                ["/api", "backend"],
                ["/health", "backend"],
                ["/", "frontend"],
            ],
        );
    });

    it("should request a certificate where there is an issuer, and none where there is no issuer", async () => {
        const annotations = async (changes: { certificateIssuer?: string }) => {
            const resources = await deploy(() => new ServiceRelease("release", { ...args, ...changes }));
            const { metadata } = only(resources, "kubernetes:networking.k8s.io/v1:Ingress").inputs;
            return (metadata as { annotations: object }).annotations;
        };
        const unwaited = { "pulumi.com/skipAwait": "true" };
        assert.deepEqual(await annotations({}), unwaited);
        assert.deepEqual(await annotations({ certificateIssuer: "internal" }), {
            "cert-manager.io/cluster-issuer": "internal",
            ...unwaited,
        });
    });

    it("should refuse a service without an image", () => {
        assert.throws(
            () => new ServiceRelease("release", { ...args, images: { backend: digest("backend") } }),
            /^Error: service frontend has no image in the release$/,
        );
    });
});
