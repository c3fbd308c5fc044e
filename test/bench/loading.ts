/** What it costs to start things, now and at a commit before the command line was compiled: CPU time, side by side. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { run, succeeds } from "../../sandbox/machine/command";
import { projectRoot } from "../../sandbox/machine/instance";
import type { Progress } from "../../sandbox/machine/part";
import { answering } from "../support/reached";
import { measure } from "./measure";
import { spreadOf } from "./statistics";

/**
 * The commit to compare with: the last at which everything was loaded through ts-node and TypeScript, each of the
 * sandbox's programs was built in a Go module of its own, and `make up` always updated.
 */
export const baseCommit = "13e14a3";

interface Command {
    readonly command: string;
    readonly args: readonly string[];
    /** The exit code with which it ends well; 0 by default. */
    readonly exitCode?: number;
}

/** One thing that people or the pipeline start, as it was and as it is. */
export interface LoadingTask {
    readonly task: string;
    readonly base: (folder: string) => Command;
    readonly now: (folder: string) => Command;
    /** How much of the base's CPU time it may take; undefined where that is only of interest. */
    readonly most?: number;
    /** A task that runs for a minute is measured once less warm. */
    readonly warmUp: boolean;
}

export interface LoadingComparison extends Pick<LoadingTask, "task" | "most"> {
    /** Seconds of CPU time of each run. */
    readonly base: readonly number[];
    readonly now: readonly number[];
}

/** A project's folder that was made for the comparison. */
export interface Project {
    readonly folder: string;
    remove(): void;
}

/** `release check` on a file that is not there: everything up to the first thing that it does. It ends with 2. */
const missing = ["check", "--checkpoint", "production", "--evidence", "missing", "--release", "missing.json"];
const checkMissing = (command: string, ...args: readonly string[]): Command => ({
    command,
    args: [...args, ...missing, "--keys", "missing.json"],
    exitCode: 2,
});
const throughTsNode = () => checkMissing("node", "-r", "ts-node/register", "release/main.ts");

const loadProgram = (folder: string): Command => ({
    command: "node",
    args: [path.join(__dirname, "load-program.mjs"), folder],
});

/** The tests of `make test-unit`, by the project's own Makefile. @throws Error when it has no such target */
function unitTests(folder: string): Command {
    const makefile = fs.readFileSync(path.join(folder, "Makefile"), "utf8");
    const [, globs] = /^test-unit:.*\n\t@\$\(MOCHA\) (.*)$/m.exec(makefile) ?? [];
    if (globs === undefined) throw new Error(`${folder}/Makefile has no test-unit that starts mocha`);
    return { command: "bash", args: ["-c", `exec node node_modules/mocha/bin/mocha.js ${globs}`] };
}

export const loadingTasks: readonly LoadingTask[] = [
    {
        task: "`release check` on a missing file",
        base: throughTsNode,
        now: () => checkMissing("node", "release/bin.mjs"),
        most: 1 / 6,
        warmUp: true,
    },
    {
        task: "the same, by `npx`",
        base: throughTsNode,
        now: () => checkMissing("npx", "release"),
        warmUp: true,
    },
    { task: "the program of `pulumi preview`", base: loadProgram, now: loadProgram, most: 1 / 2, warmUp: true },
    { task: "the tests of `make test-unit`", base: unitTests, now: unitTests, most: 1 / 2, warmUp: false },
];

export const ratio = ({ base, now }: LoadingComparison): number => spreadOf(now).median / spreadOf(base).median;

/**
 * The project as it was at the base commit, with the packages that its own lock file names. Undefined when this clone does
 * not have the commit.
 */
export async function checkOutBase(): Promise<Project | undefined> {
    const git = (...args: readonly string[]) => ["-C", projectRoot, ...args];
    if (!(await succeeds("git", git("cat-file", "-e", `${baseCommit}^{commit}`)))) return undefined;
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-base-"));
    const remove = () => {
        fs.rmSync(folder, { recursive: true, force: true });
    };
    try {
        const archive = path.join(folder, "base.tar");
        await run("git", git("archive", "--output", archive, baseCommit));
        execFileSync("tar", ["--extract", "--file", archive, "--directory", folder]);
        fs.rmSync(archive);
        await run("npm", ["ci", "--no-audit", "--no-fund"], { directory: folder });
    } catch (error) {
        remove();
        throw error;
    }
    return { folder, remove };
}

/** Runs a task in both projects in turn, so that a machine that slows down favours neither. */
export async function compareLoading(
    { task, most, warmUp, ...commands }: LoadingTask,
    projects: Readonly<Record<"base" | "now", string>>,
    runs: number,
    progress: Progress,
): Promise<LoadingComparison> {
    const costs = { base: [] as number[], now: [] as number[] };
    const { variables: environment, close } = await answering();
    try {
        for (let run = warmUp ? 0 : 1; run <= runs; run++)
            for (const which of ["base", "now"] as const) {
                progress(`${task}, ${which}: ${run === 0 ? "warming up, not counted" : `run ${run} of ${runs}`}`);
                const { command, args, exitCode = 0 } = commands[which](projects[which]);
                const { cpu } = await measure(command, args, { directory: projects[which], environment, exitCode });
                if (run > 0) costs[which].push(cpu);
            }
    } finally {
        close();
    }
    return { task, ...costs, ...(most !== undefined && { most }) };
}
