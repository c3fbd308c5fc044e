import type { ManifestEntry } from "./manifest";
import type { Result, ScanResult, TestRun } from "./results";
import { ReportError } from "./shared/error";

type Codes = readonly number[];

/** 0 without findings; otherwise the codes that the tool has for them. */
const whenFound = (number: number, codes: Codes): Codes => (number > 0 ? codes : [0]);

const codesOfTests = (kind: ManifestEntry["kind"], { tests }: TestRun): Codes => {
    if (tests.some(({ outcome }) => outcome === "failed")) return [1];
    // Playwright's option --fail-on-flaky-tests.
    return kind === "playwright" && tests.some(({ outcome }) => outcome === "flaky") ? [0, 1] : [0];
};

function codesOfScan(kind: ManifestEntry["kind"], { vulnerabilities }: ScanResult): Codes {
    const critical = vulnerabilities.some(({ rating }) => rating?.score === "critical");
    switch (kind) {
        // Ends with 1 from a severity on (--audit-level).
        case "npm-audit":
            return whenFound(vulnerabilities.length, critical ? [1] : [0, 1]);
        case "pip-audit":
            return whenFound(vulnerabilities.filter(({ id }) => !id.startsWith("unaudited:")).length, [1]);
        // Ends with 0 when a policy file ignores all findings.
        case "safety":
            return whenFound(vulnerabilities.length, [0, 64]);
        // Ends with 1 only with --exit-code 1.
        default:
            return whenFound(vulnerabilities.length, [0, 1]);
    }
}

/** The exit codes of findings, by the linter; those that only warn may end with 0 as well. */
const codesOfLinters: Readonly<Record<string, Codes>> = {
    ruff: [1],
    black: [1, 123],
    mypy: [1, 2],
    eslint: [1],
    prettier: [1, 2],
    typescript: [1, 2],
};

/** The exit codes with which a tool ends when it writes a complete report with these contents. */
export function exitCodesOf(kind: ManifestEntry["kind"], result: Result): Codes {
    switch (result.kind) {
        case "tests":
            return codesOfTests(kind, result);
        case "scan":
            return codesOfScan(kind, result);
        case "lint":
            if (result.errors > 0) return codesOfLinters[kind] ?? [1];
            return result.warnings > 0 ? [0, 1] : [0];
        case "sast": {
            // ESLint's other rules decide as well, and do not become findings.
            if (kind === "eslint-security") return [0, 1];
            const listed = result.findings.some(({ severity }) => severity !== "low");
            return listed ? [1] : whenFound(result.findings.length, [0, 1]);
        }
        // The command may have failed for another reason: a test, an error of a type, a threshold.
        case "coverage":
        case "typeCoverage":
            return [0, 1];
    }
}

/**
 * Checks that the command of a report ended as it does when the report is complete. The file of a run that ended early
 * looks like that of a shorter one; only the exit code shows the difference.
 *
 * @throws ReportError when the manifest does not have the exit code, or it does not go with the report
 */
export function checkExitCode(entry: ManifestEntry, result: Result): void {
    if (entry.exitCode === undefined)
        throw new ReportError(
            entry.file,
            undefined,
            "The manifest does not say how the command ended; add its exit code to the entry, for example exitCode: 0, because the file alone does not show a run that ended early.",
        );
    const codes = exitCodesOf(entry.kind, result);
    if (codes.includes(entry.exitCode)) return;
    // By default, jest-junit lists nothing of a file that does not load.
    const jest =
        entry.kind === "junit" && entry.suite === "unit-frontend"
            ? " (jest-junit names files that do not load with reportTestSuiteErrors)"
            : "";
    const reason =
        entry.exitCode === 0
            ? "the report or the exit code is of another run, or an option such as --exit-zero changed it"
            : `the run ended early, failed outside of what the report lists${jest} or missed a threshold, or the exit code is of another command`;
    throw new ReportError(
        entry.file,
        undefined,
        `The command ended with exit code ${String(entry.exitCode)}, but with the contents of this report it ends with ${codes.join(" or ")}: ${reason}.`,
    );
}
