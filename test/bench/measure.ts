import * as path from "node:path";
import { execa } from "execa";
import { tail } from "../../sandbox/machine/command";

/** What a command and everything that it started has cost. */
export interface Cost {
    /** Seconds from the command's start to its end. */
    readonly wall: number;
    /** Seconds of user and system time of the whole process tree. */
    readonly cpu: number;
}

export interface Measured extends Cost {
    /** Standard output and standard error, as a person would read them. */
    readonly output: string;
}

export interface CommandOptions {
    readonly directory: string;
    /** Variables beside this process's own; undefined takes one away. */
    readonly environment: Readonly<Record<string, string | undefined>>;
    /** The exit code with which the command ends well; 0 by default. */
    readonly exitCode?: number;
    /**
     * Whether the command starts servers that outlive it. They are left, and what they use is not counted.
     *
     * @default false
     */
    readonly leavesServers?: boolean;
}

/** As measure.py writes it. */
interface Report {
    readonly exitCode: number;
    readonly wallSeconds: number;
    readonly userSeconds: number;
    readonly systemSeconds: number;
}

const running = new Set<{ kill(signal: NodeJS.Signals): boolean }>();

/** Tells what is being measured to end at once, with all that it started. Works in an exit handler too. */
export function endMeasured(): void {
    for (const command of running) command.kill("SIGTERM");
}

/** Runs a command to its end and measures it. @throws Error with the end of its output when it fails */
export async function measure(
    command: string,
    args: readonly string[],
    { directory, environment, exitCode = 0, leavesServers = false }: CommandOptions,
): Promise<Measured> {
    const leave = leavesServers ? ["--leave"] : [];
    const wrapper = execa("python3", ["-B", path.join(__dirname, "measure.py"), ...leave, command, ...args], {
        cwd: directory,
        env: environment,
        stdio: ["ignore", "pipe", "pipe", "pipe"],
        all: true,
        reject: false,
    });
    running.add(wrapper);
    const result = await wrapper;
    running.delete(wrapper);
    const text = result.stdio[3];
    const report = text ? (JSON.parse(text) as Report) : undefined;
    if (report?.exitCode !== exitCode)
        throw new Error(`${[command, ...args].join(" ")} failed:\n${tail(result.all, 40)}`);
    return { wall: report.wallSeconds, cpu: report.userSeconds + report.systemSeconds, output: result.all };
}
