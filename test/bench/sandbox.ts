/** What a sandbox costs, now and at the base commit: building its programs, bringing it up, and keeping it. */
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../sandbox/machine/command";
import type { Progress } from "../../sandbox/machine/part";
import { memoryOf, total } from "../../sandbox/commands/memory";
import { instanceNamed } from "../../sandbox/machine/instance";
import { measure, type Cost } from "./measure";

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

/** Seconds after an update until memory is measured. */
const rest = 120;

const sandbox = (command: string, ...args: readonly string[]) => [
    ...["-r", "ts-node/register", "sandbox/main.ts", command, "--instance", "bench"],
    ...args,
];

interface Life {
    readonly toolchain: Cost;
    readonly first: number;
    readonly again: Cost;
    readonly memory: number;
}

/** Builds a project's toolchain with caches that are empty, brings its sandbox up from nothing and again, and ends it. */
async function live(directory: string, caches: string, progress: Progress): Promise<Life> {
    const root = path.join(directory, ".sandbox", "bench");
    const goFlags = await run("go", ["env", "GOFLAGS"]);
    const environment = {
        XDG_CACHE_HOME: caches,
        GOCACHE: path.join(caches, "go-build"),
        GOMODCACHE: path.join(caches, "go-modules"),
        // Else Go makes the folders of modules read-only, and they could not be deleted.
        GOFLAGS: `${goFlags} -modcacherw`.trim(),
        SANDBOX_DOWNLOADS: "never",
    };
    const measured = (leavesServers: boolean, ...args: readonly string[]) =>
        measure("node", args, { directory, environment, leavesServers });
    try {
        progress("cold toolchain");
        const toolchain = await measured(false, ...sandbox("up", "--goal", "toolchain"));
        progress("up from nothing");
        const first = await measured(true, ...sandbox("up"));
        progress("up again");
        const again = await measured(true, ...sandbox("up"));
        progress(`at rest for ${rest} s`);
        await sleep(rest * 1000);
        const instance = { ...instanceNamed("bench"), root, run: path.join(root, "run") };
        return { toolchain, first: first.wall, again, memory: total(memoryOf(instance)) };
    } finally {
        await run("node", sandbox("clean"), { directory, environment });
        fs.rmSync(caches, { recursive: true, force: true });
    }
}

/** Compares building all programs, and bringing up and keeping a sandbox with them. Caches are in the base's folder. */
export async function compareSandboxes(folders: Folders, progress: Progress): Promise<SandboxComparison[]> {
    const base = await live(folders.base, path.join(folders.base, ".caches", "base"), (line) => {
        progress(`base: ${line}`);
    });
    const now = await live(folders.now, path.join(folders.base, ".caches", "now"), (line) => {
        progress(`now: ${line}`);
    });
    return [
        { figure: "cold toolchain, CPU [s]", base: base.toolchain.cpu, now: now.toolchain.cpu, most: 0.6 },
        { figure: "cold toolchain, wall [s]", base: base.toolchain.wall, now: now.toolchain.wall },
        { figure: "up after clean, wall [s]", base: base.first, now: now.first, most: 0.6 },
        { figure: "up again, wall [s]", base: base.again.wall, now: now.again.wall, limit: 10 },
        { figure: "up again, CPU [s]", base: base.again.cpu, now: now.again.cpu },
        { figure: "memory at rest [MiB]", base: base.memory, now: now.memory, most: 0.7 },
    ];
}
