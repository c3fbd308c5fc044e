import { Command, InvalidArgumentError, Option } from "commander";
import { version as versionName } from "../../delivery/core/release";
import { endWithTwo, judging } from "../check/input";
import { visible } from "../../delivery/core/text";
import { tools } from "../shared/tools";
import { trustedRing } from "../shared/trusted-keys";
import { fetchReleases } from "./fetch-releases";

/** More releases than anyone goes back to. */
const enough = 20;

interface Options {
    readonly stack: "staging" | "prod";
    readonly bucket: string;
    readonly out: string;
    readonly keys?: string;
    readonly version?: string;
}

function version(given: string): string {
    if (given === "" || versionName.safeParse(given).success) return given;
    throw new InvalidArgumentError("It must be a version such as 1.4.1, or empty.");
}

async function run(options: Options): Promise<number> {
    const ring = await trustedRing(options.keys, options.stack);
    const now = new Date().toISOString();
    const { bucket, out, stack } = options;
    // Workflows hand over an empty input.
    const wanted = options.version === "" ? undefined : options.version;
    const request = { bucket, out, stack, ring, now, releases: enough, version: wanted };
    const { rejected, versions } = await fetchReleases(request, tools);
    for (const sentence of rejected) console.log(visible(sentence));
    console.log(`Fetched the evidence of ${versions.length === 0 ? "no release" : versions.join(", ")}.`);
    return 0;
}

/** `release fetch`: the evidence that `release rollback` reads, from the evidence bucket, by the aws command line. */
export function fetchCommand(): Command {
    const command = new Command("fetch")
        .description(`fetch the evidence of the last ${String(enough)} releases that an environment admitted`)
        .addOption(new Option("--stack <name>", "the environment").choices(["staging", "prod"]).makeOptionMandatory())
        .requiredOption("--bucket <name>", "the evidence bucket, with one folder for each version")
        .requiredOption("--out <folder>", "folder to make, with one folder for each release")
        .option("--keys <file>", "the keys that are trusted (JSON); by default relaypacs:trustedKeys of the stack")
        .addOption(new Option("--version <version>", "a release to fetch in any case").argParser(version))
        .addHelpText("after", "\nExit codes: 0 the evidence is fetched, 2 the bucket or the keys can't be read.");
    return endWithTwo(command).action((options: Options) => judging("release fetch", () => run(options)));
}
