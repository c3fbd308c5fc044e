import { elapsedSeconds } from "../../core/time";
import type { Limits } from "./limits";

/** Whether a moment is later than `now` by more than the accepted clock skew. */
export function isFuture(moment: string, now: string, limits: Limits): boolean {
    return elapsedSeconds(now, moment) > limits.clockSkewSeconds;
}

/** Whether a moment was more than `hours` before `now`. */
export function isOlder(moment: string, now: string, hours: number): boolean {
    return elapsedSeconds(moment, now) > hours * 3600;
}
