import { CoreV1Api, CustomObjectsApi, PatchStrategy, setHeaderOptions, type KubeConfig } from "@kubernetes/client-node";
import { imageDigestAnnotation, templateHashLabel } from "../core/names";
import { listReplicaSets, listRollouts, rolloutKind } from "./list";
import {
    isOwnedBy,
    milliseconds,
    podHash,
    versionOf,
    type Pod,
    type PodTemplate,
    type ReplicaSet,
    type Rollout,
} from "./objects";
import { isReady } from "./pods";
import { secretAnnotations, secretsOf } from "./secrets";
import { refusalOf } from "./wording";

/** How a service goes back to a release whose ReplicaSet the cluster still has: by itself, without a step. */
export interface WayBack {
    readonly service: string;
    readonly template: PodTemplate;
    /** Pods of that release that are ready now. */
    readonly ready: number;
    /** Pods that it must have to serve. */
    readonly wanted: number;
}

/** What there is of a namespace when a way back is looked for. */
export interface Remains {
    readonly rollouts: readonly Rollout[];
    readonly replicaSets: readonly ReplicaSet[];
    readonly pods: readonly Pod[];
    /** Names of the Secrets that ReplicaSets name and that exist. */
    readonly secrets: ReadonlySet<string>;
}

const createdAt = ({ metadata }: ReplicaSet): number => milliseconds(metadata.creationTimestamp) ?? NaN;

/** Whether Argo Rollouts skips the steps for a ReplicaSet, by its own rule (`rollbackWindow` counts what lies between). */
function skipsSteps(rollout: Rollout, target: ReplicaSet, own: readonly ReplicaSet[]): boolean {
    const stable = own.find((one) => podHash(one) === rollout.status?.stableRS);
    if (!stable) return false;
    if (podHash(stable) === podHash(target)) return true;
    const between = own.filter((one) => createdAt(target) < createdAt(one) && createdAt(one) < createdAt(stable));
    return createdAt(target) < createdAt(stable) && between.length < (rollout.spec.rollbackWindow?.revisions ?? 0);
}

/**
 * The services that can go back to a release at once, whatever the configuration is now: the cluster has a ReplicaSet of
 * these very images, its Secrets are there, and the controller skips the steps for it (specification, section 7).
 *
 * @param images `sha256:…` by service
 */
export function waysBack(
    { rollouts, replicaSets, pods, secrets }: Remains,
    version: string,
    images: Readonly<Record<string, string>>,
): readonly WayBack[] {
    return rollouts.flatMap((rollout) => {
        const { name: service = "", uid } = rollout.metadata;
        const own = replicaSets.filter((one) => isOwnedBy(one, uid));
        const newestFirst = own
            .filter(({ spec }) => versionOf(spec?.template) === version)
            .filter(({ spec }) => spec?.template?.metadata?.annotations?.[imageDigestAnnotation] === images[service])
            .filter(({ spec }) => secretsOf(spec?.template).every((one) => secrets.has(one)))
            .filter((one) => skipsSteps(rollout, one, own))
            .sort((one, other) => createdAt(other) - createdAt(one));
        const [target] = newestFirst;
        if (!target?.spec?.template) return [];
        const ready = pods.filter((pod) => podHash(pod) === podHash(target)).filter(isReady).length;
        return [{ service, template: target.spec.template, ready, wanted: rollout.spec.replicas ?? 1 }];
    });
}

/** Looks for what is left of releases in a namespace. @throws Error when the cluster can't be asked */
export async function remainsOf(cluster: KubeConfig, namespace: string): Promise<Remains> {
    const pods = await cluster.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
    const replicaSets = await listReplicaSets(cluster, namespace);
    const secrets = new Set<string>();
    for (const name of new Set(replicaSets.flatMap(({ spec }) => secretsOf(spec?.template))))
        if ((await secretAnnotations(cluster, namespace, name)) !== undefined) secrets.add(name);
    return {
        rollouts: await listRollouts(cluster, namespace),
        replicaSets,
        pods: pods.items as unknown as readonly Pod[],
        secrets,
    };
}

/**
 * Has a Rollout ask for the pods of an earlier release, as `kubectl argo rollouts undo` does. The controller finds the
 * ReplicaSet of these pods again.
 *
 * @throws Error when the cluster refuses
 */
export async function takeWayBack(cluster: KubeConfig, namespace: string, way: WayBack): Promise<void> {
    const { service, template } = way;
    // The controller writes this label into ReplicaSets' templates alone.
    const { [templateHashLabel]: _, ...labels } = { ...template.metadata?.labels };
    const value = { ...template, metadata: { ...template.metadata, labels } };
    try {
        await cluster.makeApiClient(CustomObjectsApi).patchNamespacedCustomObject(
            {
                ...rolloutKind,
                namespace,
                name: service,
                body: [{ op: "replace", path: "/spec/template", value }],
            },
            setHeaderOptions("Content-Type", PatchStrategy.JsonPatch),
        );
    } catch (error) {
        throw new Error(`The Rollout ${service} can't go back: ${refusalOf(error)}.`, { cause: error });
    }
}
