import { formatSeconds } from "../core/time";
import { failureOf } from "./measurements";
import { milliseconds, type Condition } from "./objects";
import { isReady, podFailure } from "./pods";
import { isOverdue } from "./progress-deadline";
import type { View } from "./rollout-view";
import { oneLine } from "./wording";

/** How a release fails: it is aborted, makes no progress in time, or its Rollout is not accepted by the controller. */
export type FailureKind = "abort" | "deadline" | "refused";

/** How far the followed release had come, at the last look before an abort. */
export interface Progress {
    /** When green's progress was due, in milliseconds since 1970. */
    progressDueAt: number | undefined;
    /** Index of its step. */
    lastStep: number;
    /** The greatest share of the traffic that green has had, in percent. */
    greatestWeight: number;
}

/** How the release fails at this moment, or undefined when it does not. */
export function failureKind(view: View): FailureKind | undefined {
    const { status } = view.rollout;
    // With everything promoted there is nothing to abort; Argo Rollouts takes the word all the same, and says Degraded.
    if (status?.abort === true) return view.promoted ? undefined : "abort";
    if (status?.phase === "Degraded") return degradation(status.conditions ?? [])?.kind;
    return isOverdue(view) ? "deadline" : undefined;
}

/** Whether a release that has all traffic and all its pods carries an abort that someone asked for afterwards. */
export function isAbortedAtRest({ rollout, promoted, green }: View): boolean {
    const { replicas = 1 } = rollout.spec;
    return promoted && rollout.status?.abort === true && green.pods.filter(isReady).length >= replicas;
}

/** A sentence for a person about a failure, with its cause. @param what the Rollout and its namespace */
export function describeFailure(kind: FailureKind, view: View, what: string, progress: Progress): string {
    if (kind === "abort") return describeAbort(view, what, progress);
    if (kind === "deadline") return `${view.green.version} of ${what} ${noProgress(view)}.`;
    const message = degradation(view.rollout.status?.conditions ?? [])?.message;
    return `The Rollout ${what} is refused by its controller: ${oneLine(message ?? "no message")}.`;
}

function noProgress(view: View): string {
    const pod = podFailure(view);
    const deadline = formatSeconds(Math.round(view.rollout.spec.progressDeadlineSeconds ?? 600));
    return `made no progress for ${deadline}${pod === undefined ? "" : `: ${pod}`}`;
}

function describeAbort(view: View, what: string, progress: Progress): string {
    const { green, steps } = view;
    const failure = failureOf(view);
    const at = failure?.step ?? progress.lastStep;
    const where = at > 0 || failure?.step !== undefined ? ` at step ${at + 1} of ${steps.length}` : "";
    const reason = failure?.clause ?? abortReason(view, progress);
    return `${green.version} of ${what} was aborted${where}, ${trafficAfterAbort(view, failure?.step, progress)}: ${reason}.`;
}

/** Why a release was aborted that no analysis has failed. Argo Rollouts keeps no reason of an abort by the deadline. */
function abortReason(view: View, { progressDueAt }: Progress): string {
    const { status } = view.rollout;
    const message = status?.message ?? "";
    const abortedAt = milliseconds(status?.abortedAt) ?? view.now;
    if (/timed out progressing/.test(message) || (progressDueAt !== undefined && abortedAt >= progressDueAt))
        return `green ${noProgress(view)}`;
    return (
        oneLine(message.replace(/^(RolloutAborted: )?(Rollout aborted update to revision \d+(: )?)?/, "")) ||
        "no analysis has failed, so someone aborted it, or it made no progress in time"
    );
}

function trafficAfterAbort({ blue, rollout, steps }: View, failed: number | undefined, progress: Progress): string {
    const weighted = steps.slice(0, failed ?? 0).some((step) => (step.setWeight ?? 0) > 0);
    if (failed !== undefined && progress.greatestWeight === 0 && !weighted) return "green never got a request";
    const canary = rollout.status?.canary?.weights?.canary.weight ?? 0;
    return canary === 0 && blue ? `all traffic is back on ${blue.version}` : "traffic is going back";
}

/** What is wrong besides an abort. The reason RolloutAborted alone is a remnant of an older release. */
function degradation(conditions: readonly Condition[]): { kind: "deadline" | "refused"; message?: string } | undefined {
    for (const { type, status, reason, message } of conditions) {
        const more = message === undefined ? {} : { message };
        if (type === "InvalidSpec" && status === "True") return { kind: "refused", ...more };
        if (type === "Progressing" && reason === "ProgressDeadlineExceeded") return { kind: "deadline", ...more };
    }
    return undefined;
}
