import * as pulumi from "@pulumi/pulumi";
import { deleteReplicaSets } from "../../delivery/rollouts/abandoned-replica-sets";
import { clusterOf, followRollout, RolloutError, type FollowOptions } from "../../delivery/rollouts/follow-rollout";
import { abortRelease } from "../../delivery/rollouts/abort-release";
import { restoreReplicas } from "../../delivery/rollouts/restore-replicas";
import { causeOf, oneLine } from "../../delivery/rollouts/wording";

export interface RolloutWatchArgs {
    readonly namespace: pulumi.Input<string>;
    /** Name of the Rollout in the cluster. */
    readonly name: string;
    /** Version that the Rollout's pods carry (`app.kubernetes.io/version`). */
    readonly version: string;
    /** Pods that the Rollout asks for. */
    readonly replicas: number;
    /** Kubeconfig context that the program's provider uses; the current one by default. */
    readonly context?: string | undefined;
}

/** What is done with a Rollout in the cluster; tests replace it. */
export interface RolloutTools {
    readonly follow: (options: FollowOptions) => Promise<unknown>;
    readonly abortRelease: typeof abortRelease;
    readonly deleteReplicaSets: typeof deleteReplicaSets;
    readonly restoreReplicas: typeof restoreReplicas;
}

const rolloutTools: RolloutTools = { follow: followRollout, abortRelease, deleteReplicaSets, restoreReplicas };

/** Stops following all rollouts of a program when one has failed, so that the update fails at once. */
const failed = new AbortController();

/** The Rollout that has failed, and in which others the release was aborted because of it; undefined where none could be. */
let failure: { readonly name: string; readonly aborted: Promise<readonly string[] | undefined> } | undefined;

/**
 * Follows a Rollout to its outcome as part of the update, and returns the version that then serves. Each step, weight
 * and measurement appears in the output of `pulumi up`; a rollout that is aborted or degraded fails the update within
 * seconds, with its cause (specification, sections 6 and 7). A preview returns at once and touches no cluster.
 *
 * The program follows, not a resource hook. The engine saves a resource's state only after its hooks, so an update that
 * is killed while a hook runs leaves a pending operation, which for a first deployment must be resolved by hand. Hooks
 * also run only where something changed. Here the state is saved before following begins, and the next update follows
 * whether or not anything changed: a rollout in progress from where it is, one that was aborted earlier fails this
 * update too, and a completed one takes two reads.
 *
 * A release is one unit: when it fails in one Rollout, it is aborted in all others that are still in progress.
 * A Rollout that was scaled down by hand gets its pods back first: with none asked for, all would count as ready.
 * ReplicaSets of releases that failed before this one are deleted, because Argo Rollouts would later skip the steps for
 * them.
 *
 * What must wait for the release to be complete takes the result as an input. The services and routes that the rollout
 * itself uses must not.
 *
 * @throws pulumi.ResourceError, which fails the update without a stack trace
 */
export function followedRollout(
    rollout: pulumi.CustomResource & { readonly metadata: pulumi.Output<object> },
    args: RolloutWatchArgs,
    tools: RolloutTools = rolloutTools,
): pulumi.Output<string> {
    return pulumi.all([rollout.id, rollout.metadata, args.namespace]).apply(async ([, metadata, namespace]) => {
        const { name, version, replicas } = args;
        if (pulumi.runtime.isDryRun()) return version;
        const { generation: declared } = metadata as { readonly generation?: number };
        const cluster = clusterOf(args.context);
        const say = (sentence: string) => {
            void pulumi.log.info(sentence, rollout);
        };
        try {
            const restored = await tools.restoreReplicas(cluster, namespace, name, replicas).catch((error: unknown) => {
                // Following goes on through an outage of the API, and ends where pods are still missing.
                say((error as Error).message);
                return undefined;
            });
            if (restored)
                say(
                    `${name} was scaled by hand: it asked for ${restored.was} of ${replicas} pods, and gets them back.`,
                );
            const generation = restored?.generation ?? declared;
            await tools.follow({
                cluster,
                namespace,
                name,
                version,
                replicas,
                ...(generation !== undefined && { generation }),
                signal: failed.signal,
                say,
                deleteAbandoned: async (names) => {
                    const left = names.join(", ");
                    try {
                        await tools.deleteReplicaSets(cluster, namespace, names);
                        say(`Deleted the ReplicaSets of releases that failed before: ${left}.`);
                    } catch (error) {
                        const why = oneLine((error as Error).message);
                        say(
                            `The ReplicaSets of releases that failed before could not be deleted (${why}). Once this release runs, Argo Rollouts would skip the steps for them. Delete them: kubectl -n ${namespace} delete replicasets ${names.join(" ")}`,
                        );
                    }
                },
            });
        } catch (error) {
            if (failure) throw plain(await endedBy(failure, name, version), rollout);
            const problem = error instanceof Error ? error.message : String(error);
            const releaseFailed = error instanceof RolloutError && error.failed;
            const aborting = releaseFailed ? tools.abortRelease(cluster, namespace, version) : Promise.resolve([]);
            failure = { name, aborted: aborting.catch(() => undefined) };
            failed.abort();
            throw plain(releaseFailed ? `${problem} ${await abortedElsewhere(version, aborting)}` : problem, rollout);
        }
        return version;
    });
}

/** Where a failed release was aborted as well, and how to roll back. */
async function abortedElsewhere(version: string, aborting: Promise<readonly string[]>): Promise<string> {
    const advice = `To go back to the last good release: npx release rollback --stack ${pulumi.getStack()}`;
    try {
        const names = await aborting;
        return names.length === 0 ? advice : `${version} of ${names.join(" and ")} has been aborted. ${advice}`;
    } catch (error) {
        return `Other rollouts of ${version} could not be aborted and continue (${causeOf(error)}). ${advice}`;
    }
}

/** Why a rollout is no longer followed, in agreement with what the one that failed says of it. */
async function endedBy({ aborted, name }: NonNullable<typeof failure>, own: string, version: string): Promise<string> {
    if ((await aborted)?.includes(own) === true)
        return `${version} of ${own} has been aborted, because that of ${name} has failed: a release is one unit.`;
    return `${own} is no longer followed, because ${name} has failed. Its controller continues.`;
}

/**
 * An error that shows as one sentence, without a stack. The stack is removed, not only hidden: the SDK has Node colour
 * it, which takes Node 20 a minute for the path `node_modules/@pulumi/output.ts` that source maps put there.
 */
function plain(problem: string, rollout: pulumi.Resource): pulumi.ResourceError {
    const error = new pulumi.ResourceError(problem, rollout, true);
    delete error.stack;
    // Each output that the failure passes through would prefix the message with its name.
    Object.defineProperty(error, "message", { get: () => problem, set: () => undefined });
    return error;
}
