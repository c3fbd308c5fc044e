/* eslint-disable @typescript-eslint/no-explicit-any -- a changed report can have any shape */
import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { readers } from "../../../release/collect/readers";
import type { Result, ScanResult } from "../../../release/collect/results";
import { ReportError } from "../../../release/collect/shared/error";
import { fixture, fixtures, kindOf, readable, type Kind } from "./fixtures";
import { changeJson, changeText, changeXml, mutations, type Mutation } from "./mutations";

const runs = 10_000;

/** Set PROPERTY_SEED to try other reports. */
const seed = Number(process.env.PROPERTY_SEED ?? 20_261_130);

/** CPU time that one small report may take, in seconds. */
const mostSeconds = 1;

/** Reports of one kind that are small enough to be read ten thousand times. */
const smallFixtures = (kind: Kind) => {
    const own = fixtures.filter((name) => kindOf(name) === kind);
    const [smallest] = own.map((name) => fixture(name).length).sort((one, other) => one - other);
    return own.filter((name) => fixture(name).length <= Math.max(3000, smallest! * 1.5));
};

interface Report {
    readonly text: string;
    /** The value of a JSON text; undefined for other texts, and for JSON that is not valid. */
    readonly value: any;
}

function parsed(text: string): Report {
    try {
        return { text, value: JSON.parse(text) };
    } catch {
        return { text, value: undefined };
    }
}

