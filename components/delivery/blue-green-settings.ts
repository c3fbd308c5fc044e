import type { ReleasePace } from "../../delivery/core/release-time";

/** Durations, weights and limits of a blue-green release; `blueGreen` of the settings fits. */
export interface BlueGreenSettings extends ReleasePace {
    /** Share of requests that green gets first. */
    readonly canaryWeightPercent: number;
    /** Percentage points by which green may fail more than blue. */
    readonly maximumErrorIncreasePercent: number;
    /** Share of requests that may fail then. */
    readonly maximumErrorPercent: number;
    /** Share of pods that may be unhealthy. */
    readonly maximumUnhealthyPercent: number;
    /** Green's requests in one measurement below which it judges nothing; with fewer, blue's errors count as none. */
    readonly minimumRequests: number;
    /** Seconds that blue stays for a fast rollback. */
    readonly blueIdleSeconds: number;
}
