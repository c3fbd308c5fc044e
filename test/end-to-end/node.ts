import * as fs from "node:fs";
import { PatchStrategy, setHeaderOptions, type V1Pod } from "@kubernetes/client-node";
import { namespace } from "../../sandbox/drill/production";
import { api } from "./drills";
import { instance } from "./world";

/** Allows pods on the sandbox's only node, or not (`kubectl uncordon`, `kubectl cordon`). */
export async function schedule(allowed: boolean): Promise<void> {
    await api.core.patchNode(
        { name: instance.nodeName, body: { spec: { unschedulable: !allowed } } },
        setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch),
    );
}

/** The backend's pods, of both colours; production's by default. */
export async function backendPods(where: string = namespace): Promise<V1Pod[]> {
    const labelSelector = "app.kubernetes.io/name=backend,app.kubernetes.io/component=server";
    const { items } = await api.core.listNamespacedPod({ namespace: where, labelSelector });
    return items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
}

export const isReady = ({ status }: V1Pod): boolean =>
    (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True");

export const versionOf = ({ metadata }: V1Pod): string => metadata?.labels?.["app.kubernetes.io/version"] ?? "none";

/** The backend's pods of a version that are ready; production's by default. */
export const readyPods = async (version: string, where: string = namespace): Promise<V1Pod[]> =>
    (await backendPods(where)).filter((pod) => versionOf(pod) === version && isReady(pod));

/** Requests a pod's eviction as `kubectl drain` does. False while its disruption budget forbids it. */
export async function evict({ metadata: { name = "", namespace = "" } = {} }: V1Pod): Promise<boolean> {
    try {
        await api.core.createNamespacedPodEviction({ namespace, name, body: { metadata: { namespace, name } } });
        return true;
    } catch (error) {
        if ((error as { readonly code?: unknown }).code === 429) return false;
        throw error;
    }
}

/** Kills the processes of pods, as running out of memory does, and returns how many. The kubelet restarts them. */
export function crash(pods: readonly V1Pod[]): number {
    const names = pods.map(({ metadata }) => metadata?.name);
    const killed = fs.readdirSync("/proc").filter((entry) => {
        if (!/^\d+$/.test(entry)) return false;
        try {
            const variables = fs.readFileSync(`/proc/${entry}/environ`, "latin1").split("\0");
            return names.some((name) => variables.includes(`HOSTNAME=${name ?? ""}`));
        } catch {
            // It has ended.
            return false;
        }
    });
    for (const pid of killed) process.kill(Number(pid), "SIGKILL");
    return killed.length;
}
