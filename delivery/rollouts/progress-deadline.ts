import { milliseconds } from "./objects";
import { isReady } from "./pods";
import type { View } from "./rollout-view";

/** Seconds that Argo Rollouts has to notice a deadline first. */
const overdueSeconds = 10;

/** When green must have its pods, or make progress, in milliseconds since 1970; undefined where no deadline runs. */
export function progressDueAt({ rollout, green, step, steps, promoted }: View): number | undefined {
    const { replicas = 1, progressDeadlineSeconds = 600 } = rollout.spec;
    const progress = rollout.status?.conditions?.find(({ type }) => type === "Progressing");
    const since = milliseconds(progress?.lastUpdateTime);
    if (promoted || !steps[step]?.setCanaryScale || since === undefined) return undefined;
    if (green.pods.filter(isReady).length >= replicas) return undefined;
    return progress?.reason === "ProgressDeadlineExceeded" ? since : since + progressDeadlineSeconds * 1000;
}

/**
 * Whether green has not got its pods in time. Argo Rollouts itself doesn't look at the deadline as long as another
 * ReplicaSet waits for its end, as blue does for its idle hour.
 */
export function isOverdue(view: View): boolean {
    const due = progressDueAt(view);
    return due !== undefined && view.now > due + overdueSeconds * 1000;
}
