import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { EnvironmentNamespace } from "../../../components/environment/environment-namespace";
import { ServiceRelease } from "../../../components/delivery/service-release";
import { args, follow, followed, frontend, image, service, settings } from "./blue-green";
import { violations } from "../../support/guardrails";
import { deploy, ofType, only, secretValue } from "../../support/harness";

/** Namespaces whose Secrets were bound, each with what had been followed until then. */
const bound: unknown[] = [];

describe("ServiceRelease with blue-green", () => {
    const release = {
        environment: "prod",
        region: "us-east-1",
        namespace: "relaypacs-prod",
        services: [service, frontend],
        version: "1.4.2",
        images: { backend: image("backend"), frontend: image("frontend") },
        secretDelivery: "kubernetesSecret" as const,
        secrets: {
            "database-url": { versionId: "version-1", value: pulumi.secret("url") },
            "application-secret-key": { versionId: "version-2", value: pulumi.secret("key") },
            "smoke-username": { versionId: "version-3", value: "smoke-test" },
            "smoke-password": { versionId: "version-4", value: pulumi.secret("password") },
        },
        hostname: "relaypacs.com",
        ingressClass: "traefik",
        rolloutTimeoutSeconds: 300,
        migrationTimeoutSeconds: 120,
        blueGreen: {
            settings,
            prometheusUrl: args.prometheusUrl,
            smokeTestImage: image("smoke-tests"),
            kubernetesContext: undefined,
            follow,
            bindSecrets: (namespace: string) => {
                bound.push([namespace, ...followed].sort());
                return Promise.resolve();
            },
        },
    };

    it("should migrate first, release each service, and stay within the quota and every guardrail", async () => {
        const resources = await deploy(() => {
            new EnvironmentNamespace("prod", {
                environment: "prod",
                strategy: "blueGreen",
                services: [service, frontend],
                ingressNamespace: "traefik",
                monitoringNamespace: "monitoring",
                database: { cidrs: ["10.10.0.0/22"], port: 5432 },
            });
            new ServiceRelease("release", release);
        });
        assert.deepEqual(violations(resources), []);
        for (const name of ["backend", "frontend"]) {
            const component = only(resources, "relaypacs:delivery:BlueGreenDeployment", name);
            assert.ok(component.dependencies.includes("backend-migration"), `${name} doesn't wait for the migration`);
        }
        assert.equal(ofType(resources, "kubernetes:apps/v1:Deployment").length, 0);
        assert.equal(ofType(resources, "kubernetes:networking.k8s.io/v1:Ingress").length, 0);
    });

    it("should answer the public host by TLS, each path by a weighted service", async () => {
        const resources = await deploy(() => new ServiceRelease("release", release));
        assert.deepEqual(only(resources, "kubernetes:traefik.io/v1alpha1:IngressRoute").inputs.spec, {
            entryPoints: ["websecure"],
            routes: [
                ["PathPrefix(`/api`)", "backend"],
                ["PathPrefix(`/health`)", "backend"],
                // Also where the backend's route is missing, the frontend does not answer for it.
                ["PathPrefix(`/`) && !PathPrefix(`/api`) && !PathPrefix(`/health`)", "frontend"],
            ].map(([paths, name]) => ({
                kind: "Rule",
                match: `Host(\`relaypacs.com\`) && ${paths}`,
                services: [{ kind: "TraefikService", name }],
            })),
            tls: { secretName: "public-tls" },
        });
        assert.equal(ofType(resources, "kubernetes:cert-manager.io/v1:Certificate").length, 0);
    });

    it("should request a certificate where there is an issuer", async () => {
        const issued = { ...release, certificateIssuer: "letsencrypt" };
        const resources = await deploy(() => new ServiceRelease("release", issued));
        const { metadata, spec } = only(resources, "kubernetes:cert-manager.io/v1:Certificate").inputs;
        const { annotations } = metadata as { annotations: object };
        assert.deepEqual(
            annotations,
            { "pulumi.com/skipAwait": "true" },
            "the first one comes after the first release",
        );
        assert.deepEqual(spec, {
            secretName: "public-tls",
            dnsNames: ["relaypacs.com"],
            issuerRef: { kind: "ClusterIssuer", name: "letsencrypt" },
        });
    });

    it("should give the smoke tests their user in a Secret, and nothing else", async () => {
        const resources = await deploy(() => new ServiceRelease("release", release));
        const { stringData } = only(resources, "kubernetes:core/v1:Secret", "smoke-tests").inputs;
        assert.deepEqual(secretValue(stringData), { SMOKE_USERNAME: "smoke-test", SMOKE_PASSWORD: "password" });
    });

    it("should output what is deployed once every rollout is complete", async () => {
        followed.length = 0;
        let release_: ServiceRelease | undefined;
        await deploy(() => (release_ = new ServiceRelease("release", release)));
        const deployed = await new Promise((resolve) => release_!.deployed.apply(resolve));
        assert.deepEqual(deployed, { version: "1.4.2", images: release.images });
        assert.deepEqual(followed.sort(), ["relaypacs-prod/backend 1.4.2", "relaypacs-prod/frontend 1.4.2"]);
    });

    it("should leave earlier Secrets to the pods of earlier releases, and bind all once every service runs", async () => {
        bound.length = 0;
        followed.length = 0;
        let release_: ServiceRelease | undefined;
        const resources = await deploy(() => (release_ = new ServiceRelease("release", release)));
        await new Promise((resolve) => release_!.deployed.apply(resolve));
        const secret = (name: string) => only(resources, "kubernetes:core/v1:Secret", name);
        assert.equal(secret("backend-secrets").retainOnDelete, true);
        // Smoke tests run within an update alone: no pod that comes back later reads theirs.
        assert.notEqual(secret("smoke-tests").retainOnDelete, true);
        const services = ["relaypacs-prod/backend 1.4.2", "relaypacs-prod/frontend 1.4.2"];
        assert.deepEqual(bound, [["relaypacs-prod", ...services]]);
    });
});
