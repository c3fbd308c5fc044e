import { CustomObjectsApi, PatchStrategy, setHeaderOptions, type KubeConfig } from "@kubernetes/client-node";
import { versionOf } from "./objects";
import { listRollouts, rolloutKind } from "./list";
import { refusalOf } from "./wording";

/**
 * Has Argo Rollouts abort a release wherever it is still under way, as `kubectl argo rollouts abort` does: all traffic
 * goes back to blue. What it has promoted in full stays; going back from there is a rollback.
 *
 * @returns names of the Rollouts that were still under way
 * @throws Error when the cluster refuses
 */
export async function abortRelease(
    cluster: KubeConfig,
    namespace: string,
    version: string,
): Promise<readonly string[]> {
    const api = cluster.makeApiClient(CustomObjectsApi);
    const names = (await listRollouts(cluster, namespace))
        .filter(({ spec }) => versionOf(spec.template) === version)
        .filter(({ status }) => status?.abort !== true && status?.currentPodHash !== status?.stableRS)
        .map(({ metadata }) => metadata.name ?? "");
    for (const name of names) {
        try {
            await api.patchNamespacedCustomObjectStatus(
                { ...rolloutKind, namespace, name, body: { status: { abort: true } } },
                setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
            );
        } catch (error) {
            throw new Error(`The Rollout ${name} can't be aborted: ${refusalOf(error)}.`, { cause: error });
        }
    }
    return names;
}
