import { milliseconds } from "./objects";
import type { View } from "./rollout-view";
import { formatSeconds, parseSeconds } from "../core/time";

const remindSeconds = 60;

/** When the pause of the present step ends, in milliseconds; undefined outside of one, and for one without end. */
export function pauseEnd({ rollout, steps, step }: View): number | undefined {
    const began = rollout.status?.pauseConditions?.find(({ reason }) => reason === "CanaryPauseStep")?.startTime;
    const seconds = parseSeconds(steps[step]?.pause?.duration);
    const start = milliseconds(began);
    return start === undefined || seconds === undefined ? undefined : start + seconds * 1000;
}

/** Tells pauses: how long they last, every minute how long still, and when an undecided analysis holds the release. */
export class PauseTeller {
    private pause = "";
    private remindAt = 0;

    tell(view: View, undecided: string | undefined): string[] {
        const conditions = view.rollout.status?.pauseConditions ?? [];
        const key = conditions.map(({ reason, startTime }) => `${reason} ${startTime}`).join();
        const begins = key !== this.pause;
        this.pause = key;
        if (conditions.some(({ reason }) => reason === "InconclusiveAnalysisRun")) {
            const why = undecided === undefined ? "" : `: ${undecided}`;
            return begins
                ? [
                      `Held: an analysis could not decide, which is not counted as good${why}. Someone has to promote or abort.`,
                  ]
                : [];
        }
        const end = pauseEnd(view);
        if (end === undefined) {
            return begins && conditions.length > 0 ? ["Paused until someone promotes or aborts."] : [];
        }
        const left = (end - view.now) / 1000;
        if (left <= 0 || (!begins && view.now < this.remindAt)) return [];
        this.remindAt = view.now + remindSeconds * 1000;
        return [`Paused: ${formatSeconds(Math.round(left))} left.`];
    }
}
