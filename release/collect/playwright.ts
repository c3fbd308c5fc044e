import { z } from "zod";
import { selectionOf, type Selection } from "./playwright-arguments";
import { quote, quoteReason, ReportError } from "./shared/error";
import { count, jsonPath, parseJson } from "./shared/json";
import type { Outcome, TestRun } from "./results";

const duration = z.number().min(0);

const test = z.object({
    expectedStatus: z.enum(["passed", "failed", "skipped", "timedOut", "interrupted"]),
    projectName: z.string(),
    results: z.array(
        z.object({
            status: z.enum(["passed", "failed", "timedOut", "skipped", "interrupted"]),
            duration,
            retry: count,
        }),
    ),
    status: z.enum(["expected", "unexpected", "flaky", "skipped"]),
});

const spec = z.object({
    title: z.string(),
    ok: z.boolean(),
    tags: z.array(z.string()),
    tests: z.array(test).min(1),
    file: z.string(),
});

interface Suite {
    readonly title: string;
    readonly specs: readonly z.output<typeof spec>[];
    readonly suites?: readonly Suite[] | undefined;
}

const suite: z.ZodType<Suite> = z.object({
    title: z.string(),
    specs: z.array(spec),
    suites: z.lazy(() => z.array(suite)).optional(),
});

/** The part of the tests that a run had (`--shard=1/2`). */
const shard = z.object({ current: z.int().min(1), total: z.int().min(1) });

const report = z.object({
    config: z.object({
        version: z.string(),
        projects: z.array(z.object({ name: z.string() })),
        shard: shard.nullish(),
        /** The command line. Since Playwright 1.58 or so; older reports do not have it. */
        argv: z.array(z.string()).optional(),
        updateSnapshots: z.string().optional(),
        /** The projects that ran, with all their settings. As new as `argv`. */
        filteredProjects: z
            .array(z.object({ name: z.string().optional(), ignoreSnapshots: z.boolean().optional() }))
            .optional(),
    }),
    suites: z.array(suite),
    errors: z.array(z.object({ message: z.string().optional() })),
    stats: z.object({
        startTime: z.iso.datetime({ offset: true }),
        duration,
        expected: count,
        unexpected: count,
        flaky: count,
        skipped: count,
    }),
});

type Attempt = z.output<typeof test>;

/** The status that follows from the attempts, by Playwright's own rules. The status in the report must agree. */
function statusOf({ results, expectedStatus }: Attempt): Attempt["status"] {
    const ran = results.filter(({ status }) => status !== "skipped");
    const good = ran.filter(({ status }) => status === expectedStatus).length;
    if (ran.length === 0) return "skipped";
    if (good === ran.length) return "expected";
    const skippedOnPurpose = expectedStatus === "skipped" && ran.length < results.length;
    return good > 0 || skippedOnPurpose ? "flaky" : "unexpected";
}

function outcomeOf({ status, expectedStatus, results }: Attempt): Outcome {
    // A test whose last attempt failed has failed, even if an earlier one passed.
    const lost = status === "flaky" && results.at(-1)?.status !== expectedStatus;
    if (lost || status === "unexpected") return "failed";
    // Playwright also calls a test flaky that failed and skipped itself in the retry, or that failed as expected in the end.
    if (status === "skipped" || expectedStatus !== "passed") return "skipped";
    return status === "flaky" ? "flaky" : "passed";
}

/**
 * Playwright's JSON report (`--reporter=json`).
 *
 * "unexpected" counts as failed. "flaky" passed only in a retry and is reported as flaky, or as failed if its last
 * attempt failed. "skipped" counts as skipped, and so does a test that failed as expected (`test.fail`), and one that
 * failed first and was skipped in a retry, or failed as expected in the end: no attempt passed as it must. A report is
 * refused when it has an error outside of a test, such as a file that can't be loaded, or no test, or an interrupted
 * run, or one part of the tests: a shard, or what the command line or a limit of failures left out. A report that was
 * merged from parts is refused: it does not say how many there were. `--grep` is for the caller to judge, who knows the tag
 * of the critical tests.
 */
