import type { Limits } from "./limits";

const hour = 3_600_000;

/** Milliseconds from `earlier` to `later`, both RFC 3339; negative when they are the other way round. */
export function elapsed(earlier: string, later: string): number {
    return Date.parse(later) - Date.parse(earlier);
}

/** Whether a moment lies ahead of `now` by more than clocks may differ. */
export function isFuture(moment: string, now: string, limits: Limits): boolean {
    return elapsed(now, moment) > limits.clockSkewSeconds * 1000;
}

/** Whether a moment is longer ago than so many hours. */
export function isOlder(moment: string, now: string, hours: number): boolean {
    return elapsed(moment, now) > hours * hour;
}

/** A duration as people read it: `45 s`, `4 min 30 s`, `3 h 59 min 59 s`, `2 d 3 h`. Parts of a second stay. */
export function duration(milliseconds: number): string {
    const days = Math.floor(milliseconds / (24 * hour));
    const hours = Math.floor((milliseconds % (24 * hour)) / hour);
    const minutes = Math.floor((milliseconds % hour) / 60_000);
    const seconds = (milliseconds % 60_000) / 1000;
    const parts = [
        days > 0 ? `${days} d` : "",
        hours > 0 ? `${hours} h` : "",
        minutes > 0 ? `${minutes} min` : "",
        seconds > 0 ? `${seconds} s` : "",
    ].filter((part) => part !== "");
    return parts.join(" ") || "0 s";
}
