import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
    databaseBackupLabels,
    databaseBackupName,
    inNamespace,
    nameResolution,
    podIdentityAgent,
    restoreRehearsalLabels,
    restoreRehearsalName,
    serviceLabels,
    smokeTestsLabels,
} from "../shared/network-rules";

/** What the network policies depend on for each service. */
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
    /**
     * Where pods that back up the database store it: the ranges of the network's endpoints of Amazon S3; and whether other
     * pods try what is stored.
     *
     * @default none
     */
    readonly backup?: { readonly storageCidrs: readonly string[]; readonly rehearsed?: boolean } | undefined;
}

/**
 * A namespace's network: closed in both directions, then opened for name resolution, from the ingress controller and
 * the metrics scraper to each service's port, from services with a database to that database, and from smoke tests to
 * the services. Pods that back up the database, or try a backup, reach it, the store, and what gives them their role.
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
        if (args.backup) {
            const blocks = (cidrs: readonly string[]) => cidrs.map((cidr) => ({ ipBlock: { cidr } }));
            const to = (cidrs: readonly string[], port: number) => ({
                to: blocks(cidrs),
                ports: [{ protocol: "TCP", port }],
            });
            const egress = [
                to(args.database.cidrs, args.database.port),
                to(args.backup.storageCidrs, 443),
                to([podIdentityAgent.cidr], podIdentityAgent.port),
            ];
            const reach = (policyName: string, matchLabels: Record<string, string>) =>
                policy(policyName, { podSelector: { matchLabels }, policyTypes: ["Egress"], egress });
            reach(databaseBackupName, databaseBackupLabels);
            if (args.backup.rehearsed) reach(restoreRehearsalName, restoreRehearsalLabels);
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
