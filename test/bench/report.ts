import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { version as pulumiVersion } from "@pulumi/pulumi/version";
import { projectRoot } from "../../sandbox/machine/instance";
import {
    growth,
    maximumGrowth,
    maximumOfIdle,
    ofIdle,
    perResource as perAnalyzedResource,
    type Analysis,
} from "./analysis";
import { ratio, type LoadingComparison } from "./loading";
import { maximumOutageShare, outageShare, type Outage, type OutageComparison } from "./outage";
import { maximumMebibytes, maximumShare, type ReportComparison, type ReportCost } from "./reports";
import type { SandboxComparison } from "./sandbox";
import {
    cpu,
    packShare,
    perFurtherResource,
    perResource,
    spreadOf,
    wall,
    type Comparison,
    type Spread,
} from "./statistics";

/** One table of the report. */
export interface Table {
    readonly title: string;
    /** In ascending order of services. */
    readonly rows: readonly Comparison[];
    /** Whether all rows do the same to stacks of different sizes, so that their difference is the price of size. */
    readonly comparable: boolean;
}

const page = path.join(projectRoot, "docs", "benchmarks.md");

const seconds = ({ median, least, most }: Spread): string =>
    least === most ? median.toFixed(1) : `${median.toFixed(1)} (${least.toFixed(1)}–${most.toFixed(1)})`;
const precise = ({ median, least, most }: Spread): string =>
    `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
const whole = ({ median, least, most }: Spread): string =>
    `${median.toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)})`;
const milliseconds = (value: number, digits = 1): string => (value * 1000).toFixed(digits);

const columns = [
    "Services",
    "Resources",
    "Changes",
    "Wall, no pack [s]",
    "Wall, pack [s]",
    "CPU, no pack [s]",
    "CPU, pack [s]",
    "Pack's share of CPU",
    "CPU a resource (the pack's) [ms]",
    "CPU a further resource [ms]",
];

function cells({ rows, comparable }: Table): string[][] {
    return rows.map((row, index) => {
        const smaller = rows[index - 1];
        const { total, pack } = perResource(row);
        return [
            String(row.services),
            String(row.resources),
            String(row.changes),
            seconds(wall(row.without)),
            seconds(wall(row.with)),
            seconds(cpu(row.without)),
            seconds(cpu(row.with)),
            `${(packShare(row) * 100).toFixed(0)} %`,
            `${milliseconds(total)} (${milliseconds(pack)})`,
            comparable && smaller ? milliseconds(perFurtherResource(smaller, row)) : "–",
        ];
    });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (values: readonly string[]) => `| ${values.join(" | ")} |`;
    return [line(head), `|${head.map(() => "--:").join("|")}|`, ...rows.map(line)].join("\n");
}

function aligned(rows: readonly (readonly string[])[]): string[] {
    const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
    return rows.map((row) => row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join("  "));
}

/** The tables as Markdown. */
export function markdown(tables: readonly Table[]): string {
    return tables.map((each) => [`### ${each.title}`, "", table(columns, cells(each))].join("\n")).join("\n\n");
}

/** The tables for a terminal. */
export function plain(tables: readonly Table[]): string {
    return tables.map((each) => [each.title, ...aligned([columns, ...cells(each)])].join("\n")).join("\n\n");
}

/** The machine, the versions and the load that others make: what a reader needs to compare. */
export function machine(load: number): string {
    const [cpuModel] = os.cpus();
    const memory = (os.totalmem() / 2 ** 30).toFixed(0);
    return [
        `${os.availableParallelism()} cores (${cpuModel?.model.trim() || "of unknown model"}), ${memory} GiB of memory`,
        `${os.type()} ${os.release()}, Node.js ${process.version}, Pulumi SDK ${pulumiVersion}`,
        `load average before the first run: ${load.toFixed(2)}`,
    ].join("; ");
}

/** What it costs to judge whole stacks, in ascending order of resources. */
export interface Analyses {
    /** A stack so small that its cost is that of a start. */
    readonly start: Analysis;
    readonly stacks: readonly Analysis[];
    /** The largest stack with a pack that judges nothing: what the engine and the SDK need for themselves. */
    readonly idle: Analysis;
}

const analysisColumns = [
    "Resources",
    "Wall [s]",
    "CPU [s]",
    "CPU a resource, without the start [ms]",
    "of the smallest stack's",
];

const analysisCells = ({ start, stacks }: Analyses): string[][] =>
    stacks.map((stack) => [
        String(stack.resources),
        stack.wall.toFixed(1),
        stack.cpu.toFixed(1),
        milliseconds(perAnalyzedResource(stack, start), 2),
        growth(start, stacks[0]!, stack).toFixed(2),
    ]);

/** The table as Markdown. */
export function analysisMarkdown(analyses: Analyses): string {
    const { start, stacks, idle } = analyses;
    return [
        table(analysisColumns, analysisCells(analyses)),
        "",
        `The largest stack with a pack of one policy that is about no resource: ${idle.wall.toFixed(1)} s, ` +
            `${idle.cpu.toFixed(1)} s of CPU time, so this pack takes ${ofIdle(stacks.at(-1)!, idle).toFixed(2)} times as much; ` +
            `above ${maximumOfIdle} the command fails. A start alone (${start.resources} resources): ${start.wall.toFixed(1)} s, ${start.cpu.toFixed(1)} s of CPU time. ` +
            `A resource of the largest stack may cost at most ${maximumGrowth} times one of the smallest; else the command fails.`,
    ].join("\n");
}

/** The table for a terminal. */
export const analysisPlain = (analyses: Analyses): string =>
    aligned([analysisColumns, ...analysisCells(analyses)]).join("\n");