export function readPlaywright(text: string, file: string): TestRun {
    const { config, suites, errors, stats } = parseJson(
        text,
        file,
        report,
        "Playwright (playwright test --reporter=json)",
    );
    if (errors[0] !== undefined)
        throw new ReportError(
            file,
            "errors[0]",
            `Playwright failed outside of every test: ${quoteReason(errors[0].message ?? "no message")}.`,
        );
    if (config.shard && config.shard.total > 1)
        throw new ReportError(
            file,
            "config.shard",
            `The report has part ${String(config.shard.current)} of ${String(config.shard.total)} of the tests; run all of them in one command, without --shard.`,
        );
    // Also of some parts alone, and its command ends with 0 when tests failed.
    if (config.argv?.length === 0)
        throw new ReportError(
            file,
            "config.argv",
            "The report was merged from parts (playwright merge-reports), and does not say whether all are in it; run all tests in one command.",
        );
    const { problem, grep }: Selection = config.argv ? selectionOf(config.argv) : {};
    if (problem !== undefined) throw new ReportError(file, "config.argv", problem);
    if (config.updateSnapshots === "all" || config.updateSnapshots === "changed")
        throw new ReportError(
            file,
            "config.updateSnapshots",
            "The run wrote its snapshots instead of comparing them; run it without --update-snapshots, and without updateSnapshots in the configuration.",
        );
    config.filteredProjects?.forEach(({ name = "", ignoreSnapshots }, at) => {
        if (ignoreSnapshots === true)
            throw new ReportError(
                file,
                jsonPath(["config", "filteredProjects", at, "ignoreSnapshots"]),
                `The tests of the project ${quote(name)} pass although their snapshots have changed; run them without ignoreSnapshots in the configuration.`,
            );
    });
    const tests: TestRun["tests"][number][] = [];
    const counted = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
    const seen = new Set<string>();
    const walk = (one: Suite, titles: readonly string[], path: readonly PropertyKey[]) => {
        const inner = [...titles, one.title];
        one.specs.forEach((each, at) => {
            each.tests.forEach((attempt, number) => {
                const place = jsonPath([...path, "specs", at, "tests", number]);
                const scenario = [...inner, each.title].join(" › ");
                const name = scenario + (attempt.projectName ? ` [${attempt.projectName}]` : "");
                if (seen.has(name))
                    throw new ReportError(
                        file,
                        place,
                        `The test ${quote(name)} is listed twice; run it without --repeat-each, and give each test its own title.`,
                    );
                seen.add(name);
                if (attempt.results.some(({ status }) => status === "interrupted"))
                    throw new ReportError(
                        file,
                        place,
                        `The test ${quote(name)} was interrupted; the run is not complete.`,
                    );
                if (attempt.status !== statusOf(attempt))
                    throw new ReportError(
                        file,
                        place,
                        `The test's status is ${quote(attempt.status)} but its attempts say ${quote(statusOf(attempt))}.`,
                    );
                counted[attempt.status]++;
                tests.push({
                    name,
                    scenario,
                    outcome: outcomeOf(attempt),
                    tags: each.tags.map((tag) => tag.replace(/^@/, "")),
                });
            });
            if (each.ok === each.tests.some(({ status }) => status === "unexpected"))
                throw new ReportError(
                    file,
                    jsonPath([...path, "specs", at, "ok"]),
                    `The spec is ${each.ok ? "" : "not "}ok, but its tests say otherwise.`,
                );
        });
        one.suites?.forEach((child, at) => {
            walk(child, inner, [...path, "suites", at]);
        });
    };
    suites.forEach((one, at) => {
        walk(one, [], ["suites", at]);
    });
    for (const name of ["expected", "unexpected", "flaky", "skipped"] as const)
        if (stats[name] !== counted[name])
            throw new ReportError(
                file,
                `stats.${name}`,
                `The report counts ${String(stats[name])} ${name} tests but lists ${String(counted[name])}.`,
            );
    if (tests.length === 0) throw new ReportError(file, "suites", "The report has no test; nothing was tested.");
    const startedAt = new Date(stats.startTime);
    const finishedAt = new Date(startedAt.getTime() + stats.duration);
    return { kind: "tests", tests, startedAt, finishedAt, ...(grep !== undefined && { grep }) };
}
