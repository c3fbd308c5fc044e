import type { Command } from "commander";
import { visible } from "../../delivery/core/text";

/** What is wrong with what a command was given: one sentence for people. Nothing was judged. */
export class InputError extends Error {
    override readonly name = "InputError";
}

/** Makes commander end with 2, not 1, when the command line itself is wrong: 1 is a release that was denied. */
export function endWithTwo(command: Command): Command {
    return command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : cannotBeJudged));
}

/** Exit codes of the commands that judge. */
export const allowed = 0;
export const denied = 1;
export const cannotBeJudged = 2;

/** Runs an action; whatever is thrown is one sentence on standard error and the exit code 2. */
export async function judging(command: string, action: () => Promise<number>): Promise<void> {
    try {
        process.exitCode = await action();
    } catch (error) {
        console.error(`${command}: ${visible(error instanceof Error ? error.message : String(error))}`);
        process.exitCode = cannotBeJudged;
    }
}
