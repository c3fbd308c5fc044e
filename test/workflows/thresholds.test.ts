import * as assert from "node:assert/strict";
import { limits, type LimitName } from "../../delivery/gates/engine/limits";
import type { ItemName } from "../../delivery/evidence/items";
import { coverageOf, typeCoverageOf } from "../../release/collect/predicates";
import { readers } from "../../release/collect/readers";
import { changed } from "../delivery/gates/support/cases";
import { gateNamed, outcomeOf, type Spoilers } from "../delivery/gates/support/world";
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
    readonly limit: LimitName;
    readonly gate: string;
    /** Whether the limit itself is enough. */
    readonly inclusive: boolean;
    readonly job: string;
    readonly words: string;
    readonly file: string;
    readonly report: (good: number, all: number) => string;
    /** What the reader makes of the report for the gate. */
    readonly spoilers: (report: string) => Spoilers;
    readonly programs?: Readonly<Record<string, string>>;
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
        limit: "backendCoveragePercent",
        gate: "unit-coverage-backend",
        inclusive: true,
        job: "test-backend",
        words: "covered lines",
        file: "coverage.xml",
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
        limit: "frontendCoveragePercent",
        gate: "unit-coverage-frontend",
        inclusive: true,
        job: "test-frontend",
        words: "covered lines",
        file: "coverage/coverage-summary.json",
        report: (good, all) => {
            const [some, none] = [measure(good, all), measure(0, 0)];
            const file = { lines: some, statements: some, functions: none, branches: none };
            return JSON.stringify({ total: file, "a.ts": file });
        },
        spoilers: (report) => item("coverage-frontend", coverageOf(readers.istanbul(report, "r"), "1", at)),
    },
    {
        title: "types of the backend",
        limit: "typeCoveragePercent",
        gate: "type-coverage",
        inclusive: false,
        job: "lint-backend",
        words: 'cobertura.xml"; }',
        file: "mypy/cobertura.xml",
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
        limit: "typeCoveragePercent",
        gate: "type-coverage",
        inclusive: false,
        job: "lint-frontend",
        words: "type-coverage --strict",
        file: "report",
        report: (correctCount, totalCount) =>
            JSON.stringify({
                succeeded: true,
                correctCount,
                totalCount,
                percent: totalCount === 0 ? 100 : Math.floor((correctCount * 10_000) / totalCount) / 100,
            }),
        spoilers: (report) =>
            item("type-coverage-frontend", typeCoverageOf(readers["type-coverage"](report, "r"), "1", at)),
        programs: { npx: "cat report" },
    },
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
        const { title, limit, inclusive, job, words, file, report, programs } = threshold;
        const percent = limits[limit].value;

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
                [0, 0, false],
            ];
            for (const [good, all, passes] of expected) {
                const text = report(good, all);
                const files = { [file]: text, "reports/none": "" };
                const script = step("ci.yml", job, words);
                const { code } = await run(script, {}, { files, ...(programs && { programs }) });
                const place = `${good} of ${all}`;
                assert.equal(code === 0, passes, `the check, ${place}`);
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
