import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import * as readline from "node:readline";
import { run, tail } from "../machine/command";
import { logFile } from "../machine/process";
import { environment } from "./environment";
import { dropLostResources, type ExportedStack } from "./drop-lost-resources";
import { resetPassword } from "../parts/database/part";
import { projectRoot, type Instance } from "../machine/instance";
import { SandboxError, type Progress } from "../machine/part";

/** The stack's full name in a file backend, where the only organization is called so. */
const fullName = (stack: string) => `organization/relaypacs/${stack}`;

/** Runs `pulumi` in the project with the sandbox's environment and returns what it printed. */
export const pulumi = (instance: Instance, args: readonly string[]) =>
    run("pulumi", args, { directory: projectRoot, environment: environment(instance) });

/** The file that holds a stack's state. */
export const stateFile = (instance: Instance, stack: string): string =>
    path.join(instance.pulumiState, ".pulumi", "stacks", "relaypacs", `${stack}.json`);

/** Whether a stack has been created in the sandbox's state. */
export const isCreated = (instance: Instance, stack: string): boolean => fs.existsSync(stateFile(instance, stack));

/** Creates the stack in the sandbox's state unless it is there. The stack file stays as it is. */
export async function createStack(instance: Instance, stack: string, progress: Progress): Promise<void> {
    fs.mkdirSync(instance.pulumiState, { recursive: true });
    if (isCreated(instance, stack)) return;
    const file = path.join(projectRoot, `Pulumi.${stack}.yaml`);
    // Without a salt the engine would write a new one into the file in every command.
    if (!/^encryptionsalt: /m.test(fs.readFileSync(file, "utf8")))
        throw new SandboxError(`${file} has no encryptionsalt; take the one that git has for it: git checkout ${file}`);
    progress(`creating stack ${stack}`);
    await pulumi(instance, ["stack", "init", fullName(stack)]);
}

/**
 * Compiles the policy pack and the command line where their sources have changed, so that a preview and each call of
 * `release` start without TypeScript.
 */
export async function compile(progress: Progress): Promise<void> {
    progress("compiling what has changed");
    await run("npm", ["run", "--silent", "build"], { directory: projectRoot });
}

interface Lock {
    readonly pid: number;
    readonly hostname: string;
}

/** Whether an update that was killed on this machine has left its lock on the stack. */
function hasStaleLock(instance: Instance, stack: string): boolean {
    const folder = path.join(instance.pulumiState, ".pulumi", "locks", ...fullName(stack).split("/"));
    if (!fs.existsSync(folder)) return false;
    return fs
        .readdirSync(folder)
        .map((file) => JSON.parse(fs.readFileSync(path.join(folder, file), "utf8")) as Lock)
        .some(({ pid, hostname }) => hostname === os.hostname() && !fs.existsSync(`/proc/${pid}`));
}

const lostResourcesMarker = (instance: Instance, stack: string) => path.join(instance.root, `cloud-forgotten-${stack}`);

/**
 * Records that the emulated AWS was restarted and has lost its resources, until these have been dropped from the state.
 */
export function markResourcesLost(instance: Instance): void {
    fs.mkdirSync(instance.root, { recursive: true });
    for (const stack of ["staging", "prod"]) fs.writeFileSync(lostResourcesMarker(instance, stack), "");
}

/**
 * Drops the resources from the state that the emulated AWS has lost, so that the next update creates them again. With its
 * secret store it has lost the passwords of rotations; the configuration has the first one.
 */
async function dropLostAwsResources(instance: Instance, stack: string): Promise<void> {
    if (!fs.existsSync(lostResourcesMarker(instance, stack))) return;
    await resetPassword(instance, stack === "prod" ? "prod" : "staging");
    const file = path.join(instance.root, "stack.json");
    const exported = JSON.parse(await pulumi(instance, ["stack", "export", "--stack", stack])) as ExportedStack;
    fs.writeFileSync(file, JSON.stringify(dropLostResources(exported, "aws")), { mode: 0o600 });
    await pulumi(instance, ["stack", "import", "--stack", stack, "--file", file]);
    fs.rmSync(file);
    fs.rmSync(lostResourcesMarker(instance, stack));
}

/** What `pulumi up` prints about one resource: operation, type and name, and what becomes of it. */
const resourceLine = /^\s*(?:[+~-]|\+\+|\+-|--)\s+(\S+)\s+(\S+)\s+(\S+.*)$/;

/** The end of what `pulumi up` prints: what has changed, and how long it took. */
const summary = (output: string) => output.slice(Math.max(0, output.search(/^Resources:/m))).trimEnd();

/** Why `pulumi up` failed: its diagnostics, or the end of its output where it has none. */
function reason(output: string): string {
    const at = output.search(/^Diagnostics:/m);
    return at === -1 ? tail(output, 40) : output.slice(at).trimEnd();
}

/**
 * `pulumi up`, without a preview of its own. Its output goes to a log.
 *
 * @param refresh whether it compares the state with each resource first, and so repairs what was changed by hand
 * @returns what it says at the end
 * @throws SandboxError with its diagnostics
 */
export async function update(instance: Instance, stack: string, refresh: boolean, progress: Progress): Promise<string> {
    if (hasStaleLock(instance, stack)) await pulumi(instance, ["cancel", "--yes", "--stack", stack]);
    await dropLostAwsResources(instance, stack);
    const args = ["up", "--yes", "--skip-preview", "--non-interactive", "--color", "never", "--stack", stack];
    if (refresh) args.push("--refresh");
    const log = logFile(instance, `pulumi-up-${stack}`);
    fs.mkdirSync(path.dirname(log), { recursive: true });
    const child = execa("pulumi", args, {
        cwd: projectRoot,
        env: environment(instance),
        stdin: "ignore",
        all: true,
        reject: false,
    });
    child.all.pipe(fs.createWriteStream(log));
    for await (const line of readline.createInterface({ input: child.all })) {
        const [, type = "", name = "", state = ""] = resourceLine.exec(line) ?? [];
        if (type !== "") progress(`${type.split(":").at(-1) ?? ""} ${name} ${state}`);
    }
    const result = await child;
    const output = result.all;
    if (result.exitCode !== 0)
        throw new SandboxError(
            `pulumi up --stack ${stack} did not succeed; all that it printed is in ${log}\n\n${reason(output)}\n\n` +
                'The sandbox itself is up: try again with "make up", or eval "$(make -s env)" and use pulumi by hand',
        );
    return summary(output);
}

/** A stack's outputs by name; secret ones are not shown. */
export async function outputs(instance: Instance, stack: string): Promise<Record<string, unknown>> {
    return JSON.parse(await pulumi(instance, ["stack", "output", "--json", "--stack", stack])) as Record<
        string,
        unknown
    >;
}
