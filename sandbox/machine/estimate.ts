/** What a step takes on an idle machine, before this machine has a record of it. */
export interface Cost {
    /** Seconds of CPU time, which the cores share. @default 0 */
    readonly cpu?: number;
    /** Seconds of waiting for something else. @default 0 */
    readonly wait?: number;
}

/** Seconds that something of that cost takes on a machine with so many cores. */
export const secondsOf = ({ cpu = 0, wait = 0 }: Cost, cores: number): number => wait + cpu / cores;

/** A step as far as its time matters. */
export interface Timed {
    readonly title: string;
    /** Titles of the steps that it waits for. */
    readonly after: readonly string[];
    /** Seconds that it is expected to take. */
    readonly expected: number;
}

/** How far a step is. Times are in seconds of the same clock as `now`. */
export interface Advance {
    readonly started: number;
    readonly ended?: number;
    /** The share that is done, from 0 to 1, where the step knows it. */
    readonly done?: number;
}

/** A step that takes longer than expected is assumed to need a tenth of what it has taken. */
const overdue = 0.1;

/** Seconds that a step still needs. What it says about itself counts the more, the further it is. */
function stepLeft(expected: number, advance: Advance | undefined, now: number): number {
    if (advance === undefined) return expected;
    if (advance.ended !== undefined) return 0;
    const elapsed = now - advance.started;
    const byTime = Math.max(expected - elapsed, elapsed * overdue);
    const { done } = advance;
    if (done === undefined || done <= 0) return byTime;
    const byShare = (elapsed / done) * (1 - done);
    return byShare * done + byTime * (1 - done);
}

/**
 * Seconds until the last of all steps ends: the longest way through those that wait for each other. Steps that can run
 * side by side count as if they did not slow each other down.
 */
export function secondsLeft(steps: readonly Timed[], advances: ReadonlyMap<string, Advance>, now: number): number {
    const ends = new Map<string, number>();
    for (const { title, after, expected } of steps) {
        const begin = Math.max(0, ...after.map((name) => ends.get(name) ?? 0));
        ends.set(title, begin + stepLeft(expected, advances.get(title), now));
    }
    return Math.max(0, ...ends.values());
}
