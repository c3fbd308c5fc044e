/** Durations, weights and limits of a blue-green release; `blueGreen` of the settings fits. */
export interface BlueGreenSettings {
    /** Share of requests that green gets first. */
    readonly canaryWeightPercent: number;
    /** Seconds that green is measured with that share. */
    readonly canarySeconds: number;
    /** Seconds between two measurements. */
    readonly measurementSeconds: number;
    /** Percentage points by which green may fail more than blue. */
    readonly maximumErrorIncreasePercent: number;
    /** Seconds that green is watched with all requests. */
    readonly watchSeconds: number;
    /** Share of requests that may fail then. */
    readonly maximumErrorPercent: number;
    /** Share of pods that may be unhealthy. */
    readonly maximumUnhealthyPercent: number;
    /** Green's requests in one measurement below which it judges nothing; with fewer, blue's errors count as none. */
    readonly minimumRequests: number;
    /** Measurements of a stage that may judge nothing, or fail for want of Prometheus, before the release is aborted. */
    readonly inconclusiveLimit: number;
    /** Seconds that blue stays for a fast rollback. */
    readonly blueIdleSeconds: number;
}
