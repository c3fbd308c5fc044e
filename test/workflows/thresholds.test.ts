import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { limits } from "../../delivery/gates/engine/limits";
import type { ItemName } from "../../delivery/evidence/items";
import { coverageOf, testResultOf, typeCoverageOf } from "../../release/collect/predicates";
import { readers } from "../../release/collect/readers";
import { readCommand } from "../../release/read/command";
import { changed } from "../delivery/gates/support/cases";
import { gateNamed, outcomeOf, type Spoilers } from "../delivery/gates/support/world";
import { runCommand } from "../release/support/running";
import { reusable } from "./files";
import { run, step } from "./script";

const at = new Date();
const lines = (good: number, all: number, more: (hits: number) => string = () => "") =>
    Array.from({ length: all }, (_, index) => {
        const hits = index < good ? 1 : 0;
        return `<line number="${index + 1}" hits="${hits}"${more(hits)}/>`;
    }).join("");
const cobertura = (attributes: string, rate: string, inside: string) =>
    `<?xml version="1.0" ?>\n<coverage version="7.17.4" timestamp="${Math.floor(at.getTime() / 1000)}" ${attributes} line-rate="${rate}">\n` +
    `<packages><package><classes><class filename="a.py" line-rate="${rate}"><lines>${inside}</lines></class></classes></package></packages></coverage>`;
const share = (good: number, all: number) => (all === 0 ? 1 : good / all).toFixed(4);
/** Istanbul truncates percentages. */
const measure = (covered: number, total: number) => ({
    total,
    covered,
    skipped: 0,
    pct: total === 0 ? "Unknown" : Math.floor((covered * 10_000) / total) / 100,
});

interface Threshold {
    readonly title: string;
    /** In percent of what is good. */
    readonly limit: number;
    /** Of how many lines, expressions or tests there must be a report. */
    readonly least: number;
    readonly gate: string;
    /** Whether the limit itself is enough. */
    readonly inclusive: boolean;
    /** Whether the check of `ci.yml` lets a report pass. */
    readonly passes: (report: string) => Promise<boolean>;
    readonly report: (good: number, all: number) => string;
    /** What the reader makes of the report for the gate. */
    readonly spoilers: (report: string) => Spoilers;
}

const coverageLines = limits.coverageLines.value;

/** The check by a step with these words, which reads the report from a file. */
const byStep =
    (job: string, words: string, file: string, programs: Readonly<Record<string, string>> = {}) =>
    async (report: string): Promise<boolean> => {
        const script = step("ci.yml", job, words);
        const { code } = await run(script, {}, { files: { [file]: report, "reports/none": "" }, programs });
        return code === 0;
    };

/** A report of pytest in which all tests have passed or were skipped. */
function junit(passed: number, all: number): string {
    const cases = Array.from({ length: all }, (_, index) =>
        index < passed
            ? `<testcase classname="a" name="t${index}" time="0"/>`
            : `<testcase classname="a" name="t${index}" time="0"><skipped message="later"/></testcase>`,
    );
    return (
        `<testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="0" skipped="${all - passed}" ` +
        `tests="${all}" time="0" timestamp="${at.toISOString()}" hostname="ci">${cases.join("")}</testsuite></testsuites>`
    );
}

/** The skipped tests of a suite, which each job's last step judges by `release read` (.github/actions/read-reports). */
function skipped(suite: "unit-backend" | "unit-frontend" | "integration", gate: string): Threshold {
    const entry = { kind: "junit", suite, source: "tests", file: "results.xml", exitCode: 0 } as const;
    return {
        title: `tests of ${suite} that are not skipped`,
        limit: 100 - limits.skippedTestPercent.value,
        least: 1,
        gate,
        inclusive: true,
        passes: async (report) => {
            const folder = fs.mkdtempSync(path.join(os.tmpdir(), "thresholds-"));
            try {
                fs.writeFileSync(path.join(folder, "reports.yaml"), JSON.stringify({ reports: [entry] }));
                fs.writeFileSync(path.join(folder, entry.file), report);
                const args = ["--reports", folder, "--committed-at", "2020-01-01T00:00:00Z"];
                const { exitCode, stdout } = await runCommand(readCommand(), args);
                assert.notEqual(exitCode, 2, stdout);
                return exitCode === 0;
            } finally {
                fs.rmSync(folder, { recursive: true });
            }
        },
        report: junit,
        spoilers: (report) => {
            const made = testResultOf(readers.junit([report], entry.file), entry, { commit: "", repository: "" });
            const { total, passed, failed, skipped: left } = made.configuration[0].annotations;
            return changed(suite, (one) => {
                Object.assign(one.configuration[0].annotations, { total, passed, failed, skipped: left });
            });
        },
    };
}

/** The counts of a predicate. Its times are those of this run, which the gates' examples know nothing of. */
const item = (name: ItemName, predicate: object) =>
    changed(name, (one) => {
        Object.assign(
            one,
            Object.fromEntries(Object.entries(predicate).filter(([, value]) => typeof value === "number")),
        );
    });

