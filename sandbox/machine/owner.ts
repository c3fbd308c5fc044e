import * as fs from "node:fs";
import * as path from "node:path";
import type { Instance } from "./instance";
import { SandboxError } from "./part";
import { killProcesses, markedProcesses, recordedPids } from "./process";

/** Whether the sandbox in `root` still owns processes: its folder exists and records one of them. */
function isLive(root: string, pids: ReadonlySet<number>): boolean {
    return recordedPids(path.join(root, "run")).some((pid) => pids.has(pid));
}

/**
 * Names, addresses and ports of an instance exist once on a machine. Fails when a sandbox in another folder uses them,
 * and ends the processes of an abandoned one, whose folder is gone or no longer records them.
 */
export async function claim(instance: Instance): Promise<void> {
    const others = markedProcesses().filter(
        ({ root }) => path.basename(root) === instance.name && root !== instance.root,
    );
    const pids = new Set(others.map(({ pid }) => pid));
    const owner = [...new Set(others.map(({ root }) => root))].find((root) => isLive(root, pids));
    if (owner !== undefined) {
        const folder = path.resolve(owner, "..", "..");
        throw new SandboxError(
            `The sandbox "${instance.name}" of this machine belongs to ${folder}; run "make down" there first`,
        );
    }
    await killProcesses([...pids]);
}

/** Ends every process that this sandbox started and no longer records. */
export async function sweep(instance: Instance): Promise<void> {
    await killProcesses(markedProcesses().flatMap(({ pid, root }) => (root === instance.root ? [pid] : [])));
    fs.rmSync(instance.run, { recursive: true, force: true });
}
