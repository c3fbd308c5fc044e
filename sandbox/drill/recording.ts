/** What one drill showed, second by second: written by the drill, read by its picture. Times are RFC 3339, UTC. */
export interface Recording {
    /** One sentence: the release that was tried. */
    readonly title: string;
    /** One sentence: how it ended. */
    readonly outcome: string;
    readonly good: boolean;
    readonly startedAt: string;
    readonly endedAt: string;
    readonly versions: { readonly blue: string; readonly green: string };
    /** The load's view: answers of each second, by the version that answered; `failed` counts none of them. */
    readonly seconds: readonly {
        readonly at: string;
        readonly blue: number;
        readonly green: number;
        readonly failed: number;
    }[];
    /** Share of requests that the routes send to green, whenever it changed. */
    readonly weights: readonly { readonly at: string; readonly greenPercent: number }[];
    /** Green's failed share as Prometheus measured it; undefined while it had nothing to judge. */
    readonly errorRates: readonly { readonly at: string; readonly percent: number | undefined }[];
    readonly errorLimitPercent: number;
    readonly phases: readonly { readonly at: string; readonly name: string }[];
    /** Single moments worth a mark, such as an abort. */
    readonly marks: readonly { readonly at: string; readonly text: string; readonly bad: boolean }[];
}
