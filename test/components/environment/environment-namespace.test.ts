import * as assert from "node:assert/strict";
import { quotaFor } from "../../../components/shared/resource-quota";
import { EnvironmentNamespace } from "../../../components/environment/environment-namespace";
import { assertWellFormed, deploy, ofType, only, type Registered } from "../../support/harness";

const resources = { cpuRequest: "100m", cpuLimit: "500m", memoryRequest: "128Mi", memoryLimit: "256Mi" };
const backend = { name: "backend", port: 8000, replicas: 2, database: true, resources };
const frontend = { name: "frontend", port: 8080, replicas: 3, database: false, resources };
const args = {
    environment: "staging",
    services: [backend, frontend],
    ingressNamespace: "traefik",
    monitoringNamespace: "monitoring",
    database: { cidrs: ["10.20.0.0/22", "10.20.4.0/22"], port: 5432 },
};

describe("EnvironmentNamespace", () => {
    it("should enforce, audit and warn by the restricted standard", async () => {
        const registered = await deploy(() => new EnvironmentNamespace("staging", args));
        assertWellFormed(registered, "staging");
        const { name, labels } = only(registered, "kubernetes:core/v1:Namespace").inputs.metadata as {
            name: string;
            labels: Record<string, string>;
        };
        assert.equal(name, "relaypacs-staging");
        for (const mode of ["enforce", "audit", "warn"]) {
            assert.equal(labels[`pod-security.kubernetes.io/${mode}`], "restricted");
            assert.equal(labels[`pod-security.kubernetes.io/${mode}-version`], "latest");
        }
    });

    it("should give service accounts no token", async () => {
        const registered = await deploy(() => new EnvironmentNamespace("staging", args));
        assert.deepEqual(
            ofType(registered, "kubernetes:core/v1:ServiceAccount").map(({ inputs }) => [
                (inputs.metadata as { name: string }).name,
                inputs.automountServiceAccountToken,
            ]),
            [
                ["backend", false],
                ["frontend", false],
            ],
        );
    });

    it("should close the network and open what is needed, no more", async () => {
        const registered = await deploy(() => new EnvironmentNamespace("staging", args));
        const policies = new Map(
            ofType(registered, "kubernetes:networking.k8s.io/v1:NetworkPolicy").map(({ inputs }) => [
                (inputs.metadata as { name: string }).name,
                inputs.spec as Record<string, unknown>,
            ]),
        );
        assert.deepEqual([...policies.keys()].sort(), [
            "backend-database",
            "backend-ingress",
            "default-deny",
            "frontend-ingress",
            "name-resolution",
        ]);
        assert.deepEqual(policies.get("default-deny"), { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
        assert.deepEqual(policies.get("backend-database"), {
            podSelector: { matchLabels: { "app.kubernetes.io/name": "backend" } },
            policyTypes: ["Egress"],
            egress: [
                {
                    to: [{ ipBlock: { cidr: "10.20.0.0/22" } }, { ipBlock: { cidr: "10.20.4.0/22" } }],
                    ports: [{ protocol: "TCP", port: 5432 }],
                },
            ],
        });
        const [rule] = policies.get("backend-ingress")!.ingress as { from: unknown[]; ports: unknown }[];
        assert.deepEqual(rule!.ports, [{ protocol: "TCP", port: 8000 }]);
        assert.deepEqual(
            rule!.from,
            ["traefik", "monitoring"].map((name) => ({
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
            })),
        );
    });

    it("should allow the deployer to release workloads and to change none of the guards", async () => {
        const registered = await deploy(() => new EnvironmentNamespace("staging", args));
        const rules = only(registered, "kubernetes:rbac.authorization.k8s.io/v1:Role", "staging").inputs.rules as {
            resources: string[];
            verbs: string[];
        }[];
        const writable = rules.filter((rule) => rule.verbs.includes("create")).flatMap((rule) => rule.resources);
        assert.deepEqual(writable.sort(), [
            "analysistemplates",
            "certificates",
            "deployments",
            "ingresses",
            "ingressroutes",
            "jobs",
            "poddisruptionbudgets",
            "pods/exec",
            "rollouts",
            "secrets",
            "services",
            "traefikservices",
        ]);
        const replicaSets = rules.find((rule) => rule.resources.includes("replicasets"));
        assert.deepEqual(replicaSets?.verbs, ["get", "list", "watch", "delete"]);
        assert.ok(!JSON.stringify(rules).includes("*"));
        const binding = only(registered, "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "staging").inputs;
        assert.deepEqual(binding.subjects, [
            { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "relaypacs:deployers-staging" },
        ]);
    });

    it("should output its name only once every guard is in place", async () => {
        let place: EnvironmentNamespace | undefined;
        const registered = await deploy(() => (place = new EnvironmentNamespace("staging", args)));
        const waitedFor = await (
            place!.namespace as unknown as { allResources(): Promise<Set<{ __name: string }>> }
        ).allResources();
        const names = new Set([...waitedFor].map((one) => one.__name));
        for (const one of registered.filter(
            (resource) => resource.custom && resource.parent === "staging" && !resource.type.includes("NetworkPolicy"),
        )) {
            assert.ok(names.has(one.name), `${one.type} ${one.name} is not waited for`);
        }
    });
});

describe("EnvironmentNamespace with blue-green", () => {
    const blueGreen = { ...args, environment: "prod", strategy: "blueGreen" as const };

    it("should allow production's rollback what the deployer may do, except to run commands in pods", async () => {
        const registered = await deploy(() => new EnvironmentNamespace("prod", blueGreen), { stack: "prod" });
        const rulesOf = (name: string) =>
            only(registered, "kubernetes:rbac.authorization.k8s.io/v1:Role", name).inputs.rules as {
                resources: string[];
            }[];
        assert.deepEqual(
            rulesOf("prod-rollback"),
            rulesOf("prod").filter(({ resources }) => !resources.includes("pods/exec")),
        );
        assert.equal(rulesOf("prod-rollback").length, rulesOf("prod").length - 1);
        const { roleRef, subjects } = only(
            registered,
            "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
            "prod-rollback",
        ).inputs;
        assert.deepEqual(roleRef, { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "rollback" });
        assert.deepEqual(subjects, [
            { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "relaypacs:rollback-prod" },
        ]);
    });

    it("should have no such role in staging, where a rollback is rehearsed by the deployer", async () => {
        const registered = await deploy(() => new EnvironmentNamespace("staging", args));
        assert.ok(!registered.some(({ name }) => name === "staging-rollback"));
    });

    const roleRules = (registered: readonly Registered[], name: string) =>
        only(registered, "kubernetes:rbac.authorization.k8s.io/v1:Role", `prod-controllers-${name}`).inputs.rules as {
            apiGroups: string[];
            resources: string[];
            verbs: string[];
        }[];

    it("should allow each controller its own work in this namespace, by name", async () => {
        const registered = await deploy(() => new EnvironmentNamespace("prod", blueGreen));
        assertWellFormed(registered, "prod");
        const bindings = ofType(registered, "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding").filter(
            ({ parent }) => parent === "prod-controllers",
        );
        assert.deepEqual(
            bindings.map(({ inputs }) => (inputs.subjects as object[])[0]),
            [
                { kind: "ServiceAccount", name: "prometheus", namespace: "monitoring" },
                { kind: "ServiceAccount", name: "traefik-prod", namespace: "traefik" },
                { kind: "ServiceAccount", name: "traefik-prod", namespace: "traefik" },
                { kind: "ServiceAccount", name: "argo-rollouts-prod", namespace: "argo-rollouts" },
            ],
        );
        const may = (rules: ReturnType<typeof roleRules>, resource: string) =>
            rules.filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs }) => verbs);
        const rollouts = roleRules(registered, "rollouts-controller");
        assert.deepEqual(may(rollouts, "traefikservices"), ["get", "update"]);
        assert.deepEqual(may(rollouts, "services"), ["get", "list", "watch", "patch"]);
        for (const never of ["secrets", "configmaps", "roles", "deployments", "pods/exec"]) {
            assert.deepEqual(may(rollouts, never), [], never);
        }
        const writing = ["ingress-routes", "ingress-certificates", "metrics-server"].flatMap((name) =>
            roleRules(registered, name)
                .filter(({ verbs }) => !verbs.every((verb) => ["get", "list", "watch"].includes(verb)))
                .flatMap(({ resources }) => resources),
        );
        assert.deepEqual(writing, ["ingresses/status"]);
    });

    it("should grant the Rollouts controller nothing in an environment with rolling deployments", async () => {
        const registered = await deploy(() => new EnvironmentNamespace("staging", args));
        assert.ok(!JSON.stringify(registered).includes("argo-rollouts"));
        assert.ok(!JSON.stringify(registered).includes("smoke-tests"));
    });

    it("should let smoke tests reach the services, and nothing reach smoke tests", async () => {
        const registered = await deploy(() => new EnvironmentNamespace("prod", blueGreen));
        const spec = (name: string) =>
            only(registered, "kubernetes:networking.k8s.io/v1:NetworkPolicy", `prod-${name}`).inputs.spec as {
                policyTypes: string[];
                ingress?: { from: unknown[] }[];
                egress?: { to: unknown[]; ports: unknown[] }[];
            };
        const tests = { podSelector: { matchLabels: { "app.kubernetes.io/component": "smoke-tests" } } };
        assert.deepEqual(spec("backend-ingress").ingress?.[0]?.from.at(-1), tests);
        assert.deepEqual(spec("smoke-tests"), {
            ...tests,
            policyTypes: ["Egress"],
            egress: [
                {
                    to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "backend" } } }],
                    ports: [{ protocol: "TCP", port: 8000 }],
                },
                {
                    to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "frontend" } } }],
                    ports: [{ protocol: "TCP", port: 8080 }],
                },
            ],
        });
    });
});

