import { AppsV1Api, type KubeConfig } from "@kubernetes/client-node";
import { isOwnedBy, podHash, revisionOf, servingHashes, type ReplicaSet, type Rollout, type World } from "./objects";
import { refusalOf } from "./wording";

/**
 * ReplicaSets of releases that were tried after blue and aborted or replaced before green came: they are newer than what is stable
 * and older than what is asked for. None before the controller has begun with green, nor when green has all traffic.
 *
 * One that still has pods, or weight, is not among them. It may be the green of a canary that this release has ended:
 * the canary's Service selects it until this release's pods are ready, and then Argo Rollouts itself scales it down.
 *
 * Argo Rollouts takes any ReplicaSet that is older than the stable one for a rollback and skips the steps for it
 * (`rollbackWindow`). Once green is stable, a release that failed would get all requests untested.
 */
export function abandonedReplicaSets(
    { replicaSets }: NonNullable<World["objects"]>,
    rollout: Rollout,
): readonly ReplicaSet[] {
    const { currentPodHash, stableRS } = rollout.status ?? {};
    const serving = servingHashes(rollout);
    const own = replicaSets.filter((one) => isOwnedBy(one, rollout.metadata.uid));
    const blue = own.find((one) => podHash(one) === stableRS);
    if (!blue || currentPodHash === undefined || currentPodHash === stableRS) return [];
    return own.filter(
        (one) =>
            !serving.has(podHash(one)) &&
            one.spec?.replicas === 0 &&
            revisionOf(one) > revisionOf(blue) &&
            revisionOf(one) < revisionOf(rollout) &&
            one.metadata.deletionTimestamp === undefined,
    );
}

/** Deletes ReplicaSets and their pods; those that are gone already are no error. @throws Error when the cluster refuses */
export async function deleteReplicaSets(
    cluster: KubeConfig,
    namespace: string,
    names: readonly string[],
): Promise<void> {
    const api = cluster.makeApiClient(AppsV1Api);
    for (const name of names) {
        try {
            await api.deleteNamespacedReplicaSet({ namespace, name, propagationPolicy: "Background" });
        } catch (error) {
            if ((error as { readonly code?: unknown }).code === 404) continue;
            throw new Error(`The ReplicaSet ${name} can't be deleted: ${refusalOf(error)}.`, { cause: error });
        }
    }
}
