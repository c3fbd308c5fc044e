import { CustomObjectsApi, PatchStrategy, setHeaderOptions, type KubeConfig } from "@kubernetes/client-node";
import { rolloutKind } from "./list";
import type { Rollout } from "./objects";
import { refusalOf } from "./wording";

/** What was done to a Rollout that asked for too few pods. */
export interface Restored {
    /** Pods that it asked for. */
    readonly was: number;
    /** Generation of the Rollout's specification since then. */
    readonly generation: number;
}

/**
 * Has a Rollout ask for its pods again after someone scaled it down by hand. Pulumi compares with its state, which knows
 * nothing of it, so an update without a refresh changes nothing. A Rollout that asks for more keeps them.
 *
 * @returns undefined where nothing was to be done
 * @throws Error when the cluster refuses
 */
export async function restoreReplicas(
    cluster: KubeConfig,
    namespace: string,
    name: string,
    replicas: number,
): Promise<Restored | undefined> {
    const api = cluster.makeApiClient(CustomObjectsApi);
    const of = { ...rolloutKind, namespace, name };
    try {
        const { spec } = (await api.getNamespacedCustomObject(of)) as Rollout;
        const { replicas: was = 1 } = spec;
        if (was >= replicas) return undefined;
        const patched = (await api.patchNamespacedCustomObject(
            { ...of, body: { spec: { replicas } } },
            setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
        )) as Rollout;
        return { was, generation: patched.metadata.generation ?? 0 };
    } catch (error) {
        throw new Error(`The Rollout ${name} can't be scaled: ${refusalOf(error)}.`, { cause: error });
    }
}
