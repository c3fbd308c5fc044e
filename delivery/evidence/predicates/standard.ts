import { z } from "zod";
import { elapsedSeconds } from "../../core/time";
import { count, moment, ordered, resourceDescriptor, seconds, text, uri } from "./fields";

/**
 * How the images were built: SLSA provenance v1 (https://slsa.dev/spec/v1.1/provenance). The start of the build also
 * distinguishes evidence about this release from older evidence.
 */
export const provenance = z
    .object({
        buildDefinition: z.object({
            buildType: uri("Which template the build follows"),
            externalParameters: z
                .record(z.string(), z.unknown())
                .describe("What the build was asked for: workflow, repository, reference"),
            internalParameters: z.record(z.string(), z.unknown()).optional().describe("What the build platform set"),
            resolvedDependencies: z
                .array(resourceDescriptor)
                .optional()
                .describe("What was fetched; the source repository with its digest `gitCommit` among it"),
        }),
        runDetails: z.object({
            builder: z.object({
                id: uri("The build platform that is trusted to have run the build"),
                version: z.record(z.string(), z.string()).optional().describe("Versions of the platform's parts"),
                builderDependencies: z.array(resourceDescriptor).optional().describe("What the platform itself used"),
            }),
            metadata: ordered(
                z.object({
                    invocationId: text("The run of the build platform").optional(),
                    startedOn: moment("When the build started"),
                    finishedOn: moment("When the build finished"),
                }),
                (metadata) => metadata.startedOn,
                (metadata) => metadata.finishedOn,
                "finishedOn is before startedOn",
            ),
            byproducts: z.array(resourceDescriptor).optional().describe("Other outputs, such as logs"),
        }),
    })
    .describe("How and from what the images were built");

export const suites = ["unit-backend", "unit-frontend", "integration", "e2e-critical", "smoke"] as const;
export type Suite = (typeof suites)[number];

/** Tools round their times to whole seconds. */
const roundedSeconds = 1;

const suiteCounts = z
    .object({
        total: count("Tests in the suite"),
        passed: count("Tests that passed, flaky ones included"),
        failed: count("Tests that failed or ended in an error"),
        skipped: count("Tests that did not run"),
        durationSeconds: seconds("Wall time of the suite from its first to its last test"),
        startedOn: moment("When the suite started"),
        finishedOn: moment("When the suite finished"),
        scenarios: count(
            "Suite e2e-critical only: scenarios, each counted once, in however many browsers it ran",
        ).optional(),
        slowestHealthSeconds: seconds("Suite smoke only: slowest answer of a health check").optional(),
        serverErrors: count("Suite smoke only: answers with a status from 500 to 599").optional(),
    })
    .refine((one) => one.passed + one.failed + one.skipped === one.total, {
        error: "total is not the sum of passed, failed and skipped",
    })
    .refine(
        ({ durationSeconds, finishedOn, startedOn }) => {
            const elapsed = elapsedSeconds(startedOn, finishedOn);
            // The other way round is refused in other words.
            return elapsed < 0 || Math.abs(elapsed - durationSeconds) <= roundedSeconds;
        },
        { error: "durationSeconds is not the time from startedOn to finishedOn" },
    );

const suiteConfiguration = z
    .object({
        name: z.enum(suites).describe("The suite"),
        uri: uri("What ran: repository, commit and folder of the tests"),
        annotations: ordered(
            suiteCounts,
            (one) => one.startedOn,
            (one) => one.finishedOn,
            "finishedOn is before startedOn",
        ).describe("Counts and times of the run"),
    })
    .describe("A ResourceDescriptor that names the suite and, in its annotations, the run's counts and times");

/**
 * One run of one test suite: in-toto Test Result v0.1. The standard has no fields for counts and times; they are
 * annotations of the first configuration descriptor, which names the suite. `passedTests` is optional, because the list
 * may be long; `failedTests` is required.
 */
