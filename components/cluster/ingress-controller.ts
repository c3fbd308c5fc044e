import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { controllerCompanions, controllerDeployment, controllerLabels } from "./controller-pod";
import { namespaceName } from "../../delivery/core/names";

export interface IngressControllerArgs {
    /** Image by digest. */
    readonly image: string;
    readonly namespace: pulumi.Input<string>;
    /** The environment whose routes it serves; it has access to no other. */
    readonly environment: string;
    readonly ingressClass: string;
    /** @default 2 */
    readonly replicas?: number;
    /**
     * Type of its Service; `LoadBalancer` where the cloud puts a load balancer before the cluster.
     *
     * @default "ClusterIP"
     */
    readonly serviceType?: "ClusterIP" | "LoadBalancer";
    readonly serviceAnnotations?: Readonly<Record<string, string>>;
}

/** Also the controller's service account. */
export const ingressControllerName = (environment: string): string => `traefik-${environment}`;

/** Ports of the pods; the Service's are 80 and 443. */
export const ingressPorts = { web: 8000, websecure: 8443, management: 8081 };

/**
 * Traefik for one environment: its Ingress objects (staging), its weighted services and routes (production). Plain
 * HTTP is redirected to HTTPS. A Service without a ready pod answers 503 for its share of the requests: by default,
 * Traefik drops the route with all its weights, and the next shorter path answers in its place. Its rights in the
 * environment's namespace are granted there (`ControllerAccess`).
 */
export class IngressController extends pulumi.ComponentResource {
    /** Address inside the cluster. */
    readonly clusterAddress: pulumi.Output<string>;

    constructor(name: string, args: IngressControllerArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:cluster:IngressController", name, {}, options);
        const controller = ingressControllerName(args.environment);
        const labels = controllerLabels(controller);
        const metadata = { name: controller, namespace: args.namespace, labels };
        const served = namespaceName(args.environment);
        const annotations = { ...args.serviceAnnotations };
        const needs = controllerCompanions(this, controller, args.namespace);
        const deployment = controllerDeployment(
            {
                name: controller,
                namespace: args.namespace,
                replicas: args.replicas ?? 2,
                image: args.image,
                args: [
                    "--global.checknewversion=false",
                    "--global.sendanonymoususage=false",
                    `--entrypoints.web.address=:${ingressPorts.web}`,
                    "--entrypoints.web.http.redirections.entrypoint.to=:443",
                    "--entrypoints.web.http.redirections.entrypoint.scheme=https",
                    `--entrypoints.websecure.address=:${ingressPorts.websecure}`,
                    "--entrypoints.websecure.http.tls=true",
                    "--entrypoints.websecure.transport.lifecycle.requestacceptgracetimeout=5",
                    `--entrypoints.traefik.address=:${ingressPorts.management}`,
                    "--ping",
                    "--metrics.prometheus",
                    // Traefik's own 2 s would hold back the weights that follow the loss of a pod (docs/decisions/0063).
                    "--providers.providersthrottleduration=500ms",
                    "--providers.kubernetescrd",
                    `--providers.kubernetescrd.namespaces=${served}`,
                    "--providers.kubernetescrd.disableclusterscoperesources=true",
                    "--providers.kubernetescrd.allowemptyservices=true",
                    "--providers.kubernetesingress",
                    `--providers.kubernetesingress.namespaces=${served}`,
                    `--providers.kubernetesingress.ingressclass=${args.ingressClass}`,
                    "--providers.kubernetesingress.allowemptyservices=true",
                    "--log.level=INFO",
                    "--log.format=json",
                ],
                ports: ingressPorts,
                ready: { path: "/ping", port: "management" },
                metrics: "management",
                resources: {
                    requests: { cpu: "100m", memory: "128Mi" },
                    limits: { cpu: "1", memory: "384Mi" },
                },
                disk: 0,
                folders: {},
            },
            { parent: this, dependsOn: needs },
        );
        const endpoint = new k8s.core.v1.Service(
            controller,
            {
                metadata: {
                    ...metadata,
                    ...(Object.keys(annotations).length > 0 && { annotations }),
                },
                spec: {
                    type: args.serviceType ?? "ClusterIP",
                    // The load balancer reaches pods directly; the namespace's quota allows no node port.
                    ...(args.serviceType === "LoadBalancer" && { allocateLoadBalancerNodePorts: false }),
                    selector: labels,
                    ports: [
                        { name: "web", port: 80, targetPort: "web", protocol: "TCP" },
                        { name: "websecure", port: 443, targetPort: "websecure", protocol: "TCP" },
                    ],
                },
            },
            { parent: this, dependsOn: deployment },
        );
        this.clusterAddress = endpoint.spec.clusterIP;
        this.registerOutputs({ clusterAddress: this.clusterAddress });
    }
}
