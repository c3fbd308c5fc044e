import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import type { Instance } from "../instance";
import { programFile } from "../toolchain/toolchain";
import { nodeIsReady } from "./api";
import { pkiFile } from "./certificates";
import { containerdSocket } from "./containerd";
import { asArguments } from "./control-plane";
import { clusterDomain, dnsAddress } from "./dns";
import { listens, startInside } from "./namespaces";

export async function startKubelet(instance: Instance): Promise<void> {
    const root = path.join(instance.root, "kubelet");
    const configuration = {
        apiVersion: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        address: instance.nodeAddress,
        authentication: {
            anonymous: { enabled: false },
            webhook: { enabled: true },
            x509: { clientCAFile: pkiFile(instance, "ca.crt") },
        },
        authorization: { mode: "Webhook" },
        tlsCertFile: pkiFile(instance, "kubelet-serving.crt"),
        tlsPrivateKeyFile: pkiFile(instance, "kubelet-serving.key"),
        containerRuntimeEndpoint: `unix://${containerdSocket}`,
        clusterDNS: [dnsAddress(instance)],
        clusterDomain,
        cgroupDriver: "cgroupfs",
        cgroupRoot: `/${instance.controlGroup}`,
        failCgroupV1: false,
        failSwapOn: false,
        podLogsDir: path.join(instance.logs, "pods"),
        volumePluginDir: path.join(instance.root, "volume-plugins"),
        enforceNodeAllocatable: ["pods"],
        evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
        // Images come from archives and could not be pulled again.
        imageGCHighThresholdPercent: 100,
        imageGCLowThresholdPercent: 99,
    };
    fs.mkdirSync(root, { recursive: true });
    const file = path.join(root, "config.yaml");
    fs.writeFileSync(file, stringify(configuration));
    const flags = {
        config: file,
        kubeconfig: pkiFile(instance, "kubelet.kubeconfig"),
        "root-dir": root,
        "cert-dir": path.join(root, "pki"),
        "hostname-override": instance.nodeName,
        "node-ip": instance.nodeAddress,
    };
    await startInside(instance, "kubelet", programFile("kubelet"), asArguments(flags), {
        // Kubernetes keeps saying "ready" for a while after a node has gone; the kubelet's own port tells this start.
        ready: async () => listens(instance, 10250) && nodeIsReady(instance),
        timeout: 120,
    });
}

export async function startKubeProxy(instance: Instance): Promise<void> {
    const healthPort = 10256;
    const flags = {
        kubeconfig: pkiFile(instance, "kube-proxy.kubeconfig"),
        "hostname-override": instance.nodeName,
        "proxy-mode": "iptables",
        "cluster-cidr": instance.podRange,
        "healthz-bind-address": `127.0.0.1:${healthPort}`,
        "metrics-bind-address": "127.0.0.1:10249",
        "iptables-localhost-nodeports": false,
        // These settings of the connection tracker belong to the whole machine.
        "conntrack-max-per-core": 0,
        "conntrack-tcp-timeout-established": "0s",
        "conntrack-tcp-timeout-close-wait": "0s",
    };
    await startInside(instance, "kube-proxy", programFile("kube-proxy"), asArguments(flags), {
        ready: () => Promise.resolve(listens(instance, healthPort)),
    });
}