export const testResult = z
    .object({
        result: z.enum(["PASSED", "WARNED", "FAILED"]).describe("Outcome of the run"),
        configuration: z
            .tuple([suiteConfiguration], resourceDescriptor)
            .describe("The suite first, then further configuration of the run"),
        url: uri("Where people see the run").optional(),
        passedTests: z.array(text("Name of a test")).optional().describe("Tests that passed"),
        warnedTests: z.array(text("Name of a test")).optional().describe("Tests that passed with a warning (flaky)"),
        failedTests: z.array(text("Name of a test")).describe("Tests that failed"),
    })
    .superRefine((run, context) => {
        const suite = run.configuration[0];
        const complain = (message: string) => {
            context.addIssue({ code: "custom", message });
        };
        if (run.failedTests.length !== suite.annotations.failed) {
            complain(`failedTests names ${run.failedTests.length} tests, but ${suite.annotations.failed} failed`);
        }
        if ((run.result === "FAILED") !== suite.annotations.failed > 0) {
            complain(`result is ${run.result}, but ${suite.annotations.failed} tests failed`);
        }
        const named = (run.passedTests?.length ?? 0) + (run.warnedTests?.length ?? 0);
        if (named > suite.annotations.passed) {
            complain(`passedTests and warnedTests name ${named} tests, but ${suite.annotations.passed} passed`);
        }
        const timed = suite.annotations.slowestHealthSeconds !== undefined;
        const counted = suite.annotations.serverErrors !== undefined;
        if (suite.name === "smoke" && !(timed && counted)) {
            complain("suite smoke needs the annotations slowestHealthSeconds and serverErrors");
        }
        const { scenarios, total } = suite.annotations;
        if (suite.name === "e2e-critical" && scenarios === undefined) {
            complain("suite e2e-critical needs the annotation scenarios");
        }
        if (scenarios !== undefined && scenarios > total) complain("scenarios is more than total");
    })
    .describe("One run of one test suite");

/** Package URL types and names by which `scanner.uri` says which scanner ran (`pkg:npm/npm@10.8.2`). */
export const scanners = {
    trivy: ["pkg:github/aquasecurity/trivy"],
    "npm-audit": ["pkg:npm/npm"],
    "python-audit": ["pkg:pypi/pip-audit", "pkg:pypi/safety"],
} as const;
export type Scanner = keyof typeof scanners;

/** A package URL without its version. */
export const packageOf = (packageUrl: string): string => packageUrl.split("@", 1).join("");

/** The scanner that a package URL names, or undefined for an unknown one. */
export function scannerOf(scannerUri: string): Scanner | undefined {
    const package_ = packageOf(scannerUri);
    return (Object.keys(scanners) as Scanner[]).find((one) => scanners[one].some((known) => known === package_));
}

/** Keys that the gates read in `annotations` of a vulnerability. */
const vulnerabilityAnnotations = z
    .record(z.string(), z.unknown())
    .describe(
        "package, installedVersion, fixedVersion, target; for an accepted high finding ticket (RP-123) and dueDate (YYYY-MM-DD)",
    );

/**
 * One scan: in-toto Vulnerabilities v0.1. A severity's `score` is a word (critical, high, medium, low, none) with the
 * source as `method`, or a CVSS base score with the method `cvss_score`. The worst rating counts.
 */
export const vulnerabilities = z
    .object({
        scanner: z.object({
            uri: z
                .string()
                .refine((one) => scannerOf(one) !== undefined, {
                    error: `is none of ${Object.values(scanners).flat().join(", ")} (each followed by @ and the version)`,
                })
                .describe("The scanner, as a package URL with its version"),
            version: text("Version of the scanner"),
            db: z
                .object({
                    uri: uri("The vulnerability database").optional(),
                    version: text("Version of the database").optional(),
                    lastUpdate: moment("When the database was last updated; the scan's time for an online service"),
                })
                .describe("The vulnerability database that was searched"),
            result: z
                .array(
                    z.object({
                        id: text("Identifier, such as CVE-2026-1234 or GHSA-xxxx"),
                        severity: z
                            .array(
                                z.object({
                                    method: text("Who or what rates: nvd, ghsa, vendor, cvss_score"),
                                    score: text("The rating"),
                                }),
                            )
                            .describe("Ratings; an empty list is judged like a high one"),
                        annotations: z.array(vulnerabilityAnnotations).optional().describe("More about the finding"),
                    }),
                )
                .describe("Everything that was found; empty when nothing was"),
        }),
        metadata: ordered(
            z.object({
                scanStartedOn: moment("When the scan started"),
                scanFinishedOn: moment("When the scan finished"),
            }),
            (metadata) => metadata.scanStartedOn,
            (metadata) => metadata.scanFinishedOn,
            "scanFinishedOn is before scanStartedOn",
        ),
    })
    .describe("What one scanner found");
