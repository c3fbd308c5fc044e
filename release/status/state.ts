import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { counted } from "../../delivery/core/text";
import { minuteOf } from "../../delivery/core/time";
import { oneLine } from "../../delivery/rollouts/wording";
import { readExport } from "../recover/pending";
import type { Tools } from "../shared/tools";
import { act, well, type Line } from "./line";

type Run = Pick<Tools, "run">;

/** What Pulumi writes into a lock (its backends in a bucket or a folder). */
const lock = z.object({ pid: z.int(), username: z.string(), hostname: z.string(), timestamp: z.string() });

/** Where those backends keep the locks of a stack, below the address of the state. */
const locksOf = (stack: string) => `.pulumi/locks/organization/relaypacs/${stack}`;

async function asked({ run }: Run, program: string, ...args: readonly string[]): Promise<string> {
    const { exitCode, output } = await run(program, args);
    if (exitCode !== 0) throw new Error(`${program} ${args.slice(0, 2).join(" ")} failed: ${oneLine(output)}`);
    return output;
}

/** The address of the state that this shell is logged in to. */
async function addressOf(tools: Run): Promise<URL> {
    const output = await asked(tools, "pulumi", "whoami", "--json", "--non-interactive");
    let url: unknown;
    try {
        // Warnings come before the answer.
        ({ url } = JSON.parse(output.slice(output.indexOf("{"))) as { readonly url?: unknown });
    } catch {
        // Judged below, as other answers of another form.
    }
    if (typeof url !== "string" || !URL.canParse(url))
        throw new Error("pulumi whoami does not tell where the state is");
    return new URL(url);
}

/** The locks of a stack, each as its file's text. A folder for what comes from a bucket is the caller's. */
async function locks(tools: Run, stack: string, address: URL, folder: string): Promise<readonly string[]> {
    let from = path.join(decodeURIComponent(address.pathname), locksOf(stack));
    if (address.protocol === "s3:") {
        const source = `s3://${address.host}${path.posix.join("/", address.pathname, locksOf(stack))}/`;
        from = path.join(folder, "locks");
        await asked(tools, "aws", "s3", "cp", "--recursive", "--only-show-errors", source, from);
    } else if (address.protocol !== "file:")
        throw new Error(`The state is at ${address.protocol}//${address.host}, of which no lock can be read here`);
    if (!fs.existsSync(from)) return [];
    const names = fs.readdirSync(from).filter((name) => name.endsWith(".json"));
    return names.map((name) => fs.readFileSync(path.join(from, name), "utf8"));
}

function lockedBy(stack: string, text: string): Line {
    const read = lock.safeParse(JSON.parse(text));
    if (!read.success) return well(`The state of ${stack} is locked.`);
    const { hostname, pid, timestamp, username } = read.data;
    return well(
        `The state of ${stack} is locked by ${username} on ${hostname} (process ${String(pid)}) since ${minuteOf(timestamp)}.`,
    );
}

/**
 * Whether an update holds the stack's state, and what an update that died has left in it. It changes nothing and
 * decrypts nothing.
 *
 * @throws Error, one sentence, when it can't be told
 */
export async function stateLines(tools: Run, stack: string): Promise<readonly Line[]> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-status-"));
    try {
        const file = path.join(folder, "state.json");
        const exported = asked(
            tools,
            "pulumi",
            "stack",
            "export",
            "--stack",
            stack,
            "--file",
            file,
            "--non-interactive",
        );
        const [held] = await Promise.all([
            addressOf(tools).then((address) => locks(tools, stack, address, folder)),
            exported,
        ]);
        if (held.length > 0) return held.map((text) => lockedBy(stack, text));
        const { deployment } = readExport(fs.readFileSync(file, "utf8"));
        const left = deployment.pending_operations?.length ?? 0;
        if (left === 0) return [];
        return [
            act(
                `An update that died has left ${counted(left, "operation")} under way: npx release recover --stack ${stack}.`,
            ),
        ];
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}
