import { AppsV1Api, CustomObjectsApi, type KubeConfig } from "@kubernetes/client-node";
import { namespaceName } from "../core/names";
import { refusalOf } from "./wording";
import { versionOf, type ReplicaSet, type Rollout } from "./objects";

/** How the API server names Rollouts. */
export const rolloutKind = { group: "argoproj.io", version: "v1alpha1", plural: "rollouts" } as const;

/** The Rollouts of a namespace; none where the cluster does not know the kind. @throws Error when it can't be asked */
export async function listRollouts(cluster: KubeConfig, namespace: string): Promise<readonly Rollout[]> {
    try {
        const list = (await cluster
            .makeApiClient(CustomObjectsApi)
            .listNamespacedCustomObject({ ...rolloutKind, namespace })) as {
            readonly items: readonly Rollout[];
        };
        return list.items;
    } catch (error) {
        if ((error as { readonly code?: unknown }).code === 404) return [];
        throw new Error(`The Rollouts of ${namespace} can't be listed: ${refusalOf(error)}.`, { cause: error });
    }
}

/** The ReplicaSets of a namespace, as they are written. @throws Error when the cluster can't be asked */
export async function listReplicaSets(cluster: KubeConfig, namespace: string): Promise<readonly ReplicaSet[]> {
    const kind = { group: "apps", version: "v1", plural: "replicasets" };
    const list = await cluster.makeApiClient(CustomObjectsApi).listNamespacedCustomObject({ ...kind, namespace });
    return (list as { readonly items: readonly ReplicaSet[] }).items;
}

/**
 * The workloads by which a namespace's services are released: Rollouts in production, Deployments elsewhere, which have
 * the same fields as far as a Rollout's are read here, but no weights and steps.
 *
 * @throws Error when the cluster can't be asked
 */
export async function listWorkloads(cluster: KubeConfig, namespace: string): Promise<readonly Rollout[]> {
    const labelSelector = "app.kubernetes.io/component=server";
    const deployments = cluster.makeApiClient(AppsV1Api).listNamespacedDeployment({ namespace, labelSelector });
    const servers = (await deployments).items.map(({ metadata = {}, spec }) => ({
        metadata,
        spec: { template: spec?.template ?? {} },
    }));
    return [...(await listRollouts(cluster, namespace)), ...(servers as Rollout[])];
}

/** The versions that a stack's services are asked to run, each once. @throws Error when the cluster can't be asked */
export async function askedVersions(stack: string, cluster: KubeConfig): Promise<readonly string[]> {
    const workloads = await listWorkloads(cluster, namespaceName(stack));
    const versions = workloads.map(({ spec }) => versionOf(spec.template));
    return [...new Set(versions.filter((version) => version !== undefined))];
}
