import * as fs from "node:fs";
import * as path from "node:path";
import { Argument, Command } from "commander";
import { z } from "zod";
import { endWithTwo, judging, readJsonInput } from "../check/input";
import { release } from "../../delivery/core/release";
import { storeEvidence } from "../../delivery/evidence/folder";
import type { Predicate, PredicateName } from "../../delivery/evidence/predicates";
import { signStatement } from "../../delivery/evidence/sign";
import { createStatement } from "../../delivery/evidence/statement";
import { signerOf, signingOptions, type SigningOptions } from "../shared/signer";

/**
 * What a pipeline may attest of its own accord, because it did it itself. Everything else has a command that goes and
 * looks: `release collect` reads the tools' reports, `release observe` asks the cluster, Prometheus and GitHub.
 */
export const attestable = ["build", "hotfix", "provenance", "rehearsal", "restoreRehearsal", "rollbackPlan"] as const;

interface Options extends SigningOptions {
    readonly contents: string;
    readonly release: string;
    readonly out: string;
    readonly service?: string;
}

async function attest(name: (typeof attestable)[number], options: Options): Promise<number> {
    const about = await readJsonInput(options.release, "release file", release);
    const contents = await readJsonInput(options.contents, "predicate", z.record(z.string(), z.unknown()));
    // createStatement validates the contents by the predicate's schema.
    const statement = createStatement<PredicateName>(name, contents as unknown as Predicate, about, {
        issuedAt: new Date().toISOString(),
        ...(options.service !== undefined && { services: [options.service] }),
    });
    const signer = await signerOf(options);
    if (signer !== undefined) {
        console.log(`Wrote ${await storeEvidence(options.out, await signStatement(statement, signer))}`);
        return 0;
    }
    const file = `${[name, options.service].filter((part) => part !== undefined).join(".")}.statement.json`;
    fs.mkdirSync(options.out, { recursive: true });
    fs.writeFileSync(path.join(options.out, file), `${JSON.stringify(statement, null, 2)}\n`);
    console.log(`Wrote ${file}, unsigned`);
    return 0;
}

/**
 * `release attest`: signs one predicate that a pipeline wrote, after validating it. It ends with 2, and writes nothing,
 * when the predicate, the release or the key can't be used.
 */
export function attestCommand(): Command {
    const command = new Command("attest")
        // Its name until version 0.2.
        .alias("state")
        .description("attest one predicate about a release: what a pipeline built, or what it plans and tried")
        .addArgument(new Argument("<predicate>", "what is attested").choices(attestable))
        .requiredOption("--contents <file>", "the predicate (JSON), as docs/reference/evidence.md describes it")
        .requiredOption("--release <file>", "the release: version, commit, image digests (JSON)")
        .requiredOption("--out <folder>", "where to write the evidence")
        .option("--service <name>", "the one service whose image it is about; all of the release's by default");
    command.addHelpText(
        "after",
        "\nExit codes: 0 the evidence is written, 2 the predicate, the release or the key can't be used.",
    );
    return endWithTwo(signingOptions(command)).action((name: (typeof attestable)[number], options: Options) =>
        judging("release attest", () => attest(name, options)),
    );
}