describe("The resource quota", () => {
    it("should have room for a third colour, idle since the release before, and a smoke test per service", () => {
        assert.deepEqual(quotaFor([backend, frontend], "blueGreen"), {
            pods: "18", // backend 3 × 2 + 1, frontend 3 × 3, a smoke test each
            "requests.cpu": "1700m", // 16 × 100m + 2 × 50m
            "limits.cpu": "9000m",
            "requests.memory": "2240Mi", // 16 × 128Mi + 2 × 96Mi
            "limits.memory": "4608Mi",
            "services.loadbalancers": "0",
            "services.nodeports": "0",
            "count/horizontalpodautoscalers.autoscaling": "0",
        });
    });

    it("should have room for every service twice, a surge pod per service, and the migration", () => {
        assert.deepEqual(quotaFor([backend, frontend]), {
            pods: "13", // backend 2 × 2 + 1 + 1, frontend 2 × 3 + 1
            "requests.cpu": "1300m",
            "limits.cpu": "6500m",
            "requests.memory": "1664Mi",
            "limits.memory": "3328Mi",
            "services.loadbalancers": "0",
            "services.nodeports": "0",
            "count/horizontalpodautoscalers.autoscaling": "0",
        });
    });

    it("should be zero without services", () => {
        assert.equal(quotaFor([]).pods, "0");
    });
});
