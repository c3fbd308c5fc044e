import { KubeConfig } from "@kubernetes/client-node";
import { abandonedReplicaSets } from "./abandoned-replica-sets";
import { ClusterWatch } from "./cluster-watch";
import type { Outcome } from "./outcome";
import { RolloutFollower, type Limits, type Subject } from "./rollout-follower";

export type { Outcome } from "./outcome";
export type { Limits, Subject } from "./rollout-follower";

/** A rollout that did not end well; the message is one sentence or two for a person, with the cause. */
export class RolloutError extends Error {
    constructor(
        message: string,
        /** Whether the release itself failed; else it is not known how it went on. */
        readonly failed: boolean,
    ) {
        super(message);
    }
}

export interface FollowOptions extends Subject {
    readonly cluster: KubeConfig;
    /** Takes each sentence as it is known. */
    readonly say: (sentence: string) => void;
    readonly limits?: Partial<Limits>;
    /**
     * Takes, each once, the names of ReplicaSets of releases that were aborted before this one. They should be deleted
     * before this one is stable, or they could skip the steps later. Not asked for by default.
     */
    readonly deleteAbandoned?: (replicaSets: readonly string[]) => Promise<void>;
    /** Ends following without a verdict. */
    readonly signal?: AbortSignal;
}

/** Longest time between two looks when nothing changes, for what depends on time alone. */
const tickMilliseconds = 1000;

/**
 * Follows one Argo Rollout until it has been promoted in full or has failed (specification, sections 6 and 7), and says
 * each step, weight, count of pods, measurement and pause. It only reads, and tells which ReplicaSets are abandoned. Begun
 * in the middle of a rollout, it tells where that is and goes on from there.
 *
 * @throws RolloutError when the rollout is aborted, degraded, replaced, deleted, stalled, or can't be seen any more
 * @throws the signal's reason
 */
export async function followRollout(options: FollowOptions): Promise<Outcome> {
    const { cluster, say, limits, deleteAbandoned, signal, ...subject } = options;
    const watch = new ClusterWatch(cluster, subject.namespace, subject.name);
    const follower = new RolloutFollower(subject, limits);
    const deleted = new Set<string>();
    try {
        for (;;) {
            await watch.changed(tickMilliseconds);
            signal?.throwIfAborted();
            const world = watch.look();
            const { sentences, ending } = follower.observe(world);
            sentences.forEach((sentence) => {
                say(sentence);
            });
            if (deleteAbandoned && world.objects?.rollout) {
                const names = abandonedReplicaSets(world.objects, world.objects.rollout).map(
                    ({ metadata }) => metadata.name ?? "",
                );
                const left = names.filter((name) => !deleted.has(name));
                left.forEach((name) => deleted.add(name));
                if (left.length > 0) await deleteAbandoned(left);
            }
            if (ending?.ok === true) return ending;
            if (ending) throw new RolloutError(ending.problem, ending.failed);
        }
    } finally {
        await watch.close();
    }
}

/**
 * The cluster that `kubectl` and the Kubernetes provider would use: of `KUBECONFIG`, or the user's own file.
 *
 * @param context name of a context; that file's current one by default
 * @throws Error for a context that is not there
 */
export function clusterOf(context?: string): KubeConfig {
    const config = new KubeConfig();
    config.loadFromDefault();
    if (context !== undefined) {
        if (!config.getContextObject(context)) {
            const known = config.getContexts().map(({ name }) => name);
            throw new Error(
                `The kubeconfig has no context "${context}"; it has ${known.length > 0 ? known.join(", ") : "none"}.`,
            );
        }
        config.setCurrentContext(context);
    }
    return config;
}
