import * as assert from "node:assert/strict";
import { parse } from "yaml";
import { ClusterServices } from "../../../components/cluster/cluster-services";
import { violations } from "../../support/guardrails";
import { assertWellFormed, deploy, ofType, only, type Registered } from "../../support/harness";

const image = (of: string) =>
    `123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/${of}@sha256:${"0123456789abcdef".repeat(4)}`;
const args = {
    images: {
        "argo-rollouts": image("argo-rollouts"),
        traefik: image("traefik"),
        prometheus: image("prometheus"),
    },
    environments: ["staging", "prod"],
    blueGreenEnvironment: "prod",
    ingressClass: "traefik",
    ingressNamespace: "traefik",
    monitoringNamespace: "monitoring",
};
const deploymentType = "kubernetes:apps/v1:Deployment";
const statefulSetType = "kubernetes:apps/v1:StatefulSet";
const roleType = "kubernetes:rbac.authorization.k8s.io/v1:Role";

interface Workload {
    replicas: number;
    selector: { matchLabels: Record<string, string> };
    template: {
        metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
        spec: {
            serviceAccountName: string;
            automountServiceAccountToken: boolean;
            volumes: object[];
            containers: { image: string; args: string[]; env?: object[]; volumeMounts: { mountPath: string }[] }[];
        };
    };
}
const specOf = <T = Workload>({ inputs }: Registered) => inputs.spec as T;

const create = (changes: Partial<ConstructorParameters<typeof ClusterServices>[1]> = {}) =>
    deploy(() => new ClusterServices("cluster-services", { ...args, ...changes }));

