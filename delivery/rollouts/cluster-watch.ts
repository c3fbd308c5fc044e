import type { KubeConfig } from "@kubernetes/client-node";
import { KindWatch } from "./kind-watch";
import type { AnalysisRun, Pod, ReplicaSet, Rollout, World } from "./objects";

/** Refusals that asking again will hardly change; the first seconds of a new permission or kind are let pass. */
const refusedSeconds = 10;

/** Watches the objects of one rollout: the Rollout, and the namespace's AnalysisRuns, ReplicaSets and Pods. */
export class ClusterWatch {
    private readonly ended = new AbortController();
    private readonly rollouts: KindWatch<Rollout>;
    private readonly analysisRuns: KindWatch<AnalysisRun>;
    private readonly replicaSets: KindWatch<ReplicaSet>;
    private readonly pods: KindWatch<Pod>;
    private readonly running: Promise<unknown>;
    private waiting: (() => void) | undefined;
    private dirty = false;

    constructor(config: KubeConfig, namespace: string, name: string) {
        const change = () => {
            this.dirty = true;
            this.waiting?.();
        };
        const argo = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}`;
        this.rollouts = new KindWatch(config, `${argo}/rollouts`, { fieldSelector: `metadata.name=${name}` }, change);
        this.analysisRuns = new KindWatch(config, `${argo}/analysisruns`, {}, change);
        this.replicaSets = new KindWatch(config, `/apis/apps/v1/namespaces/${namespace}/replicasets`, {}, change);
        this.pods = new KindWatch(config, `/api/v1/namespaces/${namespace}/pods`, {}, change);
        this.running = Promise.all(this.kinds.map((kind) => kind.run(this.ended.signal)));
    }

    private get kinds() {
        return [this.rollouts, this.analysisRuns, this.replicaSets, this.pods];
    }

    /** What is known now. */
    look(now = Date.now()): World {
        const { rollouts, analysisRuns, replicaSets, pods } = this;
        const listed = this.kinds.every((kind) => kind.items !== undefined);
        const failure = this.kinds
            .flatMap((kind) => kind.failure ?? [])
            .sort((one, other) => one.since - other.since)
            .at(0);
        const refused = failure?.refused === true && now - failure.since >= refusedSeconds * 1000;
        return {
            now,
            ...(listed && {
                objects: {
                    rollout: rollouts.items?.[0],
                    analysisRuns: analysisRuns.items ?? [],
                    replicaSets: replicaSets.items ?? [],
                    pods: pods.items ?? [],
                },
            }),
            ...(failure && {
                outage: { since: failure.since, problem: failure.problem, ...(refused && { permanent: true }) },
            }),
        };
    }

    /** Waits until something changed, at most `milliseconds`; changes that come together are waited for. */
    async changed(milliseconds: number): Promise<void> {
        if (!this.dirty) {
            await new Promise<void>((resolve) => {
                const timer = setTimeout(resolve, milliseconds);
                this.waiting = () => {
                    clearTimeout(timer);
                    resolve();
                };
            });
            this.waiting = undefined;
        }
        if (!this.dirty) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
        this.dirty = false;
    }

    /** Ends all connections. */
    async close(): Promise<void> {
        this.ended.abort();
        await this.running;
    }
}
