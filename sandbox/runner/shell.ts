import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { SandboxError } from "../machine/part";

/** How GitHub starts each shell on Linux, by the step's `shell`; "" where it says none. */
const shells: Readonly<Record<string, readonly string[]>> = {
    "": ["bash", "-e"],
    bash: ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"],
    sh: ["sh", "-e"],
};

export interface Execution {
    readonly shell: string;
    /** A file with the script. */
    readonly file: string;
    readonly directory: string;
    readonly variables: Readonly<Record<string, string>>;
    /** Aborted when the step is to end. */
    readonly signal: AbortSignal;
    readonly onLine: (line: string) => void;
}

/** Milliseconds from SIGINT to SIGTERM and from there to SIGKILL, as GitHub gives a cancelled step. */
export const grace = [7500, 2500] as const;

function send(group: number, signal: NodeJS.Signals): boolean {
    // Group 0 would be this process's own.
    if (group === 0) return false;
    try {
        return process.kill(-group, signal);
    } catch {
        return false;
    }
}

/** Ends what a step has left in the background. GitHub does so at the end of a job. */
export const endLeftovers = (group: number): boolean => send(group, "SIGKILL");

/** Runs a script in a process group of its own. Answers the group, and the exit code, null after a signal. */
export async function execute({ shell, file, directory, variables, signal, onLine }: Execution) {
    const [program, ...options] = shells[shell] ?? [];
    if (program === undefined)
        throw new SandboxError(`The shell is "${shell}"; accepted by the sandbox's runner: bash, sh or none.`);
    const child = spawn(program, [...options, file], {
        cwd: directory,
        env: { ...variables },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
    const closed = new Promise<void>((resolve) => child.on("close", resolve));
    const ended = new Promise<number | null>((resolve, reject) => {
        child.on("error", reject);
        child.on("exit", resolve);
    });
    // A pid is there unless the program could not be started, which `ended` reports.
    const group = child.pid ?? 0;
    const stop = async () => {
        for (const [at, name] of (["SIGINT", "SIGTERM", "SIGKILL"] as const).entries()) {
            if (!send(group, name)) return;
            await Promise.race([closed, sleep(grace[at] ?? 0, undefined, { ref: false })]);
        }
    };
    const abort = () => void stop();
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    const code = await ended;
    signal.removeEventListener("abort", abort);
    // What it left in the background may keep the output open.
    await Promise.race([closed, sleep(500)]);
    return { code, group };
}
