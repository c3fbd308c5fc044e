import { BatchV1Api, CoreV1Api, setHeaderOptions, type KubeConfig } from "@kubernetes/client-node";
import type { PodTemplate } from "./objects";
import { listReplicaSets } from "./list";
import { refusalOf } from "./wording";

/** Label of the Secrets that a release brings and that stay for the releases before it, with what they are for. */
export const secretsLabel = "relaypacs.com/secrets";

/** Asks for names and labels alone: the values of Secrets are not needed here. */
const metadataOnly = setHeaderOptions("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");

/** Names of a namespace's Secrets with `label`. @throws Error when the cluster can't be asked */
export async function listSecretNames(
    cluster: KubeConfig,
    namespace: string,
    label: string,
): Promise<readonly string[]> {
    const query = { namespace, labelSelector: label };
    const { items } = await cluster.makeApiClient(CoreV1Api).listNamespacedSecret(query, metadataOnly);
    return items.map(({ metadata }) => metadata?.name ?? "");
}

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
 * Deletes the Secrets of earlier releases that no ReplicaSet and no Job names any more. One that is named is the way back
 * to its release: a pod that comes back can't start without it.
 *
 * @param inUse names that stay in any case
 * @returns names of those that were deleted
 * @throws Error when the cluster refuses
 */
export async function deleteUnusedSecrets(
    cluster: KubeConfig,
    namespace: string,
    inUse: readonly string[],
): Promise<readonly string[]> {
    const core = cluster.makeApiClient(CoreV1Api);
    try {
        const candidates = await listSecretNames(cluster, namespace, secretsLabel);
        // Read after the Secrets: what comes now names one of this release.
        const replicaSets = await listReplicaSets(cluster, namespace);
        const jobs = await cluster.makeApiClient(BatchV1Api).listNamespacedJob({ namespace });
        const templates = [
            ...replicaSets.map(({ spec }) => spec?.template),
            ...jobs.items.map(({ spec }) => spec?.template),
        ];
        const named = new Set([...inUse, ...templates.flatMap((one) => secretsOf(one as PodTemplate | undefined))]);
        const unused = candidates.filter((name) => !named.has(name));
        for (const name of unused) await core.deleteNamespacedSecret({ namespace, name });
        return unused;
    } catch (error) {
        throw new Error(`Secrets of earlier releases can't be deleted: ${refusalOf(error)}.`, { cause: error });
    }
}
