import { AppsV1Api, type KubeConfig } from "@kubernetes/client-node";
import { deleteReplicaSets } from "../../delivery/rollouts/abandoned-replica-sets";
import { isOwnedBy, servingHashes, versionOf, type PodTemplate } from "../../delivery/rollouts/objects";
import { listRollouts } from "../../delivery/rollouts/list";
import { templateHashLabel } from "../../delivery/core/names";

/**
 * Deletes the ReplicaSets of a version that an environment has left. Argo Rollouts takes any ReplicaSet that is older
 * than the stable one for a rollback, also one that was aborted, and skips the steps for it (`rollbackWindow`): once a
 * newer release runs, the failed one would get all requests untested. A ReplicaSet that still serves stays.
 *
 * @returns names of those that were deleted
 * @throws Error when the cluster refuses
 */
export async function deleteVersion(cluster: KubeConfig, namespace: string, version: string): Promise<string[]> {
    const api = cluster.makeApiClient(AppsV1Api);
    const rollouts = await listRollouts(cluster, namespace);
    const { items } = await api.listNamespacedReplicaSet({ namespace });
    const left = items.flatMap(({ metadata, spec }) => {
        const hash = metadata?.labels?.[templateHashLabel];
        const owner = rollouts.find((one) => isOwnedBy({ metadata: metadata ?? {} }, one.metadata.uid));
        const serves = owner === undefined || hash === undefined || servingHashes(owner).has(hash);
        return !serves && versionOf(spec?.template as PodTemplate | undefined) === version
            ? [metadata?.name ?? ""]
            : [];
    });
    await deleteReplicaSets(cluster, namespace, left);
    return left;
}
