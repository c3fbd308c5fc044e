import * as fs from "node:fs";
import * as path from "node:path";
import type { Instance } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { markedProcesses, runningPid } from "../machine/process";
import { initPid } from "../parts/cluster/namespaces";

/** What the processes of one name take. */
export interface MemoryUse {
    /** As the sandbox has recorded the process, or else the program's name. */
    readonly name: string;
    readonly processes: number;
    /** Proportional set size: memory that several processes share is divided among them. */
    readonly mebibytes: number;
}

/** The parent of each process of this machine. */
function parentsOfAll(): Map<number, number> {
    const parents = new Map<number, number>();
    for (const entry of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
        try {
            const stat = fs.readFileSync(`/proc/${entry}/stat`, "latin1");
            parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
        } catch {
            // It has ended.
        }
    return parents;
}

/** The name under which the sandbox has recorded each of its processes. */
function recordedNames(instance: Instance): Map<number, string> {
    const files = fs.existsSync(instance.run) ? fs.readdirSync(instance.run) : [];
    const names = files.filter((file) => file.endsWith(".pid")).map((file) => path.basename(file, ".pid"));
    return new Map(names.flatMap((name) => [[runningPid(instance, name) ?? 0, name] as const]));
}

/** Every process of a sandbox with its name: those that are marked, and all below the first process of the cluster. */
function processesOf(instance: Instance): Map<number, string> {
    const parents = parentsOfAll();
    const found = new Set(markedProcesses().flatMap(({ pid, root }) => (root === instance.root ? [pid] : [])));
    const init = initPid(instance);
    if (init !== undefined) found.add(init);
    for (let before = -1; before !== found.size;) {
        before = found.size;
        for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
    }
    const recorded = recordedNames(instance);
    // What the cluster's first process has adopted, every pod for example, has a name of its own.
    const nameOf = (pid: number): string | undefined =>
        pid === init || !found.has(pid) ? undefined : (recorded.get(pid) ?? nameOf(parents.get(pid) ?? 0));
    return new Map([...found].map((pid) => [pid, nameOf(pid) ?? programName(pid)]));
}

function programName(pid: number): string {
    try {
        return fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    } catch {
        return "ended";
    }
}

function mebibytesOf(pid: number): number {
    try {
        const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
        return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
    } catch {
        return 0;
    }
}

/** What a sandbox's processes take now, pods included, the largest first. Empty when none runs. */
export function memoryOf(instance: Instance): MemoryUse[] {
    const uses = new Map<string, { processes: number; mebibytes: number }>();
    for (const [pid, name] of processesOf(instance)) {
        const mebibytes = mebibytesOf(pid);
        if (mebibytes === 0) continue;
        const { processes, mebibytes: sum } = uses.get(name) ?? { processes: 0, mebibytes: 0 };
        uses.set(name, { processes: processes + 1, mebibytes: sum + mebibytes });
    }
    return Array.from(uses, ([name, use]) => ({ name, ...use })).sort((one, other) => other.mebibytes - one.mebibytes);
}

/** The sum of what memoryOf has found, in MiB. */
export const total = (uses: readonly MemoryUse[]): number => uses.reduce((sum, { mebibytes }) => sum + mebibytes, 0);

/** Shows what a sandbox takes, by program. @throws SandboxError when it doesn't run */
export function showMemory(instance: Instance): void {
    const uses = memoryOf(instance);
    if (uses.length === 0) throw new SandboxError(`Sandbox "${instance.name}" does not run; start it with "make up"`);
    const line = (name: string, mebibytes: number) => `${mebibytes.toFixed(0).padStart(6)} MiB  ${name}`;
    for (const { name, processes, mebibytes } of uses)
        console.log(line(processes === 1 ? name : `${processes} × ${name}`, mebibytes));
    console.log(line(`sandbox "${instance.name}", by proportional set size`, total(uses)));
}
