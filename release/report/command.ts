import { writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import { maximumTeams, teamSlug } from "../../settings/schema";
import { approverTeams } from "../shared/approver-teams";
import {
    addInputOptions,
    addTimeOption,
    endWithTwo,
    InputError,
    judging,
    readInputs,
    type InputOptions,
    type TimeOption,
} from "../check/input";
import { verdict } from "../check/wording";
import { logFormat, readChanges } from "./changes";
import { pageContents } from "./contents";
import { page } from "./page";

interface Options extends InputOptions, TimeOption {
    readonly out: string;
    readonly changes?: string;
    readonly previous?: string;
    readonly approvers?: readonly string[];
}

function teamList(given: string): readonly string[] {
    const teams = given.split(",").map((one) => one.trim());
    if (teams.length <= maximumTeams && teams.every((team) => teamSlug.test(team))) return teams;
    throw new InvalidArgumentError("Give one to six GitHub team slugs, separated by commas.");
}

async function report(options: Options): Promise<number> {
    const input = await readInputs(options, options.at);
    const changes =
        options.changes === undefined ? undefined : await readChanges(options.changes, input.release.commit);
    const contents = pageContents(input, {
        changes,
        previousVersion: options.previous ?? changes?.previousVersion,
        approverTeams: options.approvers ?? Object.keys(approverTeams()),
    });
    try {
        await writeFile(options.out, page(contents));
    } catch (error) {
        const { code = "unknown" } = error as NodeJS.ErrnoException;
        throw new InputError(
            `The page ${options.out} can't be written (${code}); give a file in a folder that exists.`,
            {
                cause: error,
            },
        );
    }
    console.log(`${verdict(input.release, "production", contents.judgement)} Wrote ${options.out}`);
    return 0;
}

/**
 * `release report`: writes the approver's page about a release for production. It exits with 0 when the page is
 * written, whatever its verdict is, and with 2 when the release can't be judged.
 */
export function reportCommand(): Command {
    const command = new Command("report")
        .description(
            "write the approver's page: one HTML file with the verdict, the changes, each gate and its evidence",
        )
        .requiredOption("--out <file>", "the HTML file to write")
        .option("--changes <file>", `the commits: JSON, or the text of git log --format=${logFormat}`)
        .option(
            "--previous <version>",
            "the version that runs in production now; by default the one in the changes file or the rollback plan",
        )
        .option(
            "--approvers <teams>",
            "GitHub teams that may approve; by default those in the settings of the stack prod",
            teamList,
        );
    command.addHelpText(
        "after",
        "\nExit codes: 0 the page is written, whatever its verdict, 2 the release can't be judged.",
    );
    return endWithTwo(addTimeOption(addInputOptions(command))).action((options: Options) =>
        judging("release report", () => report(options)),
    );
}
