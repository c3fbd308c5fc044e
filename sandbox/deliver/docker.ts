/** What runs as `docker` and as `trivy` in the jobs of `make deliver` (sandbox/runner/programs.ts). */
import * as path from "node:path";
import { SandboxError } from "../machine/part";
import { parsed } from "./arguments";
import { Compose } from "./compose";
import { imageCommands, trivy } from "./images";

async function compose(args: readonly string[]): Promise<void> {
    const { one, rest } = parsed(args, ["detach", "build", "all", "no-color"]);
    const stack = new Compose(path.resolve(one("file")), path.join(process.env.RUNNER_TEMP ?? "", "compose"));
    switch (rest[0]) {
        case "up":
            await stack.up();
            return;
        case "ps":
            console.log(await stack.ps());
            return;
        case "logs":
            console.log(stack.logs());
            return;
        default:
            throw new SandboxError(`docker compose is asked to "${rest[0] ?? ""}"; accepted: up, ps, logs.`);
    }
}

async function docker(args: readonly string[]): Promise<void> {
    const commands = { compose, ...imageCommands };
    for (const [words, command] of Object.entries(commands)) {
        const count = words.split(" ").length;
        if (args.slice(0, count).join(" ") !== words) continue;
        await command(args.slice(count));
        return;
    }
    throw new SandboxError(
        `docker is asked to "${args[0] ?? ""}"; accepted in the sandbox: ${Object.keys(commands).join(", ")}.`,
    );
}

const [program, ...given] = process.argv.slice(2);
(program === "trivy" ? trivy(given) : docker(given)).catch((error: unknown) => {
    console.error(error instanceof SandboxError ? error.message : error);
    process.exitCode = 1;
});
