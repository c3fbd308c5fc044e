import { Resolver } from "node:dns/promises";
import * as path from "node:path";
import type { Instance } from "../../machine/instance";
import { waitUntil } from "../../machine/process";
import { programFile } from "../../toolchain/toolchain";
import { provideImage } from "./containerd";
import { applyObjects, mayWatch } from "./objects";

/** The domain of the cluster's own names, Kubernetes' default. */
export const clusterDomain = "cluster.local";

/** The tenth address of the service range is the DNS service's, by convention. */
export const dnsAddress = (instance: Instance) => instance.serviceRange.replace(/\.0\/\d+$/, ".10");

const port = 53;
const readinessPort = 8181;

/** Resolves the cluster's names and denies all others: no pod can reach beyond this machine. */
const corefile = `
${clusterDomain}:${port} in-addr.arpa:${port} ip6.arpa:${port} {
    errors
    ready :${readinessPort}
    kubernetes {
        pods insecure
    }
}
.:${port} {
    errors
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`;

const namespace = "kube-system";
const name = "coredns";

/** The label by which network policies everywhere allow name resolution. */
const labels = { "k8s-app": "kube-dns" };

const ports = [
    { name: "dns", protocol: "UDP", port },
    { name: "dns-tcp", protocol: "TCP", port },
];

/** CoreDNS's image. Its tag is the digest of the program's sources, so that a new program becomes a new pod. */
export const dnsImage = () =>
    `localhost/${path.basename(path.dirname(programFile(name))).replace("coredns-", "coredns:")}`;

/** CoreDNS as an unprivileged user, which needs the kernel's leave for a port below 1024. */
const podSpec = () => ({
    serviceAccountName: name,
    // Of the node: the pod can't ask itself before it runs.
    dnsPolicy: "Default",
    priorityClassName: "system-cluster-critical",
    securityContext: {
        runAsUser: 65532,
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
        sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: String(port) }],
    },
    containers: [
        {
            name,
            image: dnsImage(),
            imagePullPolicy: "Never",
            args: ["-conf", "/etc/coredns/Corefile"],
            ports: ports.map(({ name: portName, protocol }) => ({ name: portName, protocol, containerPort: port })),
            resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "170Mi" } },
            readinessProbe: { httpGet: { path: "/ready", port: readinessPort }, periodSeconds: 1 },
            securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                readOnlyRootFilesystem: true,
            },
            volumeMounts: [{ name: "configuration", mountPath: "/etc/coredns" }],
        },
    ],
    volumes: [{ name: "configuration", configMap: { name } }],
});

/** The DNS Service, its server's pod and permissions, as in CoreDNS's own deployment. */
function objects(instance: Instance): object[] {
    const metadata = { name, namespace };
    return [
        {
            apiVersion: "v1",
            kind: "Service",
            metadata: { name: "kube-dns", namespace, labels },
            spec: { clusterIP: dnsAddress(instance), selector: labels, ports },
        },
        { apiVersion: "v1", kind: "ServiceAccount", metadata },
        ...mayWatch(
            `system:${name}`,
            { kind: "ServiceAccount", ...metadata },
            {
                "": ["services", "pods", "namespaces"],
                "discovery.k8s.io": ["endpointslices"],
            },
        ),
        { apiVersion: "v1", kind: "ConfigMap", metadata, data: { Corefile: corefile } },
        {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { ...metadata, labels },
            spec: {
                replicas: 1,
                revisionHistoryLimit: 1,
                selector: { matchLabels: labels },
                template: { metadata: { labels }, spec: podSpec() },
            },
        },
    ];
}

/** Loads CoreDNS's image into the node, unless it is there. */
export const provideDnsImage = (instance: Instance) =>
    provideImage(instance, dnsImage(), { path: "/coredns", source: programFile(name), mode: 0o755 });

/** Makes the cluster's DNS, a pod in `kube-system`; it starts once there is a node. */
export const createDns = (instance: Instance) => applyObjects(instance, objects(instance));

/** Waits until the DNS service answers at the address that pods use, and knows the cluster's services. */
export async function awaitDns(instance: Instance): Promise<void> {
    const resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([dnsAddress(instance)]);
    const api = `kubernetes.default.svc.${clusterDomain}`;
    await waitUntil(async () => (await resolver.resolve4(api)).length > 0, "The cluster's DNS service", 120);
}
