import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tail } from "./command";
import type { Instance } from "./instance";
import { SandboxError } from "./part";

export interface ProcessOptions {
    readonly environment?: Readonly<Record<string, string>>;
    readonly directory?: string;
    /** Called repeatedly until it returns true; a rejection counts as "not yet". */
    readonly ready: () => Promise<boolean>;
    /** Seconds until "not ready" becomes an error. @default 60 */
    readonly timeout?: number;
}

interface Recorded {
    readonly pid: number;
    /** Start of the process in kernel ticks since boot, which distinguishes it from a later one with the same pid. */
    readonly started: string;
}

const pidFile = (instance: Instance, name: string) => path.join(instance.run, `${name}.pid`);

export const logFile = (instance: Instance, name: string) => path.join(instance.logs, `${name}.log`);

function startedAt(pid: number): string | undefined {
    try {
        const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return fields[0] === "Z" ? undefined : fields[19];
    } catch {
        return undefined;
    }
}

/** Whether a process runs; a zombie does not. */
export const isAlive = (pid: number): boolean => startedAt(pid) !== undefined;

/**
 * Variable that marks every process of a sandbox, and its children, with the sandbox's folder, so that all can be
 * found. The prefix `RELAYPACS_` is the settings'.
 */
const rootVariable = "SANDBOX_OF_RELAYPACS";

/** Running processes of any sandbox on this machine, including one whose folder is gone. */
export function markedProcesses(): { readonly pid: number; readonly root: string }[] {
    return fs
        .readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
        .flatMap((entry) => {
            try {
                const variables = fs.readFileSync(`/proc/${entry}/environ`, "latin1").split("\0");
                const root = variables.find((variable) => variable.startsWith(`${rootVariable}=`));
                return root === undefined ? [] : [{ pid: Number(entry), root: root.slice(rootVariable.length + 1) }];
            } catch {
                return [];
            }
        });
}

/** Kills processes at once and waits until they are gone. */
export async function killProcesses(pids: readonly number[]): Promise<void> {
    const alive = () => pids.filter(isAlive);
    for (const pid of alive()) {
        try {
            process.kill(pid, "SIGKILL");
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
        }
    }
    await waitUntil(
        () => Promise.resolve(alive().length === 0),
        `The end of the killed processes ${alive().join(", ")}`,
        10,
        20,
    );
}

/** Where a process's output is, and its last lines, which explain a failed start. */
function describeLog(instance: Instance, name: string): string {
    const file = logFile(instance, name);
    const text = fs.existsSync(file) ? tail(fs.readFileSync(file, "utf8")) : "";
    return text === "" ? `its output, ${file}, is empty` : `its output is in ${file} and ends so:\n${text}`;
}

function pidIn(file: string): number | undefined {
    if (!fs.existsSync(file)) return undefined;
    const recorded = JSON.parse(fs.readFileSync(file, "utf8")) as Recorded;
    return startedAt(recorded.pid) === recorded.started ? recorded.pid : undefined;
}

/** The pid of the running process `name`, or undefined. */
export const runningPid = (instance: Instance, name: string) => pidIn(pidFile(instance, name));

/** The pids of all processes that a sandbox's `run` folder records and that run now. */
export function recordedPids(run: string): number[] {
    if (!fs.existsSync(run)) return [];
    return fs
        .readdirSync(run)
        .filter((file) => file.endsWith(".pid"))
        .flatMap((file) => pidIn(path.join(run, file)) ?? []);
}

/**
 * Waits until `check` holds; an error of it means that it does not hold yet.
 *
 * @param describe completes the sentence "… was not ready within N s", which the last check's error follows
 */
export async function waitUntil(
    check: () => Promise<boolean>,
    describe: string,
    timeout = 60,
    step = 100,
): Promise<void> {
    const end = Date.now() + timeout * 1000;
    for (;;) {
        let reason = "";
        const holds = await check().catch((error: unknown) => {
            reason = `: ${(error as Error).message}`;
            return false;
        });
        if (holds) return;
        if (Date.now() > end) throw new SandboxError(`${describe} was not ready within ${timeout} s${reason}`);
        await sleep(step);
    }
}

/**
 * Starts a process that outlives this one, records its pid, and waits until it is ready. Does nothing when it runs
 * already.
 */
export async function startProcess(
    instance: Instance,
    name: string,
    command: string,
    args: readonly string[],
    options: ProcessOptions,
): Promise<number> {
    let pid = runningPid(instance, name);
    if (pid === undefined) {
        fs.mkdirSync(instance.run, { recursive: true });
        fs.mkdirSync(instance.logs, { recursive: true });
        const output = fs.openSync(logFile(instance, name), "a");
        const child = spawn(command, args, {
            cwd: options.directory ?? instance.root,
            detached: true,
            env: { ...process.env, ...options.environment, [rootVariable]: instance.root },
            stdio: ["ignore", output, output],
        });
        const failed = new Promise<never>((_, reject) =>
            child.once("error", (error) => {
                reject(new SandboxError(`${name} could not be started: ${error.message}`));
            }),
        );
        failed.catch(() => undefined);
        fs.closeSync(output);
        if (child.pid === undefined) await failed;
        pid = child.pid as number;
        const started = startedAt(pid);
        if (started === undefined) throw new SandboxError(`${name} ended at once; ${describeLog(instance, name)}`);
        const file = pidFile(instance, name);
        fs.writeFileSync(`${file}.new`, JSON.stringify({ pid, started } satisfies Recorded));
        fs.renameSync(`${file}.new`, file);
        child.unref();
    }
    const running = pid;
    const ended = () => startedAt(running) === undefined;
    await waitUntil(async () => ended() || (await options.ready()), name, options.timeout).catch((error: unknown) => {
        throw new SandboxError(`${(error as Error).message}; ${describeLog(instance, name)}`);
    });
    if (ended()) throw new SandboxError(`${name} ended before it was ready; ${describeLog(instance, name)}`);
    return running;
}

/** Ends a process by pid: SIGTERM, then SIGKILL after `graceSeconds`. Does nothing when it does not run. */
export async function stopProcess(instance: Instance, name: string, graceSeconds = 5): Promise<void> {
    const pid = runningPid(instance, name);
    if (pid !== undefined) {
        const gone = () => Promise.resolve(startedAt(pid) === undefined);
        process.kill(pid, "SIGTERM");
        await waitUntil(gone, name, graceSeconds, 50).catch(async () => {
            if (startedAt(pid) !== undefined) process.kill(pid, "SIGKILL");
            await waitUntil(gone, name, 5, 50);
        });
    }
    fs.rmSync(pidFile(instance, name), { force: true });
}
