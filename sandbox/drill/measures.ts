import type { LoadCounts, LoadRecord, LoadSecond } from "./load";
import type { Recording } from "./recording";

/** What happened in one second, by colour; a failed request counts as `failed` only. */
export type Second = Recording["seconds"][number];

export interface Versions {
    readonly blue: string;
    readonly green: string;
}

const isSecond = (record: LoadRecord): record is LoadSecond => record.type === "second";

const good = ({ versions, failedVersions }: LoadCounts, version: string): number =>
    (versions[version] ?? 0) - (failedVersions[version] ?? 0);

/** The load's records as seconds of a recording. */
export function secondsOf(records: readonly LoadRecord[], versions: Versions): Second[] {
    return records.filter(isSecond).map((second) => ({
        at: second.time,
        blue: good(second, versions.blue),
        green: good(second, versions.green),
        failed: second.failed,
    }));
}

/** Requests of the whole seconds between two moments, by the version that answered, failed ones included. */
function between(records: readonly LoadRecord[], from: string, to: string): LoadSecond[] {
    const [start, end] = [Date.parse(from), Date.parse(to)];
    return records.filter(isSecond).filter(({ time }) => Date.parse(time) >= start && Date.parse(time) + 1000 <= end);
}

/**
 * Share of the requests between two moments that a version answered, in percent.
 *
 * @throws Error when nothing was answered then
 */
export function sharePercent(records: readonly LoadRecord[], version: string, from: string, to: string): number {
    const seconds = between(records, from, to);
    const count = (of: (second: LoadSecond) => number) => seconds.reduce((sum, second) => sum + of(second), 0);
    const all = count(({ versions }) => Object.values(versions).reduce((sum, answers) => sum + answers, 0));
    if (all === 0) throw new Error(`No request was answered between ${from} and ${to}`);
    return (100 * count(({ versions }) => versions[version] ?? 0)) / all;
}

/**
 * Seconds from a moment to the end of the last second in which a version answered; at most a second too many, never one
 * too few. Negative when its last answer came before; undefined when it never answered.
 */
export function secondsUntilLastAnswer(
    records: readonly LoadRecord[],
    version: string,
    since: string,
): number | undefined {
    const last = records.filter(isSecond).findLast(({ versions }) => (versions[version] ?? 0) > 0);
    return last && (Date.parse(last.time) + 1000 - Date.parse(since)) / 1000;
}

/** Drops values that repeat the one before. */
export function changesOnly<T>(samples: readonly T[], value: (sample: T) => unknown): T[] {
    return samples.filter((sample, index) => {
        const before = samples[index - 1];
        return before === undefined || value(before) !== value(sample);
    });
}
