import type { KubeConfig } from "@kubernetes/client-node";
import {
    isOwnedBy,
    podHash,
    revisionOf,
    versionOf,
    type ReplicaSet,
    type Rollout,
} from "../../delivery/rollouts/objects";
import { listReplicaSets, listWorkloads } from "../../delivery/rollouts/list";

/** What a service ran before a release, by the records that the cluster keeps: the nearest version first. */
export interface ServiceHistory {
    readonly service: string;
    readonly versions: readonly string[];
}

/** The versions of one service's ReplicaSets before `failing`: what is stable, then the newest revision first. */
export function versionsBefore(workload: Rollout, replicaSets: readonly ReplicaSet[], failing: string): string[] {
    const { stableRS } = workload.status ?? {};
    const isStable = (one: ReplicaSet) => Number(stableRS !== undefined && podHash(one) === stableRS);
    const versions = replicaSets
        .filter((one) => isOwnedBy(one, workload.metadata.uid))
        .sort((one, other) => isStable(other) - isStable(one) || revisionOf(other) - revisionOf(one))
        .map(({ spec }) => versionOf(spec?.template))
        .filter((version) => version !== undefined && version !== failing);
    return [...new Set(versions as string[])];
}

/**
 * What the services that are asked to run `failing` ran before it.
 *
 * @throws Error when the cluster can't be asked
 */
export async function readHistory(cluster: KubeConfig, namespace: string, failing: string): Promise<ServiceHistory[]> {
    const workloads = await listWorkloads(cluster, namespace);
    const replicaSets = await listReplicaSets(cluster, namespace);
    return workloads
        .filter(({ spec }) => versionOf(spec.template) === failing)
        .map((workload) => ({
            service: workload.metadata.name ?? "",
            versions: versionsBefore(workload, replicaSets, failing),
        }));
}
