import type { Scanner } from "../../delivery/evidence/predicates";

/** The outcome of one test. */
export type Outcome = "passed" | "failed" | "skipped" | "flaky";

/** One run of a test suite, from one report. */
export interface TestRun {
    readonly kind: "tests";
    /** Each test once; names are unique. */
    readonly tests: readonly {
        readonly name: string;
        readonly outcome: Outcome;
        readonly tags: readonly string[];
        /** The scenario, which is the same in every browser; absent when the name is all there is. */
        readonly scenario?: string;
    }[];
    readonly startedAt: Date;
    readonly finishedAt: Date;
    /** The filter by which tests were chosen (Playwright's `--grep`); absent when all ran. */
    readonly grep?: string;
}

/** Lines that tests executed, and branches if they were measured. */
export interface CoverageResult {
    readonly kind: "coverage";
    readonly tool: "coverage.py" | "istanbul";
    readonly version: string | undefined;
    readonly linesCovered: number;
    readonly linesTotal: number;
    readonly branches: { readonly covered: number; readonly total: number } | undefined;
    readonly measuredAt: Date | undefined;
}

/** The findings of a linter, formatter or type checker. */
export interface LintResult {
    readonly kind: "lint";
    readonly tool: string;
    readonly errors: number;
    readonly warnings: number;
}

/** How much of the code has types. */
export interface TypeCoverageResult {
    readonly kind: "typeCoverage";
    readonly tool: "mypy" | "type-coverage";
    readonly version: string | undefined;
    readonly typed: number;
    readonly total: number;
    readonly measuredAt: Date | undefined;
}

/** One finding of static analysis. */
export interface Finding {
    readonly rule: string;
    readonly severity: "high" | "medium" | "low";
    readonly file: string;
    readonly line: number;
}

/** The findings of static analysis for security. */
export interface SastResult {
    readonly kind: "sast";
    readonly tool: "bandit" | "eslint-security";
    readonly findings: readonly Finding[];
    readonly measuredAt: Date | undefined;
}

/** One vulnerability in a dependency or an image. */
export interface Vulnerability {
    readonly id: string;
    /** Its other ids, such as `PYSEC-…` and `GHSA-…` beside a CVE number. By any of them it may be accepted. */
    readonly aliases?: readonly string[];
    /** Undefined when it has no severity; the gate judges it like a high one. */
    readonly rating: { readonly method: string; readonly score: string } | undefined;
    readonly package: string;
    readonly installedVersion: string;
    readonly fixedVersion: string | undefined;
    readonly target: string;
}

/** The findings of one vulnerability scanner. */
export interface ScanResult {
    readonly kind: "scan";
    readonly scanner: Scanner;
    readonly packageUrl: string;
    readonly version: string | undefined;
    readonly vulnerabilities: readonly Vulnerability[];
    /** Manifest digests (`sha256:…`) of the scanned image; undefined when no image was scanned. */
    readonly imageDigests: readonly string[] | undefined;
    /** False when the scanner used a local database, whose age the manifest must say. */
    readonly onlineDatabase: boolean;
    readonly scannedAt: Date | undefined;
}

/** The contents of any report. */
export type Result = TestRun | CoverageResult | LintResult | TypeCoverageResult | SastResult | ScanResult;

/**
 * Reads one report. A reader is a pure function.
 *
 * @param text the report
 * @param file name of the report in messages
 * @param accepted ids of the vulnerabilities that the manifest accepts; none by default
 * @throws ReportError for anything that the tool would not have written
 */
export type Reader<Kind extends Result = Result> = (text: string, file: string, accepted?: ReadonlySet<string>) => Kind;