function change(name: string, steps: readonly Mutation[], structured: boolean): Report {
    const text = fixture(name);
    if (structured && /^\s*[[{]/.test(text)) {
        const value = steps.reduce<unknown>(changeJson, JSON.parse(text));
        return { text: JSON.stringify(value), value };
    }
    return parsed(steps.reduce(structured && text.startsWith("<") ? changeXml : changeText, text));
}

const withoutComments = (text: string) => text.replaceAll(/<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>/g, "");
const list = (value: any): any[] => (Array.isArray(value) ? value : []);
const counted = (result: Result) => (result.kind === "lint" ? result.errors + result.warnings : NaN);
const said = (text: string, name: string) =>
    Number(new RegExp(`\\s${name}\\s*=\\s*["'](\\d+)["']`).exec(withoutComments(text))?.[1]);
const failed = (result: Result) => result.kind === "tests" && result.tests.some(({ outcome }) => outcome === "failed");
const vulnerabilities = (result: Result) => (result as ScanResult).vulnerabilities;
const critical = (result: Result) => vulnerabilities(result).some(({ rating }) => rating?.score === "critical");

/** What is left of a report of pytest without attempts that a later one of the same test follows. */
function withoutReruns(text: string): string {
    if (!text.includes("pytest")) return text;
    const cases = [...text.matchAll(/<testcase\s[^>]*?(?:\/>|>[^]*?<\/testcase>)/g)].map(([one]) => one);
    const keyOf = (one: string) =>
        ["classname", "name"].map((name) => new RegExp(`\\s${name}="([^"]*)"`).exec(one)?.[1]).join("\n");
    return cases.filter((one, at) => !cases.slice(at + 1).some((later) => keyOf(later) === keyOf(one))).join("\n");
}

function suitesOf(value: any): any[] {
    return list(value).flatMap((suite) => [suite, ...suitesOf(suite?.suites)]);
}

/**
 * What a report says against itself, found without its reader: whether it counts or lists something bad, and whether
 * the reader's result has it.
 */
const signs: Readonly<
    Record<Kind, (report: Report, result: Result) => readonly (readonly [bad: boolean, shown: boolean])[]>
> = {
    junit: ({ text }, result) => {
        const flaky = result.kind === "tests" && result.tests.some(({ outcome }) => outcome === "flaky");
        const listed = /<(?:failure|error)[\s/>]/;
        // A subtest that failed before its test was rerun, and did not fail again.
        const passedLater = flaky && !listed.test(withoutReruns(withoutComments(text)));
        return [
            [listed.test(withoutComments(text)), failed(result) || passedLater],
            [
                /<testsuites?\s[^>]*\s(?:failures|errors)="0*[1-9]/.test(withoutComments(text)),
                failed(result) || passedLater,
            ],
        ];
    },
    playwright: ({ value }, result) => [
        [value.stats.unexpected > 0, failed(result)],
        [suitesOf(value.suites).some(({ specs }) => list(specs).some(({ ok }) => ok === false)), failed(result)],
        [value.errors.length > 0, false],
    ],
    "coverage-py": ({ text }, result) => [
        [
            true,
            result.kind === "coverage" &&
                result.linesCovered === said(text, "lines-covered") &&
                result.linesTotal === said(text, "lines-valid"),
        ],
    ],
    istanbul: ({ value }, result) => [
        [
            true,
            result.kind === "coverage" &&
                result.linesCovered === value.total.lines.covered &&
                result.linesTotal === value.total.lines.total,
        ],
    ],
    ruff: ({ value }, result) => [[value.length > 0, counted(result) === value.length]],
    black: ({ text }, result) => [[/would reformat|cannot format/.test(text), counted(result) > 0]],
    mypy: ({ text }, result) => [
        [/<(?:failure|error)[\s/>]/.test(withoutComments(text)), counted(result) > 0],
        [/<testsuite\s[^>]*\s(?:failures|errors)="0*[1-9]/.test(withoutComments(text)), counted(result) > 0],
    ],
    "mypy-coverage": ({ text }, result) => [
        [
            true,
            result.kind === "typeCoverage" &&
                result.typed === said(text, "lines-covered") &&
                result.total === said(text, "lines-valid"),
        ],
    ],
    eslint: ({ value }, result) => [
        [value.some((one: any) => one.errorCount > 0 || one.fatalErrorCount > 0), counted(result) > 0],
        [value.some((one: any) => one.messages.some((message: any) => message.severity === 2)), counted(result) > 0],
    ],
    "eslint-security": ({ value }, result) => [
        [
            value.some((one: any) =>
                [...one.messages, ...one.suppressedMessages].some(({ ruleId }) => /^security\//.test(ruleId)),
            ),
            result.kind === "sast" && result.findings.length > 0,
        ],
        [value.some((one: any) => one.fatalErrorCount > 0), false],
    ],
    prettier: ({ text }, result) => [[/^\[error\]|Code style issues/m.test(text), counted(result) > 0]],
    typescript: ({ text }, result) => [[/^[^\n]*\berror TS\d+: /m.test(text), counted(result) > 0]],
    "type-coverage": ({ value }, result) => [
        [
            true,
            result.kind === "typeCoverage" &&
                result.typed === value.correctCount &&
                result.total === value.totalCount &&
                result.typed <= result.total,
        ],
        [value.error !== undefined, false],
    ],
    bandit: ({ value }, result) => {
        const high = result.kind === "sast" && result.findings.some(({ severity }) => severity === "high");
        return [
            [value.metrics._totals["SEVERITY.HIGH"] > 0, high],
            [value.results.some((one: any) => one.issue_severity === "HIGH"), high],
            [value.errors.length > 0 || value.metrics._totals.nosec > 0, false],
        ];
    },
    "npm-audit": ({ value }, result) => [
        [value.metadata.vulnerabilities.critical > 0, critical(result)],
        [value.metadata.vulnerabilities.total > 0, vulnerabilities(result).length > 0],
        [value.error !== undefined, false],
    ],
    "pip-audit": ({ value }, result) => [
        [value.dependencies.some((one: any) => list(one.vulns).length > 0), vulnerabilities(result).length > 0],
        [value.dependencies.some((one: any) => one.skip_reason !== undefined && one.vulns === undefined), false],
    ],
    safety: ({ value }, result) => [
        [value.report_meta.vulnerabilities_found > 0, vulnerabilities(result).length > 0],
        [value.ignored_vulnerabilities.length > 0, vulnerabilities(result).length > 0],
    ],
    trivy: ({ value }, result) => {
        const all = list(value.Results).flatMap((one) => [
            ...list(one.Vulnerabilities),
            ...list(one.Secrets),
            ...list(one.ExperimentalModifiedFindings).map(({ Finding }) => Finding),
        ]);
        return [[all.some((one) => one?.Severity === "CRITICAL"), critical(result)]];
    },
};

describe("Any change of a report", () => {
    for (const kind of Object.keys(readers) as Kind[]) {
        const names = smallFixtures(kind);

        it(`should be read as it is or refused, and hide nothing bad, by the reader of ${kind}`, function () {
            this.timeout(300_000);
            assert.ok(
                names.some((name) => readable.includes(name)),
                "no report can be read",
            );
            let read = 0;
            fc.assert(
                fc.property(fc.constantFrom(...names), mutations, fc.boolean(), (name, steps, structured) => {
                    const report = change(name, steps, structured);
                    const before = process.cpuUsage();
                    let result: Result;
                    try {
                        result = readers[kind](report.text, name);
                    } catch (error) {
                        if (!(error instanceof ReportError)) throw error;
                        assert.ok(error.message.startsWith(name) && !error.message.includes("\n"), error.message);
                        return;
                    } finally {
                        const { user, system } = process.cpuUsage(before);
                        assert.ok(user + system < mostSeconds * 1_000_000, "it took too long");
                    }
                    read++;
                    for (const [bad, shown] of signs[kind](report, result))
                        if (bad && !shown) assert.fail(`a pass of what counts a failure: ${JSON.stringify(result)}`);
                }),
                { numRuns: runs, seed },
            );
            // Otherwise the second half of the property would be empty.
            assert.ok(read > runs / 100, `only ${read} of ${runs} were read`);
        });
    }
});
