/** What decides how long a blue-green release takes; `blueGreen` of the settings fits. */
export interface ReleasePace {
    /** Seconds that green is measured with its first share of the requests. */
    readonly canarySeconds: number;
    /** Seconds between two measurements. */
    readonly measurementSeconds: number;
    /** Seconds that green is watched with all requests. */
    readonly watchSeconds: number;
    /** Measurements of a stage that may judge nothing, or fail for want of Prometheus, before the release is aborted. */
    readonly inconclusiveLimit: number;
}

/** Seconds that a smoke test may take. */
export const smokeTestSeconds = 120;

/**
 * Longest session, in seconds, of a role that updates an environment: the longest blue-green release and the steps
 * before it, since `pulumi up` writes its state until the end.
 */
export const updateSessionSeconds = 7200;

/** Measurements without a break that end a stage of so many seconds. */
export const measurementsIn = (seconds: number, { measurementSeconds }: ReleasePace): number =>
    Math.ceil(seconds / measurementSeconds);

/** Seconds that a measurement looks back: two scrapes at least are in them, even when one is missed. */
export const measurementWindowSeconds = (
    { measurementSeconds }: Pick<ReleasePace, "measurementSeconds">,
    scrapeSeconds: number,
): number => Math.max(2 * measurementSeconds, 4 * scrapeSeconds);

/**
 * Seconds that the smoke tests, the canary and the watch of a release take at most, when each measurement that may judge
 * nothing comes just before a row is complete. What Prometheus takes to answer, or doesn't answer, comes on top.
 */
export function longestReleaseSeconds(pace: ReleasePace): number {
    const measurements = measurementsIn(pace.canarySeconds, pace) + measurementsIn(pace.watchSeconds, pace);
    return smokeTestSeconds + (pace.inconclusiveLimit + 1) * measurements * pace.measurementSeconds;
}
