import * as fs from "node:fs";
import { z } from "zod";
import { SandboxError } from "../../machine/part";
import { startGitHub } from "./front";
import { gitHubSettings } from "./settings";

/** Runs the GitHub side of a sandbox until it is told to stop. Its one argument is a JSON file of {@link gitHubSettings}. */
async function main(file: string | undefined): Promise<void> {
    if (file === undefined) throw new SandboxError("give the settings file: main.ts <settings.json>");
    const parsed = gitHubSettings.safeParse(JSON.parse(fs.readFileSync(file, "utf8")));
    if (!parsed.success) throw new SandboxError(`${file} is not valid:\n${z.prettifyError(parsed.error)}`);
    const { emulator, front } = parsed.data.ports;
    const github = await startGitHub(parsed.data).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
        throw new SandboxError(
            `another program listens on 127.0.0.1:${emulator} or :${front}; end it, then start again`,
        );
    });
    console.log(`GitHub for ${parsed.data.organization.login} at ${github.url}`);
    const stop = () => {
        github.close().then(
            () => process.exit(0),
            (error: unknown) => {
                console.error(error);
                process.exit(1);
            },
        );
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
}

main(process.argv[2]).catch((error: unknown) => {
    console.error(error instanceof SandboxError ? error.message : error);
    process.exitCode = 1;
});
