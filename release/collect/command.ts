import * as fs from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { storeEvidence } from "../../delivery/evidence/folder";
import { signStatement, type Signer } from "../../delivery/evidence/sign";
import { createStatement } from "../../delivery/evidence/statement";
import { signerOf, signingOptions, type SigningOptions } from "../shared/signer";
import { collect, parseRelease, ReportError, type Collected, type ReleaseFile } from "./index";
import { readReport } from "./shared/text";
import { json, table } from "./summary";

interface Options extends SigningOptions {
    readonly reports: string;
    readonly release: string;
    readonly out: string;
    readonly json?: true;
}

/** Writes one file per predicate: an envelope, or an unsigned statement without a key. Returns the files' names. */
async function write(
    collected: readonly Collected[],
    release: ReleaseFile,
    options: Options,
    signer: Signer | undefined,
): Promise<string[]> {
    const issuedAt = new Date().toISOString();
    fs.mkdirSync(options.out, { recursive: true });
    return Promise.all(
        collected.map(async (one) => {
            const statement = createStatement(one.name, one.predicate, release, {
                issuedAt,
                ...(one.services && { services: one.services }),
            });
            if (signer !== undefined) return storeEvidence(options.out, await signStatement(statement, signer));
            const name = `${[one.item, ...(one.services ?? [])].join(".")}.statement.json`;
            fs.writeFileSync(path.join(options.out, name), `${JSON.stringify(statement, null, 2)}\n`);
            return name;
        }),
    );
}

async function run(options: Options): Promise<void> {
    const release = parseRelease(
        readReport(options.release, options.release, "The release file does not exist; check the path.").text,
        options.release,
    );
    const collection = collect(options.reports, release);
    console.log(options.json === true ? json(collection) : table(collection));
    if (collection.problems.length > 0) {
        process.exitCode = 1;
        return;
    }
    const signer = await signerOf(options);
    const files = await write(collection.collected, release, options, signer);
    if (options.json !== true)
        console.log(
            `Wrote ${String(files.length)} ${signer === undefined ? "unsigned statements" : "envelopes"} to ${options.out}`,
        );
}

/**
 * `release collect`: reads reports and writes evidence. When any report can't be read, it writes nothing and exits with
 * 1. It does not judge the contents of the reports; the gates do.
 */
export function collectCommand(): Command {
    const command = new Command("collect")
        .description("make evidence about one release from the tools' reports")
        .requiredOption("--reports <folder>", "folder with the reports and their manifest, reports.yaml")
        .requiredOption("--release <file>", "the release: version, commit, repository, image digests")
        .requiredOption("--out <folder>", "where to write the evidence")
        .option("--json", "print JSON instead of a table")
        .addHelpText(
            "after",
            "\nExit codes: 0 the evidence is written, 1 a report can't be read; nothing is written then.",
        );
    return signingOptions(command).action(async (options: Options) => {
        try {
            await run(options);
        } catch (error) {
            if (!(error instanceof ReportError)) throw error;
            console.error(error.message);
            process.exitCode = 1;
        }
    });
}
