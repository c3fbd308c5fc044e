import * as fs from "node:fs";
import * as path from "node:path";
import type { Instance } from "../../machine/instance";
import type { Part, Progress } from "../../machine/part";
import { runningPid } from "../../machine/process";
import { programFile } from "../../toolchain/toolchain";
import { answers, nodeIsReady } from "./api";
import { createCertificates } from "./certificates";
import { pauseImage, provideImage, startContainerd } from "./containerd";
import { startApiServer, startControllerManager, startEtcd, startScheduler } from "./control-plane";
import { awaitDns, createDns, provideDnsImage } from "./dns";
import { createNamespaces, initPid, removeNamespaces } from "./namespaces";
import { networkPolicies, startNetworkPolicies } from "./network-policies";
import { startKubelet, startKubeProxy } from "./node";

const processes = [
    "etcd",
    "containerd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    networkPolicies,
] as const;

/** Images that the node has before its first pod: every pod needs the pause image. */
async function provideImages(instance: Instance): Promise<void> {
    await provideImage(instance, pauseImage, { path: "/pause", source: programFile("pause"), mode: 0o755 });
    await provideDnsImage(instance);
}

async function up(instance: Instance, progress: Progress): Promise<void> {
    progress("namespaces and certificates");
    await Promise.all([createNamespaces(instance), createCertificates(instance)]);
    progress("containerd, etcd and API server");
    const containerd = startContainerd(instance).then(() => provideImages(instance));
    await Promise.all([containerd, startEtcd(instance).then(() => startApiServer(instance))]);
    progress("controllers and node");
    // Before the first pod can connect to anything.
    await startNetworkPolicies(instance);
    await Promise.all([
        startControllerManager(instance),
        startScheduler(instance),
        startKubelet(instance),
        startKubeProxy(instance),
        createDns(instance),
    ]);
    await awaitDns(instance);
}

/** etcd, the Kubernetes control plane, cluster DNS and one node with real pods, all in namespaces of their own. */
export const cluster: Part = {
    name: "cluster",
    up,
    state: async (instance) => {
        if (initPid(instance) === undefined) return { running: false, detail: "not running" };
        const missing = processes.filter((name) => runningPid(instance, name) === undefined);
        if (missing.length > 0) return { running: false, detail: `ended: ${missing.join(", ")}` };
        if (!(await answers(instance, `${instance.kubernetesApi}/readyz`)))
            return { running: false, detail: "the API server is not ready" };
        if (!(await nodeIsReady(instance))) return { running: false, detail: "the node is not ready" };
        return { running: true, detail: instance.kubernetesApi };
    },
    down: async (instance) => {
        await removeNamespaces(instance);
        // They ended with the namespaces.
        for (const name of processes) fs.rmSync(path.join(instance.run, `${name}.pid`), { force: true });
    },
    environment: (instance) => ({ KUBECONFIG: instance.kubeconfig }),
};
