import type { Step } from "./outcome";
import type { Rollout } from "./objects";
import { pauseEnd } from "./pause";
import type { View } from "./rollout-view";
import { formatSeconds } from "../core/time";

const lateSeconds = 30;
const unseenSeconds = 30;

/** Notices that a rollout stalls: its controller is away, or waits for a person. */
export class StallDetector {
    /** Resource versions of everything that is looked at: a change of any is progress. */
    private versions = "";
    private movedAt = 0;
    private told = false;
    private unseen: { readonly generation: number; readonly since: number; told: boolean } | undefined;

    constructor(
        private readonly limitSeconds: number,
        private readonly what: string,
    ) {}

    /** The controller has not seen the newest specification yet. */
    tellUnseen(rollout: Rollout, now: number): Step {
        const generation = rollout.metadata.generation ?? 0;
        if (this.unseen?.generation !== generation) this.unseen = { generation, since: now, told: false };
        const seconds = (now - this.unseen.since) / 1000;
        if (seconds >= this.limitSeconds) {
            const problem = `The Argo Rollouts controller has not seen the change of ${this.what} for ${formatSeconds(Math.round(seconds))}; see whether it runs: kubectl get pods --all-namespaces -l app.kubernetes.io/name=argo-rollouts.`;
            return { sentences: [], ending: { ok: false, problem, failed: false } };
        }
        if (this.unseen.told || seconds < unseenSeconds) return { sentences: [] };
        this.unseen.told = true;
        return {
            sentences: [
                `Waiting for the Argo Rollouts controller, which has not seen the change for ${formatSeconds(Math.round(seconds))}.`,
            ],
        };
    }

    /** The controller has seen the newest specification. */
    tell(view: View): Step {
        const sentences: string[] = [];
        const versions = [view.rollout, ...view.analyses].map(({ metadata }) => metadata.resourceVersion ?? "").join();
        const seen = this.unseen?.told === true;
        this.unseen = undefined;
        if (versions !== this.versions || seen) {
            this.versions = versions;
            this.movedAt = view.now;
            if (this.told || seen) sentences.push("The controller goes on.");
            this.told = false;
            return { sentences };
        }
        const end = pauseEnd(view);
        const expected = Math.max(this.movedAt, end ?? 0);
        const late = (view.now - expected) / 1000;
        const limit = Math.max(this.limitSeconds, (view.rollout.spec.progressDeadlineSeconds ?? 0) + 60);
        if (late >= limit) {
            const problem = `${view.green.version} of ${this.what} has not moved for ${formatSeconds(Math.round(late))}${this.advice(view)}`;
            return { sentences, ending: { ok: false, problem, failed: false } };
        }
        if (end !== undefined && late >= lateSeconds && !this.told) {
            this.told = true;
            sentences.push(
                `The pause has been over for ${formatSeconds(Math.round(late))}, but the controller does not go on; it may be restarting. Both colours keep their traffic.`,
            );
        }
        return { sentences };
    }

    private advice({ rollout, name }: View): string {
        const flags = `${name} -n ${rollout.metadata.namespace ?? ""}`.trim();
        return (rollout.status?.pauseConditions ?? []).length > 0
            ? `: it is paused. \`kubectl argo rollouts promote ${flags}\` goes on, \`kubectl argo rollouts abort ${flags}\` goes back.`
            : ". The controller may still go on; the same command picks up the watching.";
    }
}
