import type { Cost } from "./measure";

/** Fewer runs than this are a quick look: their figures are printed, not written into the documentation. */
export const runsToWrite = 3;

/** A quantity over several runs, in seconds. */
export interface Spread {
    readonly median: number;
    readonly least: number;
    readonly most: number;
}

/** @throws Error when there is no value */
export function spreadOf(values: readonly number[]): Spread {
    const sorted = [...values].sort((a, b) => a - b);
    const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
    const [least, most] = [sorted[0], sorted.at(-1)];
    if (low === undefined || high === undefined || least === undefined || most === undefined)
        throw new Error("Nothing was measured");
    return { median: (low + high) / 2, least, most };
}

/** What a task costs at one number of services: without the pack, and with it. */
export interface Comparison {
    readonly services: number;
    /** Resources in the stack afterwards, the stack itself, components and providers among them. */
    readonly resources: number;
    /** Resources that the command creates or changes, or would. */
    readonly changes: number;
    readonly without: readonly Cost[];
    readonly with: readonly Cost[];
}

export const cpu = (costs: readonly Cost[]): Spread => spreadOf(costs.map((cost) => cost.cpu));
export const wall = (costs: readonly Cost[]): Spread => spreadOf(costs.map((cost) => cost.wall));

/** The part of the CPU time with the pack that is gone without it, from 0 to 1; by medians. */
export const packShare = ({ without, with: guarded }: Comparison): number =>
    1 - cpu(without).median / cpu(guarded).median;

/** How much of the CPU time of a preview of the most services the pack may take. */
export const maximumPackShare = 0.2;

/** Seconds of CPU time a resource, with the pack, and the pack's part of it; by medians. */
export function perResource({ resources, without, with: guarded }: Comparison): { total: number; pack: number } {
    const [plain, all] = [cpu(without).median, cpu(guarded).median];
    return { total: all / resources, pack: (all - plain) / resources };
}

/** Seconds of CPU time, with the pack, that each resource beyond those of `smaller` adds; by medians. */
export const perFurtherResource = (smaller: Comparison, larger: Comparison): number =>
    (cpu(larger.with).median - cpu(smaller.with).median) / (larger.resources - smaller.resources);
