import { readFile } from "node:fs/promises";
import { InvalidArgumentError, Option, type Command } from "commander";
import { z } from "zod";
import type { JudgementRequest, Release } from "../../policies/gates";
import { loadEvidence } from "../evidence/folder";
import { commit, moment, text, uri } from "../evidence/predicates/fields";
import type { EvidenceFile } from "../evidence/verify";
import { visible } from "./words";

/** What is wrong with what a command was given: one sentence for people. Nothing was judged. */
export class InputError extends Error {
    override readonly name = "InputError";
}

/** The largest input file that is read, in bytes; releases, keys and limits are far below. */
const maximumBytes = 1_048_576;

const release = z.strictObject({
    version: text("Semantic version without v"),
    commit: commit("Commit that the images were built from"),
    images: z
        .record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits"))
        .refine((images) => Object.keys(images).length > 0, "must name at least one image"),
    hotfix: z.boolean().optional(),
    committedAt: moment("When the commit was made").optional(),
    repository: uri("Where the source is").optional(),
});

/** The file that `release collect` reads, or the value of the program's `relaypacs:release`: both say which release. */
export type ReleaseInput = z.output<typeof release>;

/** Reads one text file, or says in a sentence what it is and why it can't be read. */
export async function readInput(path: string, what: string): Promise<string> {
    let bytes: Buffer;
    try {
        bytes = await readFile(path);
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        const why = code === "ENOENT" ? "does not exist" : `can't be read (${code ?? "unknown"})`;
        throw new InputError(`The ${what} ${path} ${why}; give a file that holds it.`, { cause: error });
    }
    if (bytes.length > maximumBytes) {
        throw new InputError(`The ${what} ${path} has ${bytes.length} bytes; accepted: at most ${maximumBytes}.`);
    }
    return bytes.toString("utf8");
}

/** Reads one JSON file. @throws InputError that names the file, the place and what is accepted */
export async function readJsonInput<Shape extends z.ZodType>(
    path: string,
    what: string,
    shape: Shape,
): Promise<z.output<Shape>> {
    return parseJsonInput(await readInput(path, what), path, what, shape);
}

/** Parses JSON that was read already. @throws InputError as `readJsonInput` */
export function parseJsonInput<Shape extends z.ZodType>(
    contents: string,
    path: string,
    what: string,
    shape: Shape,
): z.output<Shape> {
    let value: unknown;
    try {
        value = JSON.parse(contents);
    } catch (error) {
        throw new InputError(`The ${what} ${path} is no JSON; it is empty, damaged or of another kind.`, {
            cause: error,
        });
    }
    const read = shape.safeParse(value);
    if (read.success) return read.data;
    const issue = read.error.issues[0];
    const place = issue?.path.map(String).join(".");
    throw new InputError(`The ${what} ${path} is wrong${place ? ` at ${place}` : ""}: ${issue?.message ?? ""}.`);
}

/** What both commands are given. */
export interface InputOptions {
    readonly evidence: string;
    readonly release: string;
    readonly keys: string;
    readonly limits?: string;
    readonly hotfix?: true;
    readonly at?: string;
}

/** What a release is judged by, read from files: the arguments of `judgeRelease` and where its source is. */
export interface Input {
    readonly evidence: readonly EvidenceFile[];
    readonly release: Release;
    readonly now: string;
    readonly keys: readonly unknown[];
    readonly limits: Readonly<Record<string, unknown>>;
    /** Address of the source repository, as the release file names it. */
    readonly repository: string | undefined;
}

/** Adds the options of `InputOptions` to a command. */
export function addInputOptions(command: Command): Command {
    return command
        .requiredOption("--evidence <folder>", "folder of signed evidence (DSSE envelopes)")
        .requiredOption("--release <file>", "the release: version, commit, image digests (JSON)")
        .requiredOption("--keys <file>", "the keys that are trusted: a JSON list, as relaypacs:trustedKeys")
        .option("--limits <file>", "stricter limits by name (JSON), as relaypacs:gateLimits")
        .option("--hotfix", "judge it as a hotfix; a release file with hotfix true does the same")
        .addOption(new Option("--at <time>", "judge as of this time").argParser(time).hideHelp());
}

function time(given: string): string {
    if (z.iso.datetime().safeParse(given).success) return given;
    throw new InvalidArgumentError("Give a time in UTC such as 2026-01-14T18:00:00Z.");
}

/**
 * Reads everything that a release is judged by.
 *
 * @throws Error, one sentence, for whatever is missing or can't be understood
 */
export async function readInputs(options: InputOptions): Promise<Input> {
    const { hotfix, repository, version, commit, images } = await readJsonInput(
        options.release,
        "release file",
        release,
    );
    const keys = await readJsonInput(options.keys, "key file", z.array(z.unknown()));
    const limits =
        options.limits === undefined
            ? {}
            : await readJsonInput(options.limits, "limits file", z.record(z.string(), z.unknown()));
    return {
        evidence: await loadEvidence(options.evidence),
        release: { version, commit, images, hotfix: options.hotfix === true || hotfix === true },
        now: options.at ?? new Date().toISOString(),
        keys,
        limits,
        repository,
    };
}

/** The request that `judgeRelease` takes. */
export function requestOf(input: Input, checkpoint: JudgementRequest["checkpoint"]): JudgementRequest {
    const { release, now, keys, limits } = input;
    return { checkpoint, release, now, keys, limits };
}

/** Makes commander end with 2, not 1, when the command line itself is wrong: 1 is a release that was denied. */
export function endWithTwo(command: Command): Command {
    return command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : cannotBeJudged));
}

/** Exit codes of the commands that judge. */
export const allowed = 0;
export const denied = 1;
export const cannotBeJudged = 2;

/** Runs an action; whatever is thrown is one sentence on standard error and the exit code 2. */
export async function judging(command: string, action: () => Promise<number>): Promise<void> {
    try {
        process.exitCode = await action();
    } catch (error) {
        console.error(`${command}: ${visible(error instanceof Error ? error.message : String(error))}`);
        process.exitCode = cannotBeJudged;
    }
}
