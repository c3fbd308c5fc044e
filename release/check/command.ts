import { appendFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { checkpoints, judgeRelease, type Checkpoint } from "../../delivery/gates";
import {
    addInputOptions,
    addTimeOption,
    allowed,
    denied,
    endWithTwo,
    InputError,
    judging,
    readInputs,
    requestOf,
    type InputOptions,
    type TimeOption,
} from "./input";
import { json, type Subject } from "./json";
import { markdown } from "./markdown";
import { table } from "./table";
import { isAllowed } from "./wording";

interface Options extends InputOptions, TimeOption {
    readonly checkpoint: Checkpoint;
    readonly strict?: true;
    readonly format: "table" | "json" | "markdown";
    readonly summary?: string;
}

async function check(options: Options): Promise<number> {
    const input = await readInputs(options, options.at);
    const request = requestOf(input, options.checkpoint);
    const subject: Subject = {
        release: input.release,
        checkpoint: options.checkpoint,
        now: input.now,
        judgement: judgeRelease(input.evidence, request),
        strict: options.strict === true,
    };
    if (options.summary !== undefined) await append(options.summary, markdown(subject));
    const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
    const formats = {
        table: () => table(subject, colour),
        json: () => json(subject),
        markdown: () => markdown(subject),
    };
    console.log(formats[options.format]().trimEnd());
    return isAllowed(subject.judgement, subject.strict) ? allowed : denied;
}

/** GitHub gives every step one file, to which all of its commands append. */
async function append(path: string, text: string): Promise<void> {
    try {
        await appendFile(path, text);
    } catch (error) {
        const { code = "unknown" } = error as NodeJS.ErrnoException;
        throw new InputError(`The summary ${path} can't be written (${code}); give a file in a folder that exists.`, {
            cause: error,
        });
    }
}

/**
 * `release check`: judges a release with the gates of the policy pack, in its words. It ends with 0 when the release may
 * go on (warnings are said, and deny with `--strict`), with 1 when it is denied, with 2 when it can't be judged.
 */
export function checkCommand(): Command {
    const command = new Command("check")
        .description("judge a release by its signed evidence, with the gates and the words of the policy pack")
        .addOption(
            new Option("--checkpoint <step>", "what the release is judged for")
                .choices(checkpoints)
                .makeOptionMandatory(),
        )
        .option("--previous <version>", "the version that production runs now, which the rollback plan must name")
        .option("--strict", "let warnings deny too")
        .addOption(
            new Option("--format <format>", "what to print").choices(["table", "json", "markdown"]).default("table"),
        )
        .option("--summary <file>", "append the Markdown to this file too, such as $GITHUB_STEP_SUMMARY")
        .addHelpText("after", "\nExit codes: 0 it may go on, 1 it is denied, 2 it can't be judged.");
    return endWithTwo(addTimeOption(addInputOptions(command))).action((options: Options) =>
        judging("release check", () => check(options)),
    );
}