const loadingColumns = ["Task", "CPU, base [s]", "CPU, now [s]", "of the base's", "Target"];

const loadingCells = (comparisons: readonly LoadingComparison[]): string[][] =>
    comparisons.map((one) => [
        one.task,
        precise(spreadOf(one.base)),
        precise(spreadOf(one.now)),
        ratio(one).toFixed(2),
        one.most === undefined ? "–" : `at most ${one.most.toFixed(2)}`,
    ]);

/** What starts cost, beside the base commit, as Markdown. */
export const loadingMarkdown = (comparisons: readonly LoadingComparison[]): string =>
    table(loadingColumns, loadingCells(comparisons));

/** The same for a terminal. */
export const loadingPlain = (comparisons: readonly LoadingComparison[]): string =>
    aligned([loadingColumns, ...loadingCells(comparisons)]).join("\n");

const reportColumns = [
    "Report of 100 MB",
    "Tests",
    "CPU, base [s]",
    "CPU, now [s]",
    "of the base's",
    "Memory, base [MiB]",
    "Memory, now [MiB]",
];

const cpuOf = (costs: readonly ReportCost[]) => spreadOf(costs.map(({ cpu: one }) => one));
const memoryOf = (costs: readonly ReportCost[]) => Math.max(...costs.map(({ memory }) => memory)).toFixed(0);

/** How much of the base's CPU time reading a report takes. */
export const reportShare = ({ base, now }: ReportComparison): number => cpuOf(now).median / cpuOf(base).median;

/** Whether reading a report takes more than its targets allow. */
export const isReportMissed = (one: ReportComparison): boolean =>
    reportShare(one) > maximumShare || one.now.some(({ memory }) => memory > maximumMebibytes);

const reportCells = (comparisons: readonly ReportComparison[]): string[][] =>
    comparisons.map((one) => [
        one.tool,
        String(one.tests),
        precise(cpuOf(one.base)),
        precise(cpuOf(one.now)),
        reportShare(one).toFixed(2),
        memoryOf(one.base),
        memoryOf(one.now),
    ]);

/** What reading large reports costs, beside an older commit, as Markdown. */
export const reportsMarkdown = (comparisons: readonly ReportComparison[]): string =>
    [
        table(reportColumns, reportCells(comparisons)),
        "",
        `The command fails above ${maximumShare} of the base's CPU time, or above ${maximumMebibytes} MiB.`,
    ].join("\n");

/** The same for a terminal. */
export const reportsPlain = (comparisons: readonly ReportComparison[]): string =>
    aligned([reportColumns, ...reportCells(comparisons)]).join("\n");

const outageColumns = [
    "Green",
    "Felt for, base [s]",
    "Felt for, now [s]",
    "of the base's",
    "Requests lost, base",
    "Requests lost, now",
];

const greens: Readonly<Record<OutageComparison["drill"], string>> = {
    crash: "all pods crash in the canary",
    errors: "2 % of the answers are errors",
};

const feltFor = (outages: readonly Outage[]) => precise(spreadOf(outages.map(({ seconds }) => seconds)));
const lostIn = (outages: readonly Outage[]) => whole(spreadOf(outages.map(({ lost }) => lost)));

const outageCells = (comparisons: readonly OutageComparison[]): string[][] =>
    comparisons.map((one) => [
        greens[one.drill],
        feltFor(one.base),
        feltFor(one.now),
        outageShare(one).toFixed(2),
        lostIn(one.base),
        lostIn(one.now),
    ]);

/** For how long a failing green is felt, beside the base commit, as Markdown. */
export const outageMarkdown = (comparisons: readonly OutageComparison[]): string =>
    [
        table(outageColumns, outageCells(comparisons)),
        "",
        `The command fails above ${maximumOutageShare} of the base's median.`,
    ].join("\n");

/** The same for a terminal. */
export const outagePlain = (comparisons: readonly OutageComparison[]): string =>
    aligned([outageColumns, ...outageCells(comparisons)]).join("\n");

const sandboxColumns = ["Figure", "Base", "Now", "of the base's", "Target"];

const sandboxCells = (comparisons: readonly SandboxComparison[]): string[][] =>
    comparisons.map(({ figure, base, now, most, limit }) => [
        figure,
        base.toFixed(0),
        now.toFixed(0),
        (now / base).toFixed(2),
        limit !== undefined ? `at most ${limit}` : most === undefined ? "–" : `at most ${most.toFixed(2)} of it`,
    ]);

/** What a sandbox costs, beside an older commit, as Markdown. */
export const sandboxMarkdown = (comparisons: readonly SandboxComparison[]): string =>
    table(sandboxColumns, sandboxCells(comparisons));

/** The same for a terminal. */
export const sandboxPlain = (comparisons: readonly SandboxComparison[]): string =>
    aligned([sandboxColumns, ...sandboxCells(comparisons)]).join("\n");

/** Parts of docs/benchmarks.md that the benchmark writes, each between two markers of its own. */
export type PagePart = "benchmark" | "analysis" | "loading" | "reports" | "outage" | "sandbox";

/** Replaces what stands between a part's markers in docs/benchmarks.md. @throws Error when a marker is missing */
export function writePage(part: PagePart, text: string): string {
    const [begin, end] = [`<!-- ${part}: written by make bench -->`, `<!-- end of ${part} -->`];
    const old = fs.readFileSync(page, "utf8");
    const [from, to] = [old.indexOf(begin), old.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${page} lacks the line ${begin} or ${end}; put both back.`);
    fs.writeFileSync(page, `${old.slice(0, from)}${begin}\n${text}\n${old.slice(to)}`);
    return page;
}
