import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { inNamespace, nameResolution } from "../shared/network-rules";
import { after } from "../shared/known-after";
import { nodeDisk, podSecurity } from "../shared/pod-security";

export interface ControllerNamespaceArgs {
    readonly name: string;
    /** Pods at the busiest moment. */
    readonly pods: number;
    /** Requests and limits of all pods together, in Kubernetes quantities. */
    readonly quota: Readonly<Record<"requests.cpu" | "limits.cpu" | "requests.memory" | "limits.memory", string>>;
    /** Ports that pods of these namespaces may reach. */
    readonly ingress: readonly { readonly from: readonly string[] | "anywhere"; readonly ports: readonly number[] }[];
    /** Namespaces whose pods these pods may reach. */
    readonly egress: readonly string[];
}

/** Ports of the Kubernetes API: the Service's, and the usual one of its endpoints, where network policies apply. */
const kubernetesApiPorts = [443, 6443];

/**
 * A namespace of one controller: the `restricted` Pod Security Standard, a quota, default sizes, and a network that is
 * closed except for name resolution, the Kubernetes API, and the controller's own connections.
 */
export class ControllerNamespace extends pulumi.ComponentResource {
    /** The namespace's name, known once everything that guards it is in place. */
    readonly namespace: pulumi.Output<string>;

    constructor(name: string, args: ControllerNamespaceArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:cluster:ControllerNamespace", name, {}, options);
        const child = { parent: this };
        const created = new k8s.core.v1.Namespace(
            name,
            { metadata: { name: args.name, labels: { "app.kubernetes.io/part-of": "relaypacs", ...podSecurity } } },
            child,
        );
        const namespace = created.metadata.name;
        const policy = (policyName: string, spec: k8s.types.input.networking.v1.NetworkPolicySpec) =>
            new k8s.networking.v1.NetworkPolicy(
                `${name}-${policyName}`,
                { metadata: { name: policyName, namespace }, spec },
                child,
            );
        const ports = (numbers: readonly number[]) => numbers.map((port) => ({ protocol: "TCP", port }));
        const guards = [
            new k8s.core.v1.ResourceQuota(
                name,
                {
                    metadata: { name: "compute", namespace },
                    spec: { hard: { pods: String(args.pods), ...args.quota, "services.nodeports": "0" } },
                },
                child,
            ),
            new k8s.core.v1.LimitRange(
                name,
                {
                    metadata: { name: "container-sizes", namespace },
                    spec: {
                        limits: [
                            {
                                type: "Container",
                                defaultRequest: { cpu: "50m", memory: "64Mi", ...nodeDisk(0).requests },
                                default: { cpu: "200m", memory: "128Mi", ...nodeDisk(0).limits },
                            },
                        ],
                    },
                },
                child,
            ),
            policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
            policy("name-resolution", nameResolution),
            policy("kubernetes-api", {
                podSelector: {},
                policyTypes: ["Egress"],
                egress: [{ ports: ports(kubernetesApiPorts) }],
            }),
            policy("controller", {
                podSelector: {},
                policyTypes: ["Ingress", "Egress"],
                // An empty `from` would allow every source.
                ingress: args.ingress
                    .filter(({ from }) => from.length > 0)
                    .map(({ from, ports: open }) => ({
                        from: from === "anywhere" ? [{ ipBlock: { cidr: "0.0.0.0/0" } }] : from.map(inNamespace),
                        ports: ports(open),
                    })),
                egress: args.egress.map((other) => ({ to: [inNamespace(other)] })),
            }),
        ];
        this.namespace = after(guards, namespace);
        this.registerOutputs({ namespace: this.namespace });
    }
}
