import * as path from "node:path";
import type { Instance } from "../../machine/instance";
import { programFile } from "../../toolchain/toolchain";
import { answers, get } from "./api";
import { pkiFile } from "./certificates";
import { listens, startInside } from "./namespaces";

type Flags = Readonly<Record<string, string | number | boolean>>;

/** A component's flags as arguments, `--name=value`. */
export const asArguments = (flags: Flags) => Object.entries(flags).map(([name, value]) => `--${name}=${String(value)}`);

const etcdPort = 2379;

/** etcd listens on the namespace's loopback only: it has no access control, and pods have loopbacks of their own. */
export async function startEtcd(instance: Instance): Promise<void> {
    const client = `http://127.0.0.1:${etcdPort}`;
    const peer = "http://127.0.0.1:2380";
    const flags = {
        name: "sandbox",
        "data-dir": path.join(instance.root, "etcd"),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": `sandbox=${peer}`,
        "log-level": "warn",
        // The data survives a killed etcd without it; it need not survive a loss of power.
        "unsafe-no-fsync": true,
    };
    await startInside(instance, "etcd", programFile("kubecp"), ["etcd", ...asArguments(flags)], {
        ready: () => Promise.resolve(listens(instance, etcdPort)),
    });
}

export async function startApiServer(instance: Instance): Promise<void> {
    const pki = (file: string) => pkiFile(instance, file);
    const flags = {
        "bind-address": instance.nodeAddress,
        "advertise-address": instance.nodeAddress,
        "secure-port": new URL(instance.kubernetesApi).port,
        "etcd-servers": `http://127.0.0.1:${etcdPort}`,
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "allow-privileged": true,
        "service-cluster-ip-range": instance.serviceRange,
        "client-ca-file": pki("ca.crt"),
        "tls-cert-file": pki("apiserver.crt"),
        "tls-private-key-file": pki("apiserver.key"),
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": pki("service-account.pub"),
        "service-account-signing-key-file": pki("service-account.key"),
        "kubelet-preferred-address-types": "InternalIP",
        "kubelet-certificate-authority": pki("ca.crt"),
        "kubelet-client-certificate": pki("kubelet-client.crt"),
        "kubelet-client-key": pki("kubelet-client.key"),
        "requestheader-client-ca-file": pki("ca.crt"),
        "requestheader-allowed-names": "front-proxy-client",
        "requestheader-username-headers": "X-Remote-User",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "proxy-client-cert-file": pki("front-proxy.crt"),
        "proxy-client-key-file": pki("front-proxy.key"),
        profiling: false,
    };
    await startInside(instance, "kube-apiserver", programFile("kubecp"), ["kube-apiserver", ...asArguments(flags)], {
        ready: () => answers(instance, `${instance.kubernetesApi}/readyz`),
        timeout: 120,
    });
}

/** Flags that the controller manager and the scheduler share. */
function clientFlags(instance: Instance, name: string, port: number) {
    const kubeconfig = pkiFile(instance, `${name}.kubeconfig`);
    return {
        kubeconfig,
        "authentication-kubeconfig": kubeconfig,
        "authorization-kubeconfig": kubeconfig,
        "bind-address": instance.nodeAddress,
        "secure-port": port,
        "tls-cert-file": pkiFile(instance, "apiserver.crt"),
        "tls-private-key-file": pkiFile(instance, "apiserver.key"),
        "leader-elect": false,
        "kube-api-qps": 200,
        "kube-api-burst": 400,
        profiling: false,
    };
}

export async function startControllerManager(instance: Instance): Promise<void> {
    const name = "kube-controller-manager";
    const port = 10257;
    const flags = {
        ...clientFlags(instance, name, port),
        "use-service-account-credentials": true,
        "service-account-private-key-file": pkiFile(instance, "service-account.key"),
        "root-ca-file": pkiFile(instance, "ca.crt"),
        "cluster-signing-cert-file": pkiFile(instance, "ca.crt"),
        "cluster-signing-key-file": pkiFile(instance, "ca.key"),
        "service-cluster-ip-range": instance.serviceRange,
        "flex-volume-plugin-dir": path.join(instance.root, "volume-plugins"),
    };
    const defaultAccount = `${instance.kubernetesApi}/api/v1/namespaces/default/serviceaccounts/default`;
    await startInside(instance, name, programFile("kubecp"), [name, ...asArguments(flags)], {
        ready: async () => {
            await get(instance, `https://${instance.nodeAddress}:${port}/healthz`);
            return answers(instance, defaultAccount);
        },
    });
}

export async function startScheduler(instance: Instance): Promise<void> {
    const name = "kube-scheduler";
    const port = 10259;
    const flags = clientFlags(instance, name, port);
    await startInside(instance, name, programFile("kubecp"), [name, ...asArguments(flags)], {
        ready: () => answers(instance, `https://${instance.nodeAddress}:${port}/healthz`),
    });
}
