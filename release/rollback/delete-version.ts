import type { KubeConfig } from "@kubernetes/client-node";
import { deleteReplicaSets } from "../../delivery/rollouts/abandoned-replica-sets";
import { isOwnedBy, podHash, servingHashes, versionOf } from "../../delivery/rollouts/objects";
import { listReplicaSets, listRollouts } from "../../delivery/rollouts/list";

/**
 * Deletes the ReplicaSets of a version that an environment has left. Argo Rollouts takes any ReplicaSet that is older
 * than the stable one for a rollback, also one that was aborted, and skips the steps for it (`rollbackWindow`): once a
 * newer release runs, the failed one would get all requests untested. A ReplicaSet that still serves stays.
 *
 * @returns names of those that were deleted
 * @throws Error when the cluster refuses
 */
export async function deleteVersion(cluster: KubeConfig, namespace: string, version: string): Promise<string[]> {
    const rollouts = await listRollouts(cluster, namespace);
    const left = (await listReplicaSets(cluster, namespace))
        .filter((one) => {
            const hash = podHash(one);
            const owner = rollouts.find(({ metadata }) => isOwnedBy(one, metadata.uid));
            return owner !== undefined && hash !== undefined && !servingHashes(owner).has(hash);
        })
        .filter(({ spec }) => versionOf(spec?.template) === version)
        .map(({ metadata }) => metadata.name ?? "");
    await deleteReplicaSets(cluster, namespace, left);
    return left;
}
