import { Command, InvalidArgumentError } from "commander";
import { collectedRelease } from "../../delivery/core/release";
import { stricterLimits } from "../../delivery/gates";
import { countsOf, skipsTooMany } from "../../delivery/gates/engine/tests";
import { endWithTwo, judging } from "../check/input";
import { collect, type Collected, type Collection } from "../collect";
import { ReportError } from "../collect/shared/error";
import { table } from "../collect/summary";

interface Options {
    readonly reports: string;
    readonly committedAt: string;
}

/** Stands for the commit and its repository: what is made of the reports is not kept. */
const unreleased = { commit: "0".repeat(40), repository: "file:." };

function committedAt(given: string): string {
    if (collectedRelease.shape.committedAt.safeParse(given).success) return given;
    throw new InvalidArgumentError("Give a time in UTC such as 2026-01-14T18:00:00Z.");
}

const isRun = (one: Collected): one is Collected<"testResult"> => one.name === "testResult";

/**
 * The suites that skip more tests than their gate accepts. They make evidence, so that no error of a report says it. The
 * critical paths have a limit of their own, which `ci.yml` judges from Playwright's report.
 */
function skipping({ collected }: Collection): ReportError[] {
    const limits = stricterLimits();
    return collected.filter(isRun).flatMap((one) => {
        if (one.item === "e2e-critical") return [];
        const counts = countsOf(one.predicate);
        if (!skipsTooMany(counts, limits)) return [];
        const given = `${String(counts.skipped)} of ${String(counts.total)} tests were skipped or expected to fail`;
        const sentence = `${given}; the gate on ${one.item} accepts at most ${String(limits.skippedTestPercent)} %.`;
        return [new ReportError(one.files[0] ?? one.item, undefined, sentence)];
    });
}

/** `release read`: reads reports as `release collect` will, before there is a release, and keeps nothing. */
export function readCommand(): Command {
    const command = new Command("read")
        .description("read the tools' reports as collect does, and say what evidence they would make; write nothing")
        .requiredOption("--reports <folder>", "folder with the reports and their manifest, reports.yaml")
        .requiredOption("--committed-at <time>", "when the commit was made: no report can be older", committedAt)
        .addHelpText(
            "after",
            "\nExit codes: 0 every report can be read, 1 a report can't be read, or a suite skips more tests than its gate " +
                "accepts, 2 there is no manifest, or it is wrong.",
        );
    return endWithTwo(command).action((options: Options) =>
        judging("release read", () => {
            const collection = collect(options.reports, { ...unreleased, committedAt: options.committedAt });
            const problems = [...collection.problems, ...skipping(collection)];
            console.log(table({ ...collection, problems }));
            return Promise.resolve(problems.length > 0 ? 1 : 0);
        }),
    );
}
