import { KubeConfig } from "@kubernetes/client-node";
import { givenUp } from "./attempts";
import { ClusterWatch } from "./cluster";
import { Follower, type Limits, type Outcome, type Subject } from "./follower";

export type { Limits, Outcome, Subject } from "./follower";

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
     * Takes, each once, the names of ReplicaSets of releases that were given up before this one. They should go before this
     * one is stable, or they could skip the steps later. Not asked for by default.
     */
    readonly forget?: (replicaSets: readonly string[]) => Promise<void>;
    /** Ends following without a verdict. */
    readonly signal?: AbortSignal;
}

/** Longest time between two looks when nothing changes, for what depends on time alone. */
const tickMilliseconds = 1000;

/**
 * Follows one Argo Rollout until it has been promoted in full or has failed (specification, sections 6 and 7), and says
 * each step, weight, count of pods, measurement and pause. It only reads, and
 * tells what may be forgotten. Begun in the middle of a rollout, it tells
 * where that stands and goes on from there.
 *
 * @throws RolloutError when the rollout is aborted, degraded, replaced, deleted, stands still or can't be seen any more
 * @throws the signal's reason
 */
export async function followRollout(options: FollowOptions): Promise<Outcome> {
    const { cluster, say, limits, forget, signal, ...subject } = options;
    const watch = new ClusterWatch(cluster, subject.namespace, subject.name);
    const follower = new Follower(subject, limits);
    const forgotten = new Set<string>();
    try {
        for (;;) {
            await watch.changed(tickMilliseconds);
            signal?.throwIfAborted();
            const world = watch.look();
            const { sentences, ending } = follower.observe(world);
            sentences.forEach((sentence) => {
                say(sentence);
            });
            if (forget && world.objects?.rollout) {
                const names = givenUp(world.objects, world.objects.rollout).map(({ metadata }) => metadata.name ?? "");
                const left = names.filter((name) => !forgotten.has(name));
                left.forEach((name) => forgotten.add(name));
                if (left.length > 0) await forget(left);
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
