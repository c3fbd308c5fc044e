import * as pulumi from "@pulumi/pulumi";
import { deleteReplicaSets } from "../release/watch/attempts";
import { clusterOf, followRollout, RolloutError, type FollowOptions } from "../release/watch/follow";
import { giveUp } from "../release/watch/give-up";
import { causeOf, oneLine } from "../release/watch/words";

export interface RolloutWatchArgs {
    readonly namespace: pulumi.Input<string>;
    /** Name of the Rollout in the cluster. */
    readonly name: string;
    /** Version that the Rollout's pods carry (`app.kubernetes.io/version`). */
    readonly version: string;
    /** Context of the kubeconfig that the program's provider uses; its current one by default. */
    readonly context?: string | undefined;
}

/** What is done with a Rollout in the cluster. Tests give others. */
export interface RolloutTools {
    readonly follow: (options: FollowOptions) => Promise<unknown>;
    readonly giveUp: typeof giveUp;
    readonly deleteReplicaSets: typeof deleteReplicaSets;
}

const rolloutTools: RolloutTools = { follow: followRollout, giveUp, deleteReplicaSets };

/** Ends the following of all rollouts of a program when one has failed, so that the update fails at once. */
const failed = new AbortController();

/**
 * Follows a Rollout to its end as part of the update, and answers with the version that serves then. Each step, weight
 * and measurement appears in the output of `pulumi up`; a rollout that is aborted or degraded fails the update within
 * seconds, with its cause (specification, sections 6 and 7). Previews answer at once and touch no cluster.
 *
 * The program follows, not a resource hook. The engine saves a resource's state only after its hooks: an update that is
 * killed while a hook runs leaves a pending operation behind, for a first deployment a pending creation that someone
 * has to untangle by hand. And hooks run only where something changed. This way the state is saved before following
 * begins, and the next update picks it up whether it creates, changes or changes nothing: a rollout that is under way is
 * followed from where it is, one that was aborted earlier fails this update too, and one that is through is a single
 * look at the cluster.
 *
 * A release is one: where it fails in one Rollout, it is given up in all that are still on their way. ReplicaSets of
 * releases that failed before this one are deleted, so that they can't skip the steps later.
 *
 * Whoever needs the release to be through must take the answer as an input; the services and routes by which the
 * rollout itself moves must not.
 *
 * @throws pulumi.ResourceError, which fails the update without a stack trace
 */
export function followedRollout(
    rollout: pulumi.CustomResource & { readonly metadata: pulumi.Output<object> },
    args: RolloutWatchArgs,
    tools: RolloutTools = rolloutTools,
): pulumi.Output<string> {
    return pulumi.all([rollout.id, rollout.metadata, args.namespace]).apply(async ([, metadata, namespace]) => {
        const { name, version } = args;
        if (pulumi.runtime.isDryRun()) return version;
        const { generation } = metadata as { readonly generation?: number };
        const cluster = clusterOf(args.context);
        const say = (sentence: string) => {
            void pulumi.log.info(sentence, rollout);
        };
        try {
            await tools.follow({
                cluster,
                namespace,
                name,
                version,
                ...(generation !== undefined && { generation }),
                signal: failed.signal,
                say,
                forget: async (names) => {
                    const left = names.join(", ");
                    try {
                        await tools.deleteReplicaSets(cluster, namespace, names);
                        say(`Deleted what was left of releases that failed before: ${left}.`);
                    } catch (error) {
                        const why = oneLine((error as Error).message);
                        say(
                            `What is left of releases that failed before could not be deleted (${why}). Once this one runs, Argo Rollouts would skip the steps for them: kubectl -n ${namespace} delete replicasets ${names.join(" ")}`,
                        );
                    }
                },
            });
        } catch (error) {
            if (failed.signal.aborted) {
                const others = "another rollout has failed. Its controller goes on";
                throw plain(`${name} is not followed any further: ${others}.`, rollout);
            }
            failed.abort();
            const problem = error instanceof Error ? error.message : String(error);
            if (!(error instanceof RolloutError && error.failed)) throw plain(problem, rollout);
            const end = await endOf(version, () => tools.giveUp(cluster, namespace, version));
            throw plain(`${problem} ${end}`, rollout);
        }
        return version;
    });
}

/** Gives a failed release up everywhere, and says where, and what is left to do. */
async function endOf(version: string, giveUpAll: () => Promise<readonly string[]>): Promise<string> {
    const way = `The last good release comes back by: npx ts-node release/main.ts rollback --stack ${pulumi.getStack()}`;
    try {
        const names = await giveUpAll();
        return names.length === 0 ? way : `${version} of ${names.join(" and ")} is given up now. ${way}`;
    } catch (error) {
        return `Where else ${version} is on its way, it goes on (${causeOf(error)}). ${way}`;
    }
}

/**
 * An error that shows as one sentence, without a stack. The stack is not only hidden: the SDK has Node colour it, and
 * Node 20 does not come to an end for a minute on the path `node_modules/@pulumi/output.ts` that source maps put there.
 */
function plain(problem: string, rollout: pulumi.Resource): pulumi.ResourceError {
    const error = new pulumi.ResourceError(problem, rollout, true);
    delete error.stack;
    // Each output that the failure passes through would put its name before the message.
    Object.defineProperty(error, "message", { get: () => problem, set: () => undefined });
    return error;
}
