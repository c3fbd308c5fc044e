import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** What the network needs to know of a service. */
export interface ServiceEndpoint {
    readonly name: string;
    readonly port: number;
    readonly database: boolean;
}

export interface NetworkBoundaryArgs {
    readonly namespace: pulumi.Input<string>;
    readonly services: readonly ServiceEndpoint[];
    /** Namespace of the ingress controller, which reaches every service. */
    readonly ingressNamespace: string;
    /** Namespace that scrapes metrics from every service. */
    readonly monitoringNamespace: string;
    readonly database: { readonly cidrs: readonly string[]; readonly port: number };
    /**
     * Whether smoke tests run as pods of this namespace and reach every service.
     *
     * @default false
     */
    readonly smokeTests?: boolean;
}

export const inNamespace = (name: string) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});

/** Pods of a service, and pods of its migrations, carry the service's name. */
export const serviceLabels = (service: string): Record<string, string> => ({ "app.kubernetes.io/name": service });

/** Pods that try a release before it serves. */
export const smokeTestsLabels: Record<string, string> = { "app.kubernetes.io/component": "smoke-tests" };

/** Name resolution, which every pod needs. */
export const nameResolution: k8s.types.input.networking.v1.NetworkPolicySpec = {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [
        {
            to: [{ ...inNamespace("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
            ports: [
                { protocol: "UDP", port: 53 },
                { protocol: "TCP", port: 53 },
            ],
        },
    ],
};

/**
 * A namespace's network: closed in both directions, then opened for name resolution, for the ingress controller and
 * the metrics scraper to each service's port, for services with a database to that database, and for smoke tests to the services.
 */
export class NetworkBoundary extends pulumi.ComponentResource {
    constructor(name: string, args: NetworkBoundaryArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:environment:NetworkBoundary", name, {}, options);
        const policy = (policyName: string, spec: k8s.types.input.networking.v1.NetworkPolicySpec) =>
            new k8s.networking.v1.NetworkPolicy(
                `${name}-${policyName}`,
                { metadata: { name: policyName, namespace: args.namespace }, spec },
                { parent: this },
            );
        policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
        policy("name-resolution", nameResolution);
        if (args.smokeTests) {
            policy("smoke-tests", {
                podSelector: { matchLabels: smokeTestsLabels },
                policyTypes: ["Egress"],
                egress: args.services.map((service) => ({
                    to: [{ podSelector: { matchLabels: serviceLabels(service.name) } }],
                    ports: [{ protocol: "TCP", port: service.port }],
                })),
            });
        }
        for (const service of args.services) {
            const podSelector = { matchLabels: serviceLabels(service.name) };
            policy(`${service.name}-ingress`, {
                podSelector,
                policyTypes: ["Ingress"],
                ingress: [
                    {
                        from: [
                            inNamespace(args.ingressNamespace),
                            inNamespace(args.monitoringNamespace),
                            ...(args.smokeTests ? [{ podSelector: { matchLabels: smokeTestsLabels } }] : []),
                        ],
                        ports: [{ protocol: "TCP", port: service.port }],
                    },
                ],
            });
            if (!service.database) continue;
            policy(`${service.name}-database`, {
                podSelector,
                policyTypes: ["Egress"],
                egress: [
                    {
                        to: args.database.cidrs.map((cidr) => ({ ipBlock: { cidr } })),
                        ports: [{ protocol: "TCP", port: args.database.port }],
                    },
                ],
            });
        }
        this.registerOutputs();
    }
}
