import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { SandboxError } from "./part";

/**
 * Does `work` while no other process holds the lock `file`. The lock is the kernel's, on an open file of a process that
 * ends with this one: it is released even by `kill -9`.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    // It says that it holds the lock, then waits for the end of its input.
    const holder = spawn("flock", [file, "sh", "-c", "echo; exec cat"], { stdio: ["pipe", "pipe", "ignore"] });
    const ended = once(holder, "close");
    const held = new Promise<void>((resolve, reject) => {
        holder.stdout.once("data", () => {
            resolve();
        });
        holder.once("error", (error) => {
            reject(new SandboxError(`The lock ${file} cannot be taken: ${error.message}`));
        });
        holder.once("close", () => {
            reject(new SandboxError(`The lock ${file} cannot be taken: flock has ended`));
        });
    });
    try {
        await held;
        return await work();
    } finally {
        holder.stdin.end();
        await ended.catch(() => undefined);
    }
}
