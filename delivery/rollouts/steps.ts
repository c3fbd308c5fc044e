import type { CanaryStep } from "./objects";
import { isReady } from "./pods";
import type { View } from "./rollout-view";
import { formatSeconds, parseSeconds } from "../core/time";

/** What a step does, in the words of the specification (section 6). */
export function describeStep(step: CanaryStep): string {
    if (step.setWeight !== undefined) return `${String(step.setWeight)} % of the traffic to green`;
    if (step.setCanaryScale) {
        const { weight, replicas, matchTrafficWeight } = step.setCanaryScale;
        if (replicas !== undefined) return `${String(replicas)} pods of green beside blue`;
        if (weight !== undefined)
            return weight === 100 ? "green in full beside blue" : `${String(weight)} % of green's pods`;
        return matchTrafficWeight === true ? "as many pods of green as its traffic needs" : "scale green";
    }
    if (step.analysis) {
        const names = (step.analysis.templates ?? []).map((one) => one.templateName ?? "an unnamed template");
        return `check green by ${names.join(" and ")}`;
    }
    if (step.pause) {
        const seconds = parseSeconds(step.pause.duration);
        return seconds === undefined ? "wait until someone promotes" : `wait ${formatSeconds(Math.round(seconds))}`;
    }
    return Object.keys(step).join(", ") || "an empty step";
}

/** Tells each step once, also those that passed between two looks. */
export class StepTeller {
    private told = -1;

    tell(view: View, first: boolean): string[] {
        const { steps, step, green } = view;
        // A first deployment passes them all without taking one.
        if (!view.blue) {
            this.told = step;
            return [];
        }
        if (first || step < this.told) this.told = Math.min(step, steps.length) - 1;
        const skipped = step >= steps.length && (first || step - this.told > 1) && !view.promoted && isReturn(view);
        const from = skipped ? steps.length : this.told + 1;
        this.told = Math.max(this.told, step);
        if (skipped) {
            // What is asked for, not what is left: a pod that was lost in the idle hour has to come back.
            const wanted = view.rollout.spec.replicas ?? 1;
            const why =
                green.pods.filter(isReady).length >= wanted
                    ? `the pods of ${green.version} are still there, so going back is instant.`
                    : `${green.version} ran here before. Its pods start first.`;
            return [`All ${String(steps.length)} steps are skipped: ${why}`];
        }
        const lines: string[] = [];
        for (let index = Math.max(0, from); index <= Math.min(step, steps.length - 1); index += 1) {
            const one = steps[index];
            if (one) lines.push(`Step ${String(index + 1)} of ${String(steps.length)}: ${describeStep(one)}.`);
        }
        if (from <= steps.length && step >= steps.length && steps.length > 0 && !first) {
            lines.push(
                view.rollout.status?.promoteFull === true
                    ? "Someone promoted green in full: the steps left are skipped."
                    : `All ${String(steps.length)} steps are done: green takes all traffic.`,
            );
        }
        return lines;
    }
}

/** Whether green is older than blue: a rollback (Argo Rollouts, "rollbackWindow"). */
function isReturn({ green, blue }: View): boolean {
    const time = (created: string | Date | undefined) => (created === undefined ? NaN : new Date(created).getTime());
    return time(green.replicaSet?.metadata.creationTimestamp) < time(blue?.replicaSet?.metadata.creationTimestamp);
}