const thresholds: readonly Threshold[] = [
    {
        title: "coverage of the backend",
        limit: limits.backendCoveragePercent.value,
        least: coverageLines,
        gate: "unit-coverage-backend",
        inclusive: true,
        passes: byStep("test-backend", "covered lines", "coverage.xml"),
        report: (good, all) =>
            cobertura(
                `lines-valid="${all}" lines-covered="${good}" branches-covered="0" branches-valid="0" branch-rate="0" complexity="0"`,
                share(good, all),
                lines(good, all),
            ),
        spoilers: (report) => item("coverage-backend", coverageOf(readers["coverage-py"](report, "r"), "1", at)),
    },
    {
        title: "coverage of the frontend",
        limit: limits.frontendCoveragePercent.value,
        least: coverageLines,
        gate: "unit-coverage-frontend",
        inclusive: true,
        passes: byStep("test-frontend", "covered lines", "coverage/coverage-summary.json"),
        report: (good, all) => {
            const [some, none] = [measure(good, all), measure(0, 0)];
            const file = { lines: some, statements: some, functions: none, branches: none };
            return JSON.stringify({ total: file, "a.ts": file });
        },
        spoilers: (report) => item("coverage-frontend", coverageOf(readers.istanbul(report, "r"), "1", at)),
    },
    {
        title: "types of the backend",
        limit: limits.typeCoveragePercent.value,
        least: coverageLines,
        gate: "type-coverage",
        inclusive: false,
        passes: byStep("lint-backend", 'cobertura.xml"; }', "mypy/cobertura.xml"),
        report: (good, all) =>
            cobertura(
                `lines-covered="${good}" lines-valid="${all}" branch-rate="0" complexity="1"`,
                share(good, all),
                lines(good, all, (hits) => ` precision="${hits > 0 ? "precise" : "any"}"`),
            ),
        spoilers: (report) =>
            item("type-coverage-backend", typeCoverageOf(readers["mypy-coverage"](report, "r"), "1", at)),
    },
    {
        title: "types of the frontend",
        limit: limits.typeCoveragePercent.value,
        least: coverageLines,
        gate: "type-coverage",
        inclusive: false,
        passes: byStep("lint-frontend", "type-coverage --strict", "report", { npx: "cat report" }),
        report: (correctCount, totalCount) =>
            JSON.stringify({
                succeeded: true,
                correctCount,
                totalCount,
                percent: totalCount === 0 ? 100 : Math.floor((correctCount * 10_000) / totalCount) / 100,
            }),
        spoilers: (report) =>
            item("type-coverage-frontend", typeCoverageOf(readers["type-coverage"](report, "r"), "1", at)),
    },
    skipped("unit-backend", "unit-tests"),
    skipped("unit-frontend", "unit-tests"),
    skipped("integration", "integration-tests"),
];

/** The gate's judgement of a report. A report that is no evidence counts against the release as well. */
function gatePasses({ gate, spoilers }: Threshold, report: string): boolean {
    let made: Spoilers;
    try {
        made = spoilers(report);
    } catch {
        return false;
    }
    return outcomeOf(gateNamed(gate), { spoilers: made }).status === "pass";
}

describe("The check on a pull request and the gate", () => {
    for (const threshold of thresholds) {
        const { title, limit: percent, least, inclusive, report } = threshold;

        it(`should agree on ${title}, however a tool would round`, async () => {
            const expected: readonly (readonly [good: number, all: number, passes: boolean])[] = [
                [percent * 10 - 6, 1000, false],
                // A tool that rounds to whole percentages says that these are enough.
                [percent * 10 - 5, 1000, false],
                [percent * 10 - 4, 1000, false],
                [percent * 10 - 1, 1000, false],
                [percent * 10, 1000, inclusive],
                [percent * 10 + 1, 1000, true],
                // Rounds to the limit with two digits.
                [percent * 300 - 1, 30_000, false],
                [percent * 300 + 1, 30_000, true],
                [percent / 10, 10, inclusive],
                [0, 10, false],
                [10, 10, true],
                [least - 1, least - 1, false],
                [least, least, true],
                [0, 0, false],
            ];
            for (const [good, all, passes] of expected) {
                const text = report(good, all);
                const place = `${good} of ${all}`;
                assert.equal(await threshold.passes(text), passes, `the check, ${place}`);
                assert.equal(gatePasses(threshold, text), passes, `the gate, ${place}`);
            }
        }).timeout(60_000);
    }

    it("should have the same limits of time", () => {
        const ci = reusable("ci.yml").jobs;
        for (const [job, words, limit] of [
            ["test-backend", "tests/unit", "unitTestSeconds"],
            ["test-frontend", "test:unit", "unitTestSeconds"],
            ["e2e-tests", "playwright test", "criticalPathSeconds"],
        ] as const) {
            const found = ci[job]!.steps!.find(({ run: script }) => script?.includes(words));
            assert.equal((found as { "timeout-minutes"?: number })["timeout-minutes"]! * 60, limits[limit].value);
        }
    });
});
