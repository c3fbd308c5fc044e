import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CustomDefinitions } from "./custom-definitions";
import { ControllerNamespace } from "./controller-namespace";
import { namespaceName } from "../../delivery/core/names";
import { Prometheus, type PrometheusArgs } from "./prometheus";
import { RolloutsController, rolloutsNamespace } from "./rollouts-controller";
import {
    IngressController,
    ingressControllerName,
    ingressPorts,
    type IngressControllerArgs,
} from "./ingress-controller";

export interface ClusterServicesArgs {
    /** Images by digest. */
    readonly images: Readonly<Record<"argo-rollouts" | "traefik" | "prometheus", string>>;
    /** Environments on this cluster. */
    readonly environments: readonly string[];
    /** The environment with blue-green releases; undefined where all have rolling deployments. */
    readonly blueGreenEnvironment: string | undefined;
    readonly ingressClass: string;
    readonly ingressNamespace: string;
    readonly monitoringNamespace: string;
    /**
     * Seconds between two scrapes of a pod.
     *
     * @default 15
     */
    readonly scrapeSeconds?: number;
    readonly retention?: PrometheusArgs["retention"];
    readonly storage?: PrometheusArgs["storage"];
    readonly serviceType?: IngressControllerArgs["serviceType"];
    readonly serviceAnnotations?: IngressControllerArgs["serviceAnnotations"];
}

/**
 * What releases need of a cluster in addition to Kubernetes (specification, sections 1 and 6): an ingress controller with
 * weights, a controller that performs blue-green releases, and metrics to judge them. Each runs twice, without
 * privileges, behind a closed network, and has access only to the environments that it serves.
 */
export class ClusterServices extends pulumi.ComponentResource {
    /** Addresses inside the cluster: Prometheus, and each environment's ingress controller. */
    readonly addresses: pulumi.Output<{
        readonly prometheus: string;
        readonly ingress: Readonly<Record<string, string>>;
    }>;

    constructor(name: string, args: ClusterServicesArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:cluster:ClusterServices", name, {}, options);
        const { environments, blueGreenEnvironment, ingressNamespace, monitoringNamespace } = args;
        const { definitions } = new CustomDefinitions(`${name}-definitions`, { parent: this });
        const child = { parent: this, dependsOn: [...definitions] };
        const served = environments.map(namespaceName);

        const ingresses = this.ingress(name, args, served, child);
        const controllers: pulumi.Resource[] = Object.values(ingresses);
        if (blueGreenEnvironment !== undefined) {
            controllers.push(
                new RolloutsController(
                    "rollouts-controller",
                    {
                        image: args.images["argo-rollouts"],
                        environment: blueGreenEnvironment,
                        monitoringNamespace,
                    },
                    child,
                ),
            );
        }
        const metrics = new Prometheus(
            "metrics-server",
            {
                image: args.images.prometheus,
                namespace: monitoringNamespace,
                scrapeSeconds: args.scrapeSeconds ?? 15,
                environments: served,
                controllers: [ingressNamespace, ...(blueGreenEnvironment === undefined ? [] : [rolloutsNamespace])],
                readers: blueGreenEnvironment === undefined ? [] : [rolloutsNamespace],
                ...(args.retention !== undefined && { retention: args.retention }),
                ...(args.storage && { storage: args.storage }),
            },
            // It is granted access to the controllers' pods, in namespaces that they create.
            { ...child, dependsOn: [...definitions, ...controllers] },
        );
        this.addresses = pulumi.output({
            prometheus: metrics.clusterAddress,
            ingress: Object.fromEntries(
                Object.entries(ingresses).map(([environment, { clusterAddress }]) => [environment, clusterAddress]),
            ),
        });
        this.registerOutputs({ addresses: this.addresses });
    }

    private ingress(
        name: string,
        args: ClusterServicesArgs,
        served: readonly string[],
        child: pulumi.CustomResourceOptions,
    ): Record<string, IngressController> {
        const count = 2 * served.length;
        const place = new ControllerNamespace(
            `${name}-ingress`,
            {
                name: args.ingressNamespace,
                pods: count + served.length,
                quota: {
                    "requests.cpu": `${count}`,
                    "limits.cpu": `${2 * count}`,
                    "requests.memory": `${count}Gi`,
                    "limits.memory": `${2 * count}Gi`,
                },
                ingress: [
                    { from: "anywhere", ports: [ingressPorts.web, ingressPorts.websecure] },
                    { from: [args.monitoringNamespace], ports: [ingressPorts.management] },
                ],
                egress: served,
            },
            child,
        );
        const ingressClass = new k8s.networking.v1.IngressClass(
            args.ingressClass,
            { metadata: { name: args.ingressClass }, spec: { controller: "traefik.io/ingress-controller" } },
            child,
        );
        const reader = this.clusterReader(args, child);
        return Object.fromEntries(
            args.environments.map((environment) => [
                environment,
                new IngressController(
                    `ingress-controller-${environment}`,
                    {
                        image: args.images.traefik,
                        namespace: place.namespace,
                        environment,
                        ingressClass: args.ingressClass,
                        ...(args.serviceType && { serviceType: args.serviceType }),
                        ...(args.serviceAnnotations && { serviceAnnotations: args.serviceAnnotations }),
                    },
                    { ...child, dependsOn: [ingressClass, ...reader] },
                ),
            ]),
        );
    }

    /** Traefik's only rights beyond its environment: to read ingress classes and nodes. */
    private clusterReader(args: ClusterServicesArgs, child: pulumi.CustomResourceOptions): pulumi.Resource[] {
        const name = "relaypacs-ingress-classes";
        const role = new k8s.rbac.v1.ClusterRole(
            name,
            {
                metadata: { name },
                rules: [
                    {
                        apiGroups: ["networking.k8s.io"],
                        resources: ["ingressclasses"],
                        verbs: ["get", "list", "watch"],
                    },
                    { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
                ],
            },
            child,
        );
        const binding = new k8s.rbac.v1.ClusterRoleBinding(
            name,
            {
                metadata: { name },
                roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
                subjects: args.environments.map((environment) => ({
                    kind: "ServiceAccount",
                    name: ingressControllerName(environment),
                    namespace: args.ingressNamespace,
                })),
            },
            { ...child, dependsOn: role },
        );
        return [role, binding];
    }
}
