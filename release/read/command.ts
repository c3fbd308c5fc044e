import { Command, InvalidArgumentError } from "commander";
import { collectedRelease } from "../../delivery/core/release";
import { endWithTwo, judging } from "../check/input";
import { collect } from "../collect";
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

/** `release read`: reads reports as `release collect` will, before there is a release, and keeps nothing. */
export function readCommand(): Command {
    const command = new Command("read")
        .description("read the tools' reports as collect does, and say what evidence they would make; write nothing")
        .requiredOption("--reports <folder>", "folder with the reports and their manifest, reports.yaml")
        .requiredOption("--committed-at <time>", "when the commit was made: no report can be older", committedAt)
        .addHelpText(
            "after",
            "\nExit codes: 0 every report can be read, 1 a report can't be read, 2 there is no manifest, or it is wrong.",
        );
    return endWithTwo(command).action((options: Options) =>
        judging("release read", () => {
            const collection = collect(options.reports, { ...unreleased, committedAt: options.committedAt });
            console.log(table(collection));
            return Promise.resolve(collection.problems.length > 0 ? 1 : 0);
        }),
    );
}
