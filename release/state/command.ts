import * as fs from "node:fs";
import * as path from "node:path";
import { Argument, Command } from "commander";
import { z } from "zod";
import { endWithTwo, judging, readJsonInput } from "../check/input";
import { storeEvidence } from "../evidence/folder";
import { commit, text } from "../evidence/predicates/fields";
import type { Predicate, PredicateName } from "../evidence/predicates";
import { signStatement } from "../evidence/sign";
import { createStatement } from "../evidence/statement";
import { signerOf, signingOptions, type SigningOptions } from "../signer";

/**
 * What a pipeline may state of its own accord, because it did it itself. Everything else has a command that goes and
 * looks: `release collect` reads the tools' reports, `release observe` asks the cluster, Prometheus and GitHub.
 */
export const statable = ["build", "hotfix", "provenance", "rollbackPlan"] as const;

const release = z.object({
    version: text("Semantic version without v"),
    commit: commit("Commit that the images were built from"),
    images: z.record(
        z.string(),
        z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits"),
    ),
});

interface Options extends SigningOptions {
    readonly contents: string;
    readonly release: string;
    readonly out: string;
    readonly service?: string;
}

async function state(name: (typeof statable)[number], options: Options): Promise<number> {
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
 * `release state`: signs one predicate that a pipeline wrote, after validating it. It ends with 2, and writes nothing,
 * when the predicate, the release or the key can't be used.
 */
export function stateCommand(): Command {
    const command = new Command("state")
        .description("state one predicate about a release: what a pipeline built, or what it plans and tried")
        .addArgument(new Argument("<predicate>", "what is stated").choices(statable))
        .requiredOption("--contents <file>", "the predicate (JSON), as docs/evidence.md describes it")
        .requiredOption("--release <file>", "the release: version, commit, image digests (JSON)")
        .requiredOption("--out <folder>", "where to write the evidence")
        .option("--service <name>", "the one service whose image it is about; all of the release's by default");
    return endWithTwo(signingOptions(command)).action((name: (typeof statable)[number], options: Options) =>
        judging("release state", () => state(name, options)),
    );
}
