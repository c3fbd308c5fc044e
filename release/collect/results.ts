import type { Scanner } from "../evidence/predicates";

/** What became of one test. */
export type Outcome = "passed" | "failed" | "skipped" | "flaky";

/** One run of a test suite, as one report has it. */
export interface TestRun {
    readonly kind: "tests";
    /** Each test once, by a name that no other has. */
    readonly tests: readonly {
        readonly name: string;
        readonly outcome: Outcome;
        readonly tags: readonly string[];
        /** What is tested, the same in every browser; absent where nothing but the name says it. */
        readonly scenario?: string;
    }[];
    readonly startedAt: Date;
    readonly finishedAt: Date;
}

/** Lines, and branches where they were measured, that tests executed. */
export interface CoverageResult {
    readonly kind: "coverage";
    readonly tool: "coverage.py" | "istanbul";
    readonly version: string | undefined;
    readonly linesCovered: number;
    readonly linesTotal: number;
    readonly branches: { readonly covered: number; readonly total: number } | undefined;
    readonly measuredAt: Date | undefined;
}

/** What a linter, formatter or type checker found. */
export interface LintResult {
    readonly kind: "lint";
    readonly tool: string;
    readonly errors: number;
    readonly warnings: number;
}

/** How much code has types. */
export interface TypeCoverageResult {
    readonly kind: "typeCoverage";
    readonly tool: "mypy" | "type-coverage";
    readonly version: string | undefined;
    readonly typed: number;
    readonly total: number;
    readonly measuredAt: Date | undefined;
}

export interface Finding {
    readonly rule: string;
    readonly severity: "high" | "medium" | "low";
    readonly file: string;
    readonly line: number;
}

/** What static analysis for security found. */
export interface SastResult {
    readonly kind: "sast";
    readonly tool: "bandit" | "eslint-security";
    readonly findings: readonly Finding[];
    readonly measuredAt: Date | undefined;
}

export interface Vulnerability {
    readonly id: string;
    /** Undefined when nobody rated it, which the gate judges like a high one. */
    readonly rating: { readonly method: string; readonly score: string } | undefined;
    readonly package: string;
    readonly installedVersion: string;
    readonly fixedVersion: string | undefined;
    readonly target: string;
}

/** What one scanner found. */
export interface ScanResult {
    readonly kind: "scan";
    readonly scanner: Scanner;
    readonly packageUrl: string;
    readonly version: string | undefined;
    readonly vulnerabilities: readonly Vulnerability[];
    /** Manifest digests (`sha256:…`) of the image that was scanned; undefined when no image was. */
    readonly imageDigests: readonly string[] | undefined;
    /** False when the scanner searched a database of unknown age, which the manifest must then tell. */
    readonly onlineDatabase: boolean;
    readonly scannedAt: Date | undefined;
}

export type Result = TestRun | CoverageResult | LintResult | TypeCoverageResult | SastResult | ScanResult;

/**
 * Reads one report. Pure: the same text gives the same result.
 *
 * @param text the report
 * @param file how messages name it
 * @throws ReportError for everything that the tool would not have written
 */
export type Reader<Kind extends Result = Result> = (text: string, file: string) => Kind;
