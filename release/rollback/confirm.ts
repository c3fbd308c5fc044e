import { createInterface } from "node:readline/promises";
import { RefusedError } from "./choose";

/** Asks a person at the terminal. @throws RefusedError where there is none */
export async function confirm(question: string): Promise<boolean> {
    if (!process.stdin.isTTY) throw new RefusedError("No one can be asked here; add --yes to go on.");
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    try {
        return /^y(es)?$/i.test((await terminal.question(`${question} (yes/no) `)).trim());
    } finally {
        terminal.close();
    }
}
