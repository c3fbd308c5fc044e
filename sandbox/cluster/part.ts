import * as fs from "node:fs";
import * as path from "node:path";
import { writeOciArchive } from "../application/oci";
import type { Instance } from "../instance";
import type { Part, Progress } from "../part";
import { runningPid } from "../process";
import { programFile } from "../toolchain/toolchain";
import { answers, nodeIsReady } from "./api";
import { createCertificates } from "./certificates";
import { imageReferences, importImage, pauseImage, startContainerd } from "./containerd";
import { startApiServer, startControllerManager, startEtcd, startScheduler } from "./control-plane";
import { awaitDns, startDns } from "./dns";
import { createNamespaces, initPid, removeNamespaces } from "./namespaces";
import { startKubelet, startKubeProxy } from "./node";

const processes = [
    "etcd",
    "containerd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "coredns",
] as const;

/** Every pod needs the pause image; no registry is there to pull it from. */
async function providePauseImage(instance: Instance): Promise<void> {
    if ((await imageReferences(instance)).includes(pauseImage)) return;
    const archive = path.join(instance.root, "temporary", "pause.tar");
    const binary = { path: "/pause", source: programFile("pause"), mode: 0o755 };
    await writeOciArchive(
        { reference: pauseImage, files: [binary], entrypoint: ["/pause"], user: "65532:65532" },
        archive,
    );
    await importImage(instance, archive);
    fs.rmSync(archive);
}

async function up(instance: Instance, progress: Progress): Promise<void> {
    progress("namespaces and certificates");
    await Promise.all([createNamespaces(instance), createCertificates(instance)]);
    progress("containerd, etcd and API server");
    const containerd = startContainerd(instance).then(() => providePauseImage(instance));
    await Promise.all([containerd, startEtcd(instance).then(() => startApiServer(instance))]);
    progress("controllers and node");
    await Promise.all([
        startControllerManager(instance),
        startScheduler(instance),
        startKubelet(instance),
        startKubeProxy(instance),
        startDns(instance),
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
        // They died with the namespaces.
        for (const name of processes) fs.rmSync(path.join(instance.run, `${name}.pid`), { force: true });
    },
    environment: (instance) => ({ KUBECONFIG: instance.kubeconfig }),
};
