import { execa, type ExecaError } from "execa";
import { SandboxError } from "./part";

export interface CommandOptions {
    readonly directory?: string;
    readonly environment?: Readonly<Record<string, string | undefined>>;
    /** Text for standard input. */
    readonly input?: string;
}

/** The last lines of a text, enough to see why something failed. */
export function tail(text: string, lines = 15): string {
    return text.trimEnd().split("\n").slice(-lines).join("\n");
}

/** Runs a program to its end and returns what it printed. A failure names the command and shows the end of its output. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
    try {
        const result = await execa(command, args, {
            ...(options.directory === undefined ? {} : { cwd: options.directory }),
            ...(options.environment === undefined ? {} : { env: options.environment }),
            input: options.input ?? "",
        });
        return result.stdout;
    } catch (error) {
        const failure = error as ExecaError;
        if (failure.code === "ENOENT") throw new SandboxError(`${command} is not installed on this machine`);
        const output = tail(String(failure.stderr ?? "") || String(failure.stdout ?? "") || failure.message);
        throw new SandboxError(`${[command, ...args.slice(0, 6)].join(" ")} failed:\n${output}`);
    }
}

/** Like `run`, but returns whether the program succeeded. */
export async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
    return (await execa(command, args, { reject: false, stdio: "ignore" })).exitCode === 0;
}