describe("ClusterServices", () => {
    let resources: readonly Registered[] = [];
    before(async () => {
        resources = await create();
    });

    it("should be well formed and pass every guardrail", () => {
        assertWellFormed(resources, "cluster-services");
        assert.deepEqual(violations(resources), []);
    });

    it("should run every controller twice, by digest, each as an account of its own", () => {
        const workloads = [...ofType(resources, deploymentType), ...ofType(resources, statefulSetType)];
        assert.deepEqual(
            workloads.map((one) => [one.name, specOf(one).replicas, specOf(one).template.spec.serviceAccountName]),
            [
                ["traefik-staging", 2, "traefik-staging"],
                ["traefik-prod", 2, "traefik-prod"],
                ["argo-rollouts-prod", 2, "argo-rollouts-prod"],
                ["prometheus", 2, "prometheus"],
            ],
        );
        const budgets = ofType(resources, "kubernetes:policy/v1:PodDisruptionBudget");
        assert.deepEqual(
            budgets.map(({ inputs }) => (inputs.spec as { maxUnavailable: number }).maxUnavailable),
            [1, 1, 1, 1],
        );
    });

    it("should limit the Rollouts controller to one environment, with the weights of the current Traefik API", () => {
        const [container] = specOf(only(resources, deploymentType, "argo-rollouts-prod")).template.spec.containers;
        for (const argument of [
            "--namespaced",
            "--namespace=relaypacs-prod",
            "--traefik-api-group=traefik.io",
            "--traefik-api-version=traefik.io/v1alpha1",
        ]) {
            assert.ok(container?.args.includes(argument), argument);
        }
        assert.ok(!container?.args.some((argument) => argument.includes("leader-elect=false")));
        assert.deepEqual(container?.env, [{ name: "POD_NAMESPACE", value: "argo-rollouts" }]);
        const rules = only(resources, roleType, "argo-rollouts-prod").inputs.rules as {
            resources: string[];
            resourceNames?: string[];
            verbs: string[];
        }[];
        assert.deepEqual(
            rules.filter(({ verbs }) => verbs.some((verb) => verb !== "create")).filter((rule) => !rule.resourceNames),
            [],
            "a right about more than named objects",
        );
    });

    it("should grant controllers nothing in all namespaces except to see ingress classes and nodes", () => {
        const [role, ...others] = ofType(resources, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole");
        assert.deepEqual(others, []);
        assert.deepEqual(role?.inputs.rules, [
            { apiGroups: ["networking.k8s.io"], resources: ["ingressclasses"], verbs: ["get", "list", "watch"] },
            { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
        ]);
    });

    it("should give each environment an ingress controller that reads its own routes only", () => {
        for (const environment of ["staging", "prod"]) {
            const deployment = only(resources, deploymentType, `traefik-${environment}`);
            const [container] = specOf(deployment).template.spec.containers;
            for (const provider of ["kubernetescrd", "kubernetesingress"]) {
                const namespaces = container?.args.filter((one) =>
                    one.startsWith(`--providers.${provider}.namespaces`),
                );
                assert.deepEqual(namespaces, [`--providers.${provider}.namespaces=relaypacs-${environment}`]);
                // Else a Service without a ready pod takes its route away, with all of the route's other Services.
                assert.ok(container?.args.includes(`--providers.${provider}.allowemptyservices=true`));
            }
            // Else the weights that follow a pod's loss wait for two seconds.
            assert.ok(container?.args.includes("--providers.providersthrottleduration=500ms"));
            const service = only(resources, "kubernetes:core/v1:Service", `traefik-${environment}`);
            assert.equal(specOf<{ type: string }>(service).type, "ClusterIP");
        }
        assert.deepEqual(only(resources, "kubernetes:networking.k8s.io/v1:IngressClass").inputs.spec, {
            controller: "traefik.io/ingress-controller",
        });
    });

    it("should be reached through the cloud's load balancer where configured, without a node port", async () => {
        const serviceAnnotations = { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing" };
        const balanced = await create({ serviceType: "LoadBalancer", serviceAnnotations });
        assert.deepEqual(violations(balanced), []);
        for (const environment of ["staging", "prod"]) {
            const { inputs } = only(balanced, "kubernetes:core/v1:Service", `traefik-${environment}`);
            const spec = inputs.spec as { type: string; allocateLoadBalancerNodePorts?: boolean };
            assert.deepEqual([spec.type, spec.allocateLoadBalancerNodePorts], ["LoadBalancer", false]);
            assert.deepEqual((inputs.metadata as { annotations: object }).annotations, serviceAnnotations);
        }
        const plain = only(resources, "kubernetes:core/v1:Service", "traefik-prod").inputs;
        assert.ok(!("annotations" in (plain.metadata as object)));
        assert.ok(!("allocateLoadBalancerNodePorts" in (plain.spec as object)));
        const elsewhere = await create({ serviceType: "LoadBalancer", ingressNamespace: "web" });
        // By default the pack knows only the namespace traefik; others are added in its settings.
        assert.equal(violations(elsewhere).filter((one) => one.startsWith("kubernetes-service-exposure:")).length, 2);
    });

    it("should close each namespace's network, and open what the controller is there for", () => {
        const policies = ofType(resources, "kubernetes:networking.k8s.io/v1:NetworkPolicy").map(({ inputs }) => {
            const { name, namespace } = inputs.metadata as { name: string; namespace: string };
            return [
                `${namespace} ${name}`,
                inputs.spec as { ingress?: { from: object[]; ports: object[] }[] },
            ] as const;
        });
        const byName = new Map(policies);
        for (const namespace of ["traefik", "argo-rollouts", "monitoring"]) {
            assert.deepEqual(byName.get(`${namespace} default-deny`), {
                podSelector: {},
                policyTypes: ["Ingress", "Egress"],
            });
        }
        const from = (name: string) => ({
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
        });
        assert.deepEqual(byName.get("monitoring controller")?.ingress, [
            { from: [from("argo-rollouts")], ports: [{ protocol: "TCP", port: 9090 }] },
        ]);
        assert.deepEqual(byName.get("argo-rollouts controller")?.ingress, [
            { from: [from("monitoring")], ports: [{ protocol: "TCP", port: 8090 }] },
        ]);
    });

    it("should define the custom kinds before any controller asks for them", () => {
        const definitions = ofType(resources, "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition");
        assert.equal(definitions.length, 15);
        const rollouts = definitions.find(({ name }) => name === "rollouts.argoproj.io");
        const [version] = specOf<{ versions: { subresources: object; schema: object }[] }>(rollouts!).versions;
        assert.deepEqual(Object.keys(version!.subresources), ["scale", "status"]);
        for (const deployment of ofType(resources, "relaypacs:cluster:IngressController")) {
            const missing = definitions.filter(({ name }) => !deployment.dependencies.includes(name));
            // The namespace and the class depend on the definitions, and the controller on those.
            assert.ok(missing.length === 0 || deployment.dependencies.includes("traefik"), deployment.name);
        }
    });

    it("should let Argo Rollouts own the weights, by merging services of a TraefikService by name", () => {
        const definition = only(
            resources,
            "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
            "traefikservices.traefik.io",
        );
        interface Schema {
            properties: Record<string, Schema>;
            [key: string]: unknown;
        }
        const [version] = specOf<{ versions: { schema: { openAPIV3Schema: Schema } }[] }>(definition).versions;
        const spec = version?.schema.openAPIV3Schema.properties.spec?.properties;
        const { items: _, ...services } = spec!.weighted!.properties.services!;
        assert.deepEqual(services, {
            type: "array",
            x_kubernetes_list_type: "map",
            x_kubernetes_list_map_keys: ["name"],
        });
    });

    it("should create no Rollouts controller where every environment has rolling deployments", async () => {
        const rolling = await create({ environments: ["staging"], blueGreenEnvironment: undefined });
        assert.deepEqual(violations(rolling), []);
        assert.ok(!JSON.stringify(rolling.map(({ inputs }) => inputs)).includes('"argo-rollouts'));
        const text = JSON.stringify(ofType(rolling, "kubernetes:networking.k8s.io/v1:NetworkPolicy"));
        assert.ok(!text.includes('"from":[]'), "a rule without peers allows every source");
        assert.equal(ofType(rolling, deploymentType).length, 1);
    });

    it("should keep samples in a volume of its own where there is a storage class", async () => {
        const stored = await create({ storage: { className: "gp3", size: "20Gi" } });
        assert.deepEqual(violations(stored), []);
        const spec = specOf<Workload & { volumeClaimTemplates: { spec: object }[] }>(only(stored, statefulSetType));
        assert.deepEqual(spec.volumeClaimTemplates[0]?.spec, {
            accessModes: ["ReadWriteOnce"],
            storageClassName: "gp3",
            resources: { requests: { storage: "20Gi" } },
        });
        assert.ok(spec.template.spec.containers[0]?.volumeMounts.some(({ mountPath }) => mountPath === "/prometheus"));
        assert.equal(spec.template.spec.volumes.length, 1);
    });
});

describe("Prometheus's scrape configuration", () => {
    interface Job {
        job_name: string;
        kubernetes_sd_configs: { role: string; namespaces: { names: string[] } }[];
        relabel_configs: { source_labels: string[]; target_label?: string; action?: string; regex?: string }[];
        metric_relabel_configs?: object[];
    }
    const configurationOf = async (scrapeSeconds?: number) => {
        const resources = await create(scrapeSeconds === undefined ? {} : { scrapeSeconds });
        const { data } = only(resources, "kubernetes:core/v1:ConfigMap").inputs as { data: Record<string, string> };
        return parse(data["prometheus.yml"]!) as { global: Record<string, string>; scrape_configs: Job[] };
    };

    it("should scrape every annotated pod of the environments and controllers, every 15 seconds", async () => {
        const { global, scrape_configs: jobs } = await configurationOf();
        assert.equal(global.scrape_interval, "15s");
        assert.deepEqual(jobs[0]?.kubernetes_sd_configs, [
            {
                role: "pod",
                namespaces: { names: ["relaypacs-staging", "relaypacs-prod", "traefik", "argo-rollouts"] },
            },
        ]);
        assert.deepEqual(
            jobs[0]?.relabel_configs.filter(({ action }) => action).map(({ action, regex }) => [action, regex]),
            [
                ["keep", "true"],
                ["drop", "Succeeded|Failed"],
            ],
        );
    });

    it("should label each sample with its pod, service, version, image and colour", async () => {
        const { scrape_configs: jobs } = await configurationOf();
        const labels = jobs[0]?.relabel_configs.map((one) => one.target_label).filter(Boolean);
        assert.deepEqual(labels, [
            "__metrics_path__",
            "__address__",
            "namespace",
            "pod",
            "service",
            "version",
            "image_digest",
            "rollouts_pod_template_hash",
        ]);
    });

    it("should label readiness in the health job alone, which keeps nothing but up", async () => {
        const { scrape_configs: jobs } = await configurationOf(2);
        const [pods, health] = jobs;
        assert.equal(health?.job_name, "pod-health");
        assert.equal(health.relabel_configs.at(-1)?.target_label, "ready");
        assert.ok(!pods?.relabel_configs.some((one) => one.target_label === "ready"));
        assert.deepEqual(health.metric_relabel_configs, [{ source_labels: ["__name__"], regex: ".*", action: "drop" }]);
    });

    it("should time a scrape out before the next one begins", async () => {
        assert.equal((await configurationOf(2)).global.scrape_timeout, "2s");
        assert.equal((await configurationOf(30)).global.scrape_timeout, "10s");
    });
});
