import { readFile } from "node:fs/promises";
import { InvalidArgumentError, Option, type Command } from "commander";
import { z } from "zod";
import { judgedRelease, release, type Release } from "../../delivery/core/release";
import { loadEvidence } from "../../delivery/evidence/folder";
import type { EvidenceFile } from "../../delivery/evidence/verify";
import type { JudgementRequest } from "../../delivery/gates";
import { repositoryAddress } from "../../delivery/core/names";
import { repository as repositorySetting } from "../../settings/schema";
import { stackSetting } from "../../settings/stack-values";
import { InputError } from "../shared/judging";

export { allowed, cannotBeJudged, denied, endWithTwo, InputError, judging } from "../shared/judging";

/** The largest input file that is read, in bytes; releases, keys and limits are far below. */
const maximumBytes = 1_048_576;

/** Reads one text file, or says in a sentence what it is and why it can't be read. */
export async function readInput(path: string, what: string): Promise<string> {
    let bytes: Buffer;
    try {
        bytes = await readFile(path);
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        const why = code === "ENOENT" ? "does not exist" : `can't be read (${code ?? "unknown"})`;
        throw new InputError(`The ${what} ${path} ${why}; check the path.`, { cause: error });
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
        throw new InputError(`The ${what} ${path} is not valid JSON; it is empty, damaged or of another kind.`, {
            cause: error,
        });
    }
    const read = shape.safeParse(value);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const place = issue?.path.map(String).join(".");
    throw new InputError(`The ${what} ${path} is wrong${place ? ` at ${place}` : ""}: ${problem(issue, shape)}.`);
}

/** What is wrong in one place: a key that is missing, keys that are unknown, or a value that is not accepted. */
function problem(issue: z.core.$ZodIssue | undefined, shape: z.ZodType): string {
    if (issue?.code === "unrecognized_keys") {
        const keys = `unknown ${issue.keys.length === 1 ? "key" : "keys"} ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
        const atTop = issue.path.length === 0 && shape instanceof z.ZodObject;
        return atTop ? `${keys}; accepted: ${Object.keys(shape.shape).join(", ")}` : keys;
    }
    if (issue?.code === "invalid_type" && issue.message.endsWith("received undefined")) return "it is missing";
    return (issue?.message ?? "").replace(/^Invalid input: /, "");
}

/** What both commands are given. */
export interface InputOptions {
    readonly evidence: string;
    readonly release: string;
    readonly keys: string;
    readonly limits?: string;
    readonly hotfix?: true;
    readonly previous?: string;
}

/** What `addTimeOption` adds. */
export interface TimeOption {
    readonly at?: string;
}

/** What a release is judged by, read from files: the arguments of `judgeRelease` and where its source is. */
export interface Input {
    readonly evidence: readonly EvidenceFile[];
    readonly release: Release;
    readonly now: string;
    readonly keys: readonly unknown[];
    readonly limits: Readonly<Record<string, unknown>>;
    /** Address of the repository that releases come from, by the settings of production. */
    readonly trustedRepository: string;
    /** The version that production runs, when the command was told. */
    readonly productionVersion: string | undefined;
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
        .option("--hotfix", "judge it as a hotfix; a release file with hotfix true does the same");
}

/** Adds the time of a judgement to a command that signs nothing: a signature of today must not be about another day. */
export function addTimeOption(command: Command): Command {
    return command.addOption(new Option("--at <time>", "judge as of this time").argParser(time).hideHelp());
}

/** A time in UTC, as commander reads an option. */
export function time(given: string): string {
    if (z.iso.datetime().safeParse(given).success) return given;
    throw new InvalidArgumentError("Give a time in UTC such as 2026-01-14T18:00:00Z.");
}

/**
 * Reads everything that a release is judged by.
 *
 * @param now RFC 3339, UTC
 * @throws Error, one sentence, for whatever is missing or can't be understood
 */
export async function readInputs(options: InputOptions, now = new Date().toISOString()): Promise<Input> {
    const written = await readJsonInput(options.release, "release file", release);
    const keys = await readJsonInput(options.keys, "key file", z.array(z.unknown()));
    const limits =
        options.limits === undefined
            ? {}
            : await readJsonInput(options.limits, "limits file", z.record(z.string(), z.unknown()));
    return {
        evidence: await loadEvidence(options.evidence),
        release: { ...judgedRelease(written), hotfix: options.hotfix === true || written.hotfix },
        now,
        keys,
        limits,
        trustedRepository: trustedRepository(),
        productionVersion: options.previous,
        repository: written.repository,
    };
}

// Whatever else the setting says is judged by the program.
const named = z.object(repositorySetting.pick({ owner: true, name: true }).shape);

/** The repository whose builds count: the setting `repository` of the stack prod, as `pulumi up` takes it. */
function trustedRepository(): string {
    const read = named.safeParse(stackSetting("repository", "prod") ?? {});
    if (read.success) return repositoryAddress(read.data);
    throw new InputError(
        "The settings of the stack prod name no repository, so no build can be compared with it; accepted: " +
            "relaypacs:repository with owner and name in Pulumi.prod.yaml, in the working folder.",
    );
}

/** The request that `judgeRelease` takes. */
export function requestOf(input: Input, checkpoint: JudgementRequest["checkpoint"]): JudgementRequest {
    const { release, now, keys, limits, productionVersion, trustedRepository: repository } = input;
    return { checkpoint, release, now, keys, limits, productionVersion, repository };
}
