import type { Predicate } from "../../delivery/evidence/predicates";
import type { Accepted, ManifestEntry } from "./manifest";
import type { ReleaseFile } from "./release-file";
import { ReportError } from "./shared/error";
import type {
    CoverageResult,
    LintResult,
    Outcome,
    SastResult,
    ScanResult,
    TestRun,
    TypeCoverageResult,
    Vulnerability,
} from "./results";

/** With more tests than this, the evidence does not list those that passed. The predicate allows that. */
const maximumListedPasses = 1000;

/** Shortens a name to the length that evidence allows. */
const short = (name: string) => (name.length > 500 ? `${name.slice(0, 499)}…` : name);

type SuiteEntry = Extract<ManifestEntry, { kind: "junit" | "playwright" }>;

/**
 * The predicate of a test run. Its result is FAILED when a test failed; WARNED when one was skipped, failed as
 * expected, or was flaky; PASSED otherwise.
 *
 * @throws ReportError when no test has the tag, or all were skipped
 */
export function testResultOf(
    run: TestRun,
    entry: SuiteEntry,
    release: Pick<ReleaseFile, "commit" | "repository">,
): Predicate<"testResult"> {
    const tag = entry.kind === "playwright" ? entry.tag : undefined;
    const tests = run.tests.filter((one) => tag === undefined || one.tags.includes(tag));
    if (tests.length === 0)
        throw new ReportError(entry.file, undefined, `No test has the tag @${tag ?? ""}; nothing critical was tested.`);
    const of = (outcome: Outcome) => tests.filter((one) => one.outcome === outcome);
    const names = (some: TestRun["tests"]) => some.map(({ name }) => short(name));
    const [passed, failed, skipped, flaky] = [of("passed"), of("failed"), of("skipped"), of("flaky")];
    if (skipped.length === tests.length)
        throw new ReportError(entry.file, undefined, "Every test was skipped; nothing was tested.");
    return {
        result: failed.length > 0 ? "FAILED" : skipped.length + flaky.length > 0 ? "WARNED" : "PASSED",
        configuration: [
            {
                name: entry.suite,
                uri: `git+${release.repository}@${release.commit}#${entry.source}`,
                annotations: {
                    total: tests.length,
                    passed: passed.length + flaky.length,
                    failed: failed.length,
                    skipped: skipped.length,
                    ...(entry.suite === "e2e-critical" && {
                        scenarios: new Set(tests.map(({ name, scenario }) => scenario ?? name)).size,
                    }),
                    durationSeconds: (run.finishedAt.getTime() - run.startedAt.getTime()) / 1000,
                    startedOn: run.startedAt.toISOString(),
                    finishedOn: run.finishedAt.toISOString(),
                },
            },
        ],
        ...(passed.length > maximumListedPasses ? {} : { passedTests: names(passed) }),
        warnedTests: names(flaky),
        failedTests: names(failed),
    };
}

/** The predicate of a coverage report. @param version the tool's version, for a report without it */
export function coverageOf(result: CoverageResult, version: string, measuredAt: Date): Predicate<"coverage"> {
    return {
        component: result.tool === "istanbul" ? "frontend" : "backend",
        tool: { name: result.tool, version: result.version ?? version },
        linesCovered: result.linesCovered,
        linesTotal: result.linesTotal,
        ...(result.branches && { branchesCovered: result.branches.covered, branchesTotal: result.branches.total }),
        measuredAt: measuredAt.toISOString(),
    };
}

/** The predicate of a report on types. @param version the tool's version, for a report without it */
export function typeCoverageOf(result: TypeCoverageResult, version: string, at: Date): Predicate<"typeCoverage"> {
    return {
        component: result.tool === "mypy" ? "backend" : "frontend",
        tool: { name: result.tool, version: result.version ?? version },
        typedCount: result.typed,
        totalCount: result.total,
        measuredAt: at.toISOString(),
    };
}

/** The result of one linter, with its version and the time of its run. */
export interface LintRun {
    readonly result: LintResult;
    readonly version: string;
    readonly at: Date;
}

/** The predicate of all linters, formatters and type checkers of one component. */
export function lintOf(
    component: "backend" | "frontend",
    runs: readonly LintRun[],
    accepted: Accepted,
): Predicate<"lint"> {
    return {
        component,
        tools: runs.map(({ result, version }) => {
            const reason = accepted.warnings.find(({ tool }) => tool === result.tool)?.justification;
            return {
                name: result.tool,
                version,
                errors: result.errors,
                warnings: result.warnings,
                ...(reason !== undefined && result.warnings > 0 && { justification: reason }),
            };
        }),
        measuredAt: new Date(Math.max(...runs.map(({ at }) => at.getTime()))).toISOString(),
    };
}

/** The predicate of static analysis, with the accepted findings marked. */
export function sastOf(result: SastResult, version: string, at: Date, accepted: Accepted): Predicate<"sast"> {
    return {
        tool: { name: result.tool, version },
        findings: result.findings.map((one) => {
            const known = accepted.findings.find(
                ({ rule, file, line }) => rule === one.rule && file === one.file && line === one.line,
            );
            return {
                ...one,
                ...(known && {
                    resolution: { kind: known.kind, ticket: known.ticket, justification: known.justification },
                }),
            };
        }),
        measuredAt: at.toISOString(),
    };
}

/** The entry that accepts a vulnerability, by whichever of its ids; of several the one that is due last. */
function acceptedBy({ id, aliases = [] }: Vulnerability, accepted: Accepted) {
    return accepted.vulnerabilities
        .filter((entry) => entry.id === id || aliases.includes(entry.id))
        .sort((one, other) => other.dueDate.localeCompare(one.dueDate))[0];
}

/**
 * The predicate of a vulnerability scan.
 *
 * @param database the vulnerability database and when it was updated; an online database is as old as the scan
 */
export function vulnerabilitiesOf(
    result: ScanResult,
    version: string,
    at: Date,
    database: { readonly version?: string; readonly updatedAt: Date },
    accepted: Accepted,
): Predicate<"vulnerabilities"> {
    return {
        scanner: {
            uri: `${result.packageUrl}@${result.version ?? version}`,
            version: result.version ?? version,
            db: {
                ...(database.version !== undefined && { version: database.version }),
                lastUpdate: database.updatedAt.toISOString(),
            },
            result: result.vulnerabilities.map((one) => {
                const known = acceptedBy(one, accepted);
                return {
                    id: one.id,
                    severity: one.rating === undefined ? [] : [one.rating],
                    annotations: [
                        {
                            package: one.package,
                            installedVersion: one.installedVersion,
                            ...(one.fixedVersion !== undefined && { fixedVersion: one.fixedVersion }),
                            target: one.target,
                            ...(known && { ticket: known.ticket, dueDate: known.dueDate }),
                        },
                    ],
                };
            }),
        },
        metadata: { scanStartedOn: at.toISOString(), scanFinishedOn: at.toISOString() },
    };
}
