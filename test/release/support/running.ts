import type { Command } from "commander";

export interface Ran {
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
}

class Ended extends Error {}

/** Runs one command of `release` in this process. Returns its output and its exit code. */
export async function runCommand(command: Command, args: readonly string[]): Promise<Ran> {
    const before = { log: console.log, error: console.error, exit: process.exit, exitCode: process.exitCode };
    const printed = { stdout: "", stderr: "" };
    let exitCode = 0;
    console.log = (text: string) => void (printed.stdout += `${text}\n`);
    console.error = (text: string) => void (printed.stderr += `${text}\n`);
    command.configureOutput({
        writeOut: (text) => void (printed.stdout += text),
        writeErr: (text) => void (printed.stderr += text),
    });
    process.exit = ((code?: number) => {
        exitCode = code ?? 0;
        throw new Ended();
    }) as typeof process.exit;
    process.exitCode = undefined;
    try {
        await command.parseAsync(args, { from: "user" });
        exitCode = Number(process.exitCode ?? 0);
    } catch (error) {
        if (!(error instanceof Ended)) throw error;
    } finally {
        console.log = before.log;
        console.error = before.error;
        process.exit = before.exit;
        process.exitCode = before.exitCode;
    }
    return { exitCode, ...printed };
}

/** Text without the wrapping and borders of tables. */
export function flowing(text: string): string {
    return text.replaceAll(/[│┌┐└┘─├┤┬┴┼]/g, " ").replaceAll(/\s+/g, " ");
}
