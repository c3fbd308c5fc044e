import { execa } from "execa";
import { projectRoot } from "../../sandbox/instance";

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

/** Takes it away after the last one, whatever happened. `KEEP_SANDBOX=1` leaves it for a look. */
export async function mochaGlobalTeardown(): Promise<void> {
    if (process.env.KEEP_SANDBOX !== "1") await sandbox("clean");
}
