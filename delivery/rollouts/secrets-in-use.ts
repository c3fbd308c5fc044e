import type { KubeConfig } from "@kubernetes/client-node";
import { readVersions, secretVersionsAnnotation, type SecretVersions } from "../core/secret-versions";
import { listReplicaSets, listWorkloads } from "./list";
import { servingTemplate, versionOf } from "./objects";
import { secretAnnotations, secretsOf } from "./secrets";
import { refusalOf } from "./wording";

/** What the serving pods of a service were started with. */
export interface RunningService {
    readonly service: string;
    /** The release's version, where the pods say one. */
    readonly version: string | undefined;
    readonly secrets: readonly SecretInUse[];
}

export interface SecretInUse {
    /** Name of the Kubernetes Secret. */
    readonly name: string;
    /** The secret store's versions that it was made from; undefined where it does not say, or is gone. */
    readonly versions: SecretVersions | undefined;
}

/** The secret store's entries that services were started with, each once. */
export const entriesOf = (services: readonly RunningService[]): string[] => [
    ...new Set(services.flatMap(({ secrets }) => secrets.flatMap(({ versions }) => Object.keys(versions ?? {})))),
];

/**
 * The services of a namespace with the Secrets of the pods that serve: of a Rollout, the stable ones, which are blue's
 * while a release is under way.
 *
 * @throws Error when the cluster can't be asked
 */
export async function secretsInUse(cluster: KubeConfig, namespace: string): Promise<readonly RunningService[]> {
    try {
        const workloads = await listWorkloads(cluster, namespace);
        const replicaSets = await listReplicaSets(cluster, namespace);
        return await Promise.all(
            workloads.map(async (workload) => {
                const template = servingTemplate(workload, replicaSets);
                return {
                    service: workload.metadata.name ?? "",
                    version: versionOf(template),
                    secrets: await Promise.all(
                        secretsOf(template).map(async (name) => ({
                            name,
                            versions: readVersions(
                                (await secretAnnotations(cluster, namespace, name))?.[secretVersionsAnnotation],
                            ),
                        })),
                    ),
                };
            }),
        );
    } catch (error) {
        throw new Error(`The cluster does not tell what ${namespace} runs: ${refusalOf(error)}.`, { cause: error });
    }
}
