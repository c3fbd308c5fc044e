import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Command, Option } from "commander";
import { tools, type Tools } from "../shared/tools";
import { accountOf } from "./account";
import { identityOf, type Account } from "./identities";
import { pendingCreations, readExport, withCreations, type Exported, type Resource } from "./pending";

interface Recovery {
    readonly stack: string;
    readonly tools: Tools;
    readonly account: (owner: string) => Account;
    readonly say: (line: string) => void;
}

const nameOf = ({ type, urn }: Resource) => `${urn.split("::").pop() ?? urn} (${type})`;

/** The organisation of the provider; creations on GitHub wait for it. */
function ownerIn({ deployment }: Exported): string {
    const provider = (deployment.resources ?? []).find(({ type }) => type === "pulumi:providers:github");
    return typeof provider?.inputs?.owner === "string" ? provider.inputs.owner : "unknown";
}

/** @throws Error with a sentence for each creation of which the id can't be told */
async function identify(state: Exported, pending: readonly Resource[], account: Account): Promise<Map<string, string>> {
    const taken = new Set((state.deployment.resources ?? []).flatMap(({ id }) => id ?? []));
    const ids = new Map<string, string>();
    const problems: string[] = [];
    for (const one of pending)
        try {
            const id = await identityOf(one, { account, taken });
            if (id !== undefined) ids.set(one.urn, id);
        } catch (error) {
            problems.push(
                `${nameOf(one)} may have been made, and can't be looked for: ${(error as Error).message}. See docs/runbooks/update-killed.md.`,
            );
        }
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return ids;
}

/**
 * Brings a stack's state into agreement with what exists, after an update that died: Pulumi does not know whether what it was
 * making then was made, and would make it once more. Each of these is looked for under the id that the provider gives it.
 * Interrupted anywhere, nothing is lost; the same call again finishes.
 *
 * @throws Error, one sentence a problem; the state is then as it was
 */
export async function recover({ account, say, stack, tools: { run, show } }: Recovery): Promise<void> {
    const pulumi = async (args: readonly string[]) => {
        const { exitCode, output } = await run("pulumi", [...args, "--stack", stack, "--non-interactive"]);
        if (exitCode !== 0) throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed: ${output.trim()}`);
        return output;
    };
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-recover-"));
    try {
        const file = path.join(folder, "state.json");
        // Secrets in it stay encrypted.
        await pulumi(["stack", "export", "--file", file]);
        const state = readExport(fs.readFileSync(file, "utf8"));
        const pending = pendingCreations(state);
        if (pending.length === 0) say(`No creation was under way in ${stack}.`);
        else {
            const ids = await identify(state, pending, account(ownerIn(state)));
            for (const one of pending)
                say(`${nameOf(one)}: looked for as ${ids.get(one.urn) ?? "nothing; it is made again"}`);
            fs.writeFileSync(file, JSON.stringify(withCreations(state, ids)), { mode: 0o600 });
            await pulumi(["stack", "import", "--file", file]);
        }
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
    // Also after an interruption of this command: what was not made leaves the state here.
    say(`Comparing the state of ${stack} with what exists`);
    const { exitCode } = await show(
        "pulumi",
        ["refresh", "--yes", "--skip-preview", "--stack", stack, "--non-interactive", "--suppress-outputs"],
        {},
    );
    if (exitCode !== 0) throw new Error(`pulumi refresh ended with ${String(exitCode)}; run this command again.`);
    say(`The state of ${stack} is what exists. Finish the update: pulumi up --stack ${stack}.`);
}

/** `release recover`: after an update that died, finds what it had made. */
export function recoverCommand(): Command {
    return new Command("recover")
        .description("after an update that died: find what it has made, so that the next update does not make it again")
        .addOption(new Option("--stack <name>", "the environment").choices(["staging", "prod"]).makeOptionMandatory())
        .addHelpText(
            "after",
            "\nFirst make sure that no update runs, and release the lock: pulumi cancel --stack NAME. Pulumi writes down what it begins\n" +
                "to make, and what it has made; what it was making when it died may exist or not. It is looked for by the id that AWS,\n" +
                "GitHub or the cluster gives it, and a refresh then finds out. Nothing but the state is changed.\n" +
                "Needs pulumi, aws and GITHUB_TOKEN, as an update does.\n" +
                "Exit codes: 0 the state is what exists, 1 it can't be told, or the comparison has failed: run it again.",
        )
        .action(({ stack }: { stack: string }) =>
            recover({ stack, tools, account: (owner) => accountOf(tools, owner), say: (line) => console.log(line) }),
        );
}
