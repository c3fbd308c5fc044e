import * as fs from "node:fs";
import { toolchainCache, type Instance } from "../machine/instance";
import { sweep } from "../machine/owner";
import { parts } from "../parts";
import { SandboxError } from "../machine/part";

/**
 * Stops the sandbox and leaves nothing of it on the machine but its own folder. A failure in one part does not stop the
 * others from ending.
 */
export async function down(instance: Instance): Promise<void> {
    const failures: string[] = [];
    const attempt = (name: string, work: () => Promise<void>) =>
        work().catch((error: unknown) => {
            failures.push(`${name}: ${(error as Error).message}`);
        });
    await Promise.all(parts.map((part) => attempt(part.name, () => part.down(instance))));
    await attempt("processes", () => sweep(instance));
    if (failures.length > 0) throw new SandboxError(`Not everything could be ended:\n${failures.join("\n")}`);
}

/** Stops the sandbox and deletes what it stored: state, databases, images, certificates, logs. */
export async function clean(instance: Instance): Promise<void> {
    await down(instance);
    fs.rmSync(instance.root, { recursive: true, force: true });
}

/** Deletes the built programs. Every clone of this user must then build them again. */
export function cleanToolchain(): void {
    fs.rmSync(toolchainCache, { recursive: true, force: true });
}
