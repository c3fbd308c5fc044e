/** What it costs to read 100 MB of JUnit XML, now and at an older commit: CPU time and memory, side by side. */
import * as fs from "node:fs";
import * as path from "node:path";
import type { Progress } from "../../sandbox/machine/part";
import { measure } from "./measure";

/** Size of the report, in bytes. */
export const reportBytes = 100_000_000;

/** How much of the older reader's CPU time the present one may take. */
export const maximumShare = 1 / 2;

/** Most memory that the present reader may take, with Node.js, in MiB. */
export const maximumMebibytes = 300;

export interface ReportCost {
    /** CPU time of reading alone, in seconds. */
    readonly cpu: number;
    /** The most memory that the process had (resident set), in MiB. */
    readonly memory: number;
}

export interface ReportComparison {
    /** The tool whose report it is. */
    readonly tool: string;
    readonly tests: number;
    readonly base: readonly ReportCost[];
    readonly now: readonly ReportCost[];
}

const suite = (name: string, tests: number, failures: number) =>
    `<testsuite name="${name}" tests="${tests}" failures="${failures}" errors="0" skipped="0" time="9000" ` +
    `timestamp="2026-01-14T18:00:00.000000+00:00" hostname="runner">`;

const failure = (words: string) =>
    `><failure message="AssertionError: assert 1 == 2">${words.repeat(12)}</failure></testcase>\n`;

/** One test of a hundred fails. */
const isFailure = (number: number) => number % 100 === 50;

/** One suite, as pytest writes it. */
function writePytest(write: (text: string) => void): number {
    const cases: string[] = [];
    for (let bytes = 0; bytes < reportBytes; bytes += cases.at(-1)!.length) {
        const at = cases.length;
        const name = `classname="tests.unit.test_chunks_${Math.floor(at / 60)}" name="test_merges[size-${at}]" time="0.012"`;
        const end = isFailure(at) ? failure("backend/tests/unit/test_chunks.py:12: AssertionError\n") : " />";
        cases.push(`<testcase ${name}${end}`);
    }
    const failures = cases.filter((one) => one.includes("<failure")).length;
    write(`<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests">`);
    write(suite("pytest", cases.length, failures));
    for (const one of cases) write(one);
    write("</testsuite></testsuites>\n");
    return cases.length;
}

/** A suite of a hundred tests for each file, as Vitest and jest-junit write them. */
function writeVitest(write: (text: string) => void): number {
    write('<?xml version="1.0" encoding="UTF-8" ?>\n<testsuites name="vitest tests">\n');
    let tests = 0;
    for (let bytes = 0; bytes < reportBytes;) {
        const file = `src/upload/chunks-${tests / 100}.test.ts`;
        const cases = Array.from({ length: 100 }, (_, at) => {
            const name = `classname="${file}" name="uploads &gt; merges chunk ${tests + at} of a study" time="0.012"`;
            const end = isFailure(at) ? failure(` ❯ ${file}:12:5\n`) : ">\n    </testcase>\n";
            return `    <testcase ${name}${end}`;
        });
        const text = `  ${suite(file, 100, 1)}\n${cases.join("")}  </testsuite>\n`;
        write(text);
        bytes += Buffer.byteLength(text);
        tests += 100;
    }
    write("</testsuites>\n");
    return tests;
}

export const reportWriters = { pytest: writePytest, "Vitest, jest-junit": writeVitest } as const;

/**
 * Makes the older reader take a report of this size: it refuses more than 64 MiB.
 *
 * @throws Error when it has no such limit
 */
export function liftLimit(folder: string): void {
    const file = path.join(folder, "release/collect/shared/text.ts");
    const text = fs.readFileSync(file, "utf8");
    const lifted = text.replace("maximumBytes = 64 * 1024 * 1024", "maximumBytes = 128 * 1024 * 1024");
    if (lifted === text) throw new Error(`${file} has no limit of 64 MiB to lift`);
    fs.writeFileSync(file, lifted);
}

async function costOf(project: string, reader: "base" | "now", report: string): Promise<ReportCost> {
    const args = [path.join(__dirname, "read-report.mjs"), project, reader, report];
    const { output } = await measure("node", args, { directory: project, environment: {} });
    return JSON.parse(output) as ReportCost;
}

/** Reads each tool's report with both readers in turn, in a process of its own each time. */
export async function compareReports(
    projects: Readonly<Record<"base" | "now", string>>,
    folder: string,
    runs: number,
    progress: Progress,
): Promise<ReportComparison[]> {
    const comparisons: ReportComparison[] = [];
    for (const [tool, write] of Object.entries(reportWriters)) {
        const report = path.join(folder, "report.xml");
        const handle = fs.openSync(report, "w");
        const tests = write((text) => fs.writeSync(handle, text));
        fs.closeSync(handle);
        const costs = { base: [] as ReportCost[], now: [] as ReportCost[] };
        for (let run = 1; run <= runs; run++)
            for (const which of ["base", "now"] as const) {
                progress(`${tool}, ${which}: run ${run} of ${runs}`);
                costs[which].push(await costOf(projects[which], which, report));
            }
        comparisons.push({ tool, tests, ...costs });
    }
    return comparisons;
}
