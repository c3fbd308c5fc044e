import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import type { Instance } from "../../machine/instance";
import { programFile } from "../../toolchain/toolchain";
import { cloudEnvironment } from "../cloud/moto";
import { nodeIsReady } from "./api";
import { pkiFile } from "./certificates";
import { containerdSocket } from "./containerd";
import { asArguments } from "./control-plane";
import { clusterDomain, dnsAddress } from "./dns";
import { listens, startInside } from "./namespaces";

const credentialProvider = "ecr-credential-provider";

/** How the kubelet gets credentials for the registry: with the program and the settings of EKS's nodes. */
function credentialConfiguration(instance: Instance) {
    return {
        apiVersion: "kubelet.config.k8s.io/v1",
        kind: "CredentialProviderConfig",
        providers: [
            {
                name: credentialProvider,
                apiVersion: "credentialprovider.kubelet.k8s.io/v1",
                matchImages: ["*.dkr.ecr.*.amazonaws.com"],
                defaultCacheDuration: "12h",
                // A node of EC2 has a role instead.
                env: Object.entries(cloudEnvironment(instance, instance.hostAddress)).map(([name, value]) => ({
                    name,
                    value,
                })),
            },
        ],
    };
}

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
        // The disk is the machine's, and what fills it may not be this sandbox.
        imageGCHighThresholdPercent: 100,
        imageGCLowThresholdPercent: 99,
    };
    fs.mkdirSync(root, { recursive: true });
    const file = path.join(root, "config.yaml");
    fs.writeFileSync(file, stringify(configuration));
    const credentials = path.join(root, "credentials.yaml");
    fs.writeFileSync(credentials, stringify(credentialConfiguration(instance)));
    const flags = {
        config: file,
        kubeconfig: pkiFile(instance, "kubelet.kubeconfig"),
        "root-dir": root,
        "image-credential-provider-config": credentials,
        "image-credential-provider-bin-dir": path.dirname(programFile(credentialProvider)),
        "cert-dir": path.join(root, "pki"),
        "hostname-override": instance.nodeName,
        "node-ip": instance.nodeAddress,
    };
    await startInside(instance, "kubelet", programFile("kubelet"), asArguments(flags), {
        // Kubernetes reports a lost node as ready for a while; the kubelet's own port shows that this one has started.
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
