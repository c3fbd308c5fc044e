import { Resolver } from "node:dns/promises";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { run } from "../command";
import type { Instance } from "../instance";
import { waitUntil } from "../process";
import { programFile } from "../toolchain/toolchain";
import { pkiFile } from "./certificates";
import { startInside } from "./namespaces";

/** The domain of the cluster's own names, Kubernetes' default. */
export const clusterDomain = "cluster.local";

/** The tenth address of the service range is the DNS service's, by convention. */
export const dnsAddress = (instance: Instance) => instance.serviceRange.replace(/\.0\/\d+$/, ".10");

const port = 53;
const readinessPort = 8181;

/** Answers what the cluster knows, and that there is nothing else: no pod has a way out of this machine. */
const corefile = (instance: Instance) => `
${clusterDomain}:${port} in-addr.arpa:${port} ip6.arpa:${port} {
    bind ${instance.nodeAddress}
    errors
    ready ${instance.nodeAddress}:${readinessPort}
    kubernetes {
        kubeconfig ${pkiFile(instance, "coredns.kubeconfig")}
        pods insecure
    }
}
.:${port} {
    bind ${instance.nodeAddress}
    errors
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`;

const protocols = [
    { name: "dns", protocol: "UDP", port },
    { name: "dns-tcp", protocol: "TCP", port },
];

/** The Service that pods ask, with the node in place of pods, and what its server may read (CoreDNS's own deployment). */
function objects(instance: Instance): object[] {
    const metadata = { name: "kube-dns", namespace: "kube-system" };
    const role = "system:coredns";
    const names = { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] };
    const endpoints = { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] };
    return [
        {
            apiVersion: "v1",
            kind: "Service",
            metadata: { ...metadata, labels: { "k8s-app": "kube-dns" } },
            spec: { clusterIP: dnsAddress(instance), ports: protocols },
        },
        {
            apiVersion: "discovery.k8s.io/v1",
            kind: "EndpointSlice",
            metadata: {
                ...metadata,
                labels: {
                    "kubernetes.io/service-name": metadata.name,
                    "endpointslice.kubernetes.io/managed-by": "relaypacs-sandbox",
                },
            },
            addressType: "IPv4",
            endpoints: [{ addresses: [instance.nodeAddress], conditions: { ready: true } }],
            ports: protocols,
        },
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRole",
            metadata: { name: role },
            rules: [names, endpoints],
        },
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRoleBinding",
            metadata: { name: role },
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
            subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: role }],
        },
    ];
}

/**
 * Starts CoreDNS beside the kubelet, as a process of the node and not as a pod, and makes the Service by which pods
 * reach it. Waits until it knows the cluster's services.
 */
export async function startDns(instance: Instance): Promise<void> {
    const apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=relaypacs-sandbox", "--filename=-"];
    await run(programFile("kubectl"), ["--kubeconfig", pkiFile(instance, "admin.kubeconfig"), ...apply], {
        input: objects(instance)
            .map((object) => stringify(object))
            .join("---\n"),
    });
    const file = path.join(instance.root, "coredns", "Corefile");
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, corefile(instance));
    await startInside(instance, "coredns", programFile("coredns"), ["-conf", file], {
        ready: async () => (await fetch(`http://${instance.nodeAddress}:${readinessPort}/ready`)).ok,
    });
}

/** Waits until the DNS service answers at its address, the way that pods ask it. */
export async function awaitDns(instance: Instance): Promise<void> {
    const resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([dnsAddress(instance)]);
    const name = `kubernetes.default.svc.${clusterDomain}`;
    await waitUntil(async () => (await resolver.resolve4(name)).length > 0, "The cluster's DNS service", 30);
}
