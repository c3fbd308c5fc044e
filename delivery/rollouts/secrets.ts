import { CoreV1Api, PatchStrategy, setHeaderOptions, type KubeConfig } from "@kubernetes/client-node";
import type { PodTemplate } from "./objects";
import { listReplicaSets } from "./list";
import { refusalOf } from "./wording";

/** Asks for one Secret's name and annotations: a deployer may get a Secret that it names, and list none. */
const oneWithoutValues = setHeaderOptions("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");

/** Annotations of a Secret; undefined where it does not exist. @throws Error when the cluster can't be asked */
export async function secretAnnotations(
    cluster: KubeConfig,
    namespace: string,
    name: string,
): Promise<Readonly<Record<string, string>> | undefined> {
    const core = cluster.makeApiClient(CoreV1Api);
    try {
        const { metadata } = await core.readNamespacedSecret({ namespace, name }, oneWithoutValues);
        return metadata?.annotations ?? {};
    } catch (error) {
        if ((error as { readonly code?: unknown }).code === 404) return undefined;
        throw error;
    }
}

/** Adds owners to those that a Secret has already (Kubernetes API, `patchMergeKey` of `ownerReferences`). */
const mergingByUid = setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch);

/** Names of the Secrets without which a pod can't start. */
export function secretsOf(template: PodTemplate | undefined): readonly string[] {
    const { containers = [] } = (template?.spec ?? {}) as {
        readonly containers?: readonly {
            readonly envFrom?: readonly { readonly secretRef?: { readonly name?: string } }[];
        }[];
    };
    return containers.flatMap(({ envFrom = [] }) => envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []));
}

/**
 * Makes a namespace's ReplicaSets the owners of the Secrets that their pods need. A Secret is the way back to its release: a
 * pod that comes back can't start without it. When Argo Rollouts deletes the last ReplicaSet that names it, the cluster's
 * garbage collector deletes it. A deployer needs to list no Secrets for that.
 *
 * @throws Error when the cluster refuses
 */
export async function bindSecrets(cluster: KubeConfig, namespace: string): Promise<void> {
    const core = cluster.makeApiClient(CoreV1Api);
    const owners = new Map<string, object[]>();
    try {
        for (const { metadata, spec } of await listReplicaSets(cluster, namespace)) {
            const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: metadata.name, uid: metadata.uid };
            for (const name of secretsOf(spec?.template)) owners.set(name, [...(owners.get(name) ?? []), owner]);
        }
        for (const [name, ownerReferences] of owners) {
            // One that is missing can't be owned: its ReplicaSet is no way back any more.
            if ((await secretAnnotations(cluster, namespace, name)) === undefined) continue;
            const body = { metadata: { ownerReferences } };
            await core.patchNamespacedSecret({ namespace, name, body }, mergingByUid);
        }
    } catch (error) {
        const reason = refusalOf(error);
        throw new Error(`Secrets can't be given their ReplicaSets as owners: ${reason}.`, { cause: error });
    }
}
