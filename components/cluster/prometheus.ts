import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ControllerNamespace } from "./controller-namespace";
import { controllerCompanions, controllerLabels, controllerPod, granted } from "./controller-pod";
import { scrapeConfiguration, type ScrapeSettings } from "./prometheus-configuration";

export interface PrometheusArgs extends ScrapeSettings {
    /** Image by digest. */
    readonly image: string;
    readonly namespace: string;
    /** Namespaces whose pods may ask it. */
    readonly readers: readonly string[];
    /**
     * How long samples are kept, in Prometheus's notation.
     *
     * @default "15d"
     */
    readonly retention?: string;
    /**
     * Size of each pod's volume of samples, which a claim of this class survives restarts with. Without a class the
     * samples live as long as their pod.
     */
    readonly storage?: { readonly className: string; readonly size: string };
}

export const prometheusName = "prometheus";

const port = 9090;

/** Where analyses ask; a plain value, so that policies know it before anything exists. */
export const prometheusUrl = (namespace = "monitoring"): string => `http://${prometheusName}.${namespace}.svc:${port}`;

/**
 * Prometheus, twice, each with all samples: what analyses, soak and reports ask. It finds pods by Kubernetes's own
 * list of them and needs no change when a service comes or goes.
 */
export class Prometheus extends pulumi.ComponentResource {
    /** Address inside the cluster. */
    readonly clusterAddress: pulumi.Output<string>;

    constructor(name: string, args: PrometheusArgs, options?: pulumi.ComponentResourceOptions) {
        // Its type token is older than its name; a new one would replace the component.
        super("relaypacs:cluster:MetricsServer", name, {}, options);
        const child = { parent: this };
        const scraped = [...args.environments, ...args.controllers];
        const { namespace } = new ControllerNamespace(
            `${name}-namespace`,
            {
                name: args.namespace,
                pods: 4,
                quota: {
                    "requests.cpu": "1",
                    "limits.cpu": "4",
                    "requests.memory": "2Gi",
                    "limits.memory": "4Gi",
                },
                ingress: [{ from: args.readers, ports: [port] }],
                egress: scraped,
            },
            child,
        );
        const labels = controllerLabels(prometheusName);
        const metadata = { name: prometheusName, namespace, labels };
        // A new name with each change, so that the pods roll with it.
        const configuration = new k8s.core.v1.ConfigMap(
            name,
            { metadata: { namespace, labels }, immutable: true, data: { "prometheus.yml": scrapeConfiguration(args) } },
            child,
        );
        const account = { name: prometheusName, namespace: args.namespace };
        const service = new k8s.core.v1.Service(
            prometheusName,
            {
                metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
                spec: {
                    type: "ClusterIP",
                    selector: labels,
                    // Two servers never agree to the sample, so each client stays with one.
                    sessionAffinity: "ClientIP",
                    ports: [{ name: "api", port, targetPort: "api", protocol: "TCP" }],
                },
            },
            child,
        );
        new k8s.apps.v1.StatefulSet(
            prometheusName,
            {
                metadata,
                spec: {
                    replicas: 2,
                    serviceName: prometheusName,
                    podManagementPolicy: "Parallel",
                    selector: { matchLabels: labels },
                    template: controllerPod({
                        name: prometheusName,
                        image: args.image,
                        args: [
                            "--config.file=/etc/prometheus/prometheus.yml",
                            "--storage.tsdb.path=/prometheus",
                            `--storage.tsdb.retention.time=${args.retention ?? "15d"}`,
                            `--web.listen-address=:${port}`,
                        ],
                        ports: { api: port },
                        ready: { path: "/-/ready", port: "api" },
                        alive: { path: "/-/healthy", port: "api" },
                        resources: {
                            requests: { cpu: "100m", memory: "256Mi" },
                            limits: { cpu: "1", memory: "1Gi" },
                        },
                        disk: args.storage ? 0 : 4096,
                        folders: {
                            "/etc/prometheus": { configMap: { name: configuration.metadata.name } },
                            ...(!args.storage && { "/prometheus": { emptyDir: { sizeLimit: "4Gi" } } }),
                        },
                        ...(args.storage && { claims: { "/prometheus": "samples" } }),
                    }),
                    ...(args.storage && {
                        volumeClaimTemplates: [
                            {
                                metadata: { name: "samples" },
                                spec: {
                                    accessModes: ["ReadWriteOnce"],
                                    storageClassName: args.storage.className,
                                    resources: { requests: { storage: args.storage.size } },
                                },
                            },
                        ],
                    }),
                },
            },
            {
                parent: this,
                dependsOn: [service, ...controllerCompanions(this, prometheusName, namespace)],
            },
        );
        // In the environments, the right to see pods is granted there (`ControllerAccess`).
        for (const other of args.controllers) {
            granted(this, `${name}-${other}`, { name: prometheusName, namespace: other }, account, seesPods);
        }
        this.clusterAddress = service.spec.clusterIP;
        this.registerOutputs({ clusterAddress: this.clusterAddress });
    }
}

export const seesPods: k8s.types.input.rbac.v1.PolicyRule[] = [
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
];
