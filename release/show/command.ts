import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { release, version } from "../../delivery/core/release";
import { loadEvidence } from "../../delivery/evidence/folder";
import { items, type ItemName } from "../../delivery/evidence/items";
import { keyRing } from "../../delivery/evidence/keys";
import { newestEvidence, type About } from "../../delivery/evidence/newest";
import { endWithTwo, judging, readJsonInput } from "../check/input";

interface Options {
    readonly evidence: string;
    readonly keys: string;
    readonly release?: string;
    readonly version?: string;
}

/** Items with one statement about all images; a statement of each image would be several. */
const shown = (Object.keys(items) as ItemName[]).filter((item) => items[item].scope === "release");

function versionName(given: string): string {
    if (version.safeParse(given).success) return given;
    throw new InvalidArgumentError("It must be a version such as 1.4.2.");
}

async function aboutOf(options: Options): Promise<About> {
    if (options.version !== undefined) return { version: options.version };
    if (options.release === undefined) return {};
    const { commit, images, version } = await readJsonInput(options.release, "release file", release);
    return { version, commit, images };
}

async function show(item: ItemName, options: Options): Promise<number> {
    const ring = keyRing(await readJsonInput(options.keys, "key file", z.array(z.unknown())));
    const files = await loadEvidence(options.evidence);
    const newest = newestEvidence(item, files, ring, new Date().toISOString(), await aboutOf(options));
    console.log(JSON.stringify(newest?.predicate ?? null));
    return 0;
}

/**
 * `release show`: prints the newest verified statement of one item, for a script that states or decides something by it.
 * What is read from a bucket or a folder without this is anyone's word.
 */
export function showCommand(): Command {
    const command = new Command("show")
        .description("print what the newest evidence of one item says, once it is verified; null when there is none")
        .addArgument(new Argument("<item>", "what it is evidence of").choices(shown))
        .requiredOption("--evidence <folder>", "folder of signed evidence (DSSE envelopes)")
        .requiredOption("--keys <file>", "the keys that are trusted: a JSON list, as relaypacs:trustedKeys")
        .addOption(new Option("--release <file>", "the release that it must be about (JSON)").conflicts("version"))
        .addOption(
            new Option("--version <version>", "the version that it must be about, whatever its images").argParser(
                versionName,
            ),
        )
        .addHelpText("after", "\nExit codes: 0 it is printed, 2 what there is does not count, or can't be read.");
    return endWithTwo(command).action((item: ItemName, options: Options) =>
        judging("release show", () => show(item, options)),
    );
}
