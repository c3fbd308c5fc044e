import { Command } from "commander";
import { parseRelease, ReportError } from "../collect";
import { readReport } from "../collect/shared/text";
import { signerOf, signingOptions } from "../shared/signer";
import { ObserveContext, type ObserveOptions } from "./context";
import { ObserveError } from "./error";
import { observations, type ObservationName } from "./observations";
import { optionsByName } from "./options";
import { store } from "./store";
import { summary } from "./summary";

async function run(observation: ObservationName, options: ObserveOptions): Promise<void> {
    const release = parseRelease(
        readReport(options.release, options.release, "The release file does not exist; check the path.").text,
        options.release,
    );
    // First, so that a key that can't sign is found before an hour of monitoring.
    const signer = await signerOf(options);
    const { failure, name, predicate } = await observations[observation].observe(new ObserveContext(options, release));
    const file = await store(options.out, name, predicate, release, signer);
    if (options.json === true) console.log(JSON.stringify({ file, failure, predicate }, null, 2));
    else {
        for (const line of summary(name, predicate)) console.log(line);
        console.log(
            `Wrote ${signer === undefined ? "the unsigned statement" : "the envelope"} ${file} to ${options.out}`,
        );
    }
    if (failure === undefined) return;
    console.error(`${failure.replace(/\.?$/, ".")}`);
    process.exitCode = 1;
}

/**
 * `release observe`: attests what staging, production, the incident tracker and GitHub show about a release. When facts
 * can't be found or contradict each other, it writes no evidence, prints one sentence and exits with 1.
 */
export function observeCommand(): Command {
    const command = new Command("observe").description("observe what runs and what people decided, and attest it");
    for (const name of Object.keys(observations) as ObservationName[]) {
        const { description, options: optionNames } = observations[name];
        const subcommand = command
            .command(name)
            .description(description)
            .requiredOption("--release <file>", "the release: version, commit, repository, image digests")
            .requiredOption("--out <folder>", "where to write the evidence")
            .option("--json", "print JSON instead of sentences")
            .addHelpText(
                "after",
                "\nExit codes: 0 the evidence is written, 1 it shows a failure, or the facts can't be found.",
            );
        for (const option of optionNames) subcommand.addOption(optionsByName[option]());
        signingOptions(subcommand).action(async (options: ObserveOptions) => {
            try {
                await run(name, options);
            } catch (error) {
                if (!(error instanceof ObserveError) && !(error instanceof ReportError)) throw error;
                console.error(error.message);
                process.exitCode = 1;
            }
        });
    }
    return command;
}
