/** What a sandbox costs, now and at a commit before it was made lighter: building it, bringing it up, and keeping it. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../sandbox/machine/command";
import type { Progress } from "../../sandbox/machine/part";
import { initPid } from "../../sandbox/parts/cluster/namespaces";
import { instanceNamed, type Instance } from "../../sandbox/machine/instance";
import { markedProcesses } from "../../sandbox/machine/process";
import { measure, type Cost } from "./measure";

/** The last commit at which every program was built in a Go module of its own. */
export const heavyCommit = "5149517";

/** One figure in both projects. */
export interface SandboxComparison {
    readonly figure: string;
    readonly base: number;
    readonly now: number;
    /** How much of the base's it may be; undefined where only `limit` or nothing is asked. */
    readonly most?: number;
    /** How much it may be at all. */
    readonly limit?: number;
}

export type Folders = Readonly<Record<"base" | "now", string>>;

/** Whether a figure is above what is accepted. */
export const isMissed = ({ base, now, most = Infinity, limit = Infinity }: SandboxComparison): boolean =>
    now > most * base || now > limit;

const sandbox = (command: string, ...args: readonly string[]) => [
    ...["-r", "ts-node/register", "sandbox/main.ts", command, "--instance", "bench"],
    ...args,
];

/** Builds the whole toolchain with empty caches; Go's modules stay, so that no download is measured. */
async function coldToolchain(directory: string): Promise<Cost> {
    const cache = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-toolchain-"));
    try {
        const environment = {
            XDG_CACHE_HOME: cache,
            GOCACHE: path.join(cache, "go"),
            GOMODCACHE: await run("go", ["env", "GOMODCACHE"]),
            SANDBOX_DOWNLOADS: "never",
        };
        return await measure("node", sandbox("up", "--goal", "toolchain"), { directory, environment });
    } finally {
        fs.rmSync(cache, { recursive: true, force: true });
    }
}

/** Compares builds of the toolchain with empty caches. */
export async function compareToolchains(folders: Folders, progress: Progress): Promise<SandboxComparison[]> {
    progress("the base's toolchain");
    const base = await coldToolchain(folders.base);
    progress("today's toolchain");
    const now = await coldToolchain(folders.now);
    return [
        { figure: "cold toolchain, CPU [s]", base: base.cpu, now: now.cpu, most: 0.6 },
        { figure: "cold toolchain, wall [s]", base: base.wall, now: now.wall },
    ];
}

/** Every process of a sandbox: those that are marked, and all below the first process of the cluster. */
function processesOf(instance: Instance): number[] {
    const parents = new Map<number, number>();
    for (const entry of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
        try {
            const stat = fs.readFileSync(`/proc/${entry}/stat`, "latin1");
            parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
        } catch {
            // It has ended.
        }
    const found = new Set(markedProcesses().flatMap(({ pid, root }) => (root === instance.root ? [pid] : [])));
    const init = initPid(instance);
    if (init !== undefined) found.add(init);
    for (let before = -1; before !== found.size;) {
        before = found.size;
        for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
    }
    return [...found];
}

/** Memory of a sandbox's processes in MiB; what several share is counted once (proportional set size). */
function memoryOf(instance: Instance): number {
    const kibibytes = processesOf(instance).map((pid) => {
        try {
            const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
            return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
        } catch {
            return 0;
        }
    });
    return kibibytes.reduce((sum, one) => sum + one, 0) / 1024;
}

/** Seconds after an update until memory is measured. */
const rest = 120;

interface Life {
    readonly first: number;
    readonly again: Cost;
    readonly memory: number;
}

/** Brings a project's sandbox up from nothing but a built toolchain, then again, and ends it. */
async function live(directory: string, progress: Progress): Promise<Life> {
    const root = path.join(directory, ".sandbox", "bench");
    const command = (...args: readonly string[]) => run("node", args, { directory });
    progress("the toolchain");
    await command(...sandbox("clean"));
    await command(...sandbox("up", "--goal", "toolchain"));
    try {
        progress("up from nothing");
        const began = performance.now();
        await command(...sandbox("up"));
        const first = (performance.now() - began) / 1000;
        progress("up again");
        const again = await measure("node", sandbox("up"), { directory, environment: {} });
        progress(`at rest for ${rest} s`);
        await sleep(rest * 1000);
        const instance = { ...instanceNamed("bench"), root, run: path.join(root, "run") };
        return { first, again, memory: memoryOf(instance) };
    } finally {
        await command(...sandbox("clean"));
    }
}

/** Compares bringing up and keeping a sandbox, with the toolchain of each project built. */
export async function compareSandboxes(folders: Folders, progress: Progress): Promise<SandboxComparison[]> {
    const base = await live(folders.base, (line) => {
        progress(`base: ${line}`);
    });
    const now = await live(folders.now, (line) => {
        progress(`now: ${line}`);
    });
    return [
        { figure: "up after clean, wall [s]", base: base.first, now: now.first, most: 0.6 },
        { figure: "up again, wall [s]", base: base.again.wall, now: now.again.wall, limit: 10 },
        { figure: "up again, CPU [s]", base: base.again.cpu, now: now.again.cpu },
        { figure: "memory at rest [MiB]", base: base.memory, now: now.memory, most: 0.7 },
    ];
}
