import { inWords } from "../machine/bar";
import type { JobRecord, Replaced } from "../runner/records";

/** Something that took its time. Seconds are those since the delivery began. */
export interface Span {
    readonly name: string;
    readonly from: number;
    readonly to: number;
}

/** The parts of a run of ci-cd.yml, in the order in which they begin, by the jobs that end with them. */
const parts: readonly (readonly [name: string, job: RegExp])[] = [
    ["checks on main", /^(ci|checks)\b/],
    ["tag, images, publication and evidence", /^publish /],
    ["staging, with its smoke tests", /^staging /],
    ["the hours in staging", /^production \/ (inputs|soak)$/],
    ["the page", /^production \/ page$/],
    ["the approval", /^production \/ approval$/],
    ["production", /^production \/ deploy$/],
];

/** The spans of a run's parts, from the jobs that ended, each with the second of its end. */
export function spansOf(
    ended: readonly (Pick<JobRecord, "name" | "seconds" | "result"> & { readonly at: number })[],
): Span[] {
    return parts.flatMap(([name, job]) => {
        const found = ended.filter((one) => job.test(one.name) && one.result !== "skipped");
        if (found.length === 0) return [];
        return [
            {
                name,
                from: Math.min(...found.map(({ at, seconds }) => at - seconds)),
                to: Math.max(...found.map(({ at }) => at)),
            },
        ];
    });
}

const clock = (seconds: number) => {
    const whole = Math.max(0, Math.round(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

/** A line for each span: when it began, how long it took, and a bar. */
export function timeline(spans: readonly Span[]): string[] {
    const end = Math.max(1, ...spans.map(({ to }) => to));
    const width = Math.max(...spans.map(({ name }) => name.length));
    const columns = 40;
    const at = (seconds: number) => Math.min(columns - 1, Math.floor((seconds / end) * columns));
    return spans.map(({ name, from, to }) => {
        const bar = `${" ".repeat(at(from))}${"█".repeat(Math.max(1, at(to) - at(from)))}`;
        return `  ${clock(from).padStart(6)}  ${name.padEnd(width)}  ${bar.padEnd(columns)}  ${inWords(to - from)}`;
    });
}

/** A line for each: what ran itself first, then what did not, with the reason. */
export function ranOrReplaced(itself: readonly string[], replaced: ReadonlyMap<string, Replaced>): string[] {
    const all = [...replaced].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
        "Ran as they are",
        ...itself.map((one) => `  ${one}`),
        "",
        "Replaced, how often, by what, and why",
        ...all.map(([what, { does, why, times }]) => `  ${what} (${times}): ${does}, because ${why}`),
    ];
}
