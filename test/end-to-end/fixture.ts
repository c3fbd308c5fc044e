import { execa } from "execa";
import { projectRoot } from "../../sandbox/machine/instance";

const sandbox = (command: string) =>
    execa("node", ["-r", "ts-node/register", "sandbox/main.ts", command, "--instance", "test"], {
        cwd: projectRoot,
        stdio: ["ignore", "inherit", "inherit"],
    });

/** Brings up the sandbox of the tests, staging included, before the first test. */
export async function mochaGlobalSetup(): Promise<void> {
    await sandbox("clean");
    await sandbox("up");
}

/** Removes it after the last one, even after failures. `KEEP_SANDBOX=1` keeps it for inspection. */
export async function mochaGlobalTeardown(): Promise<void> {
    if (process.env.KEEP_SANDBOX !== "1") await sandbox("clean");
}
