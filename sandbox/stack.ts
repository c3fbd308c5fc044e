import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { run } from "./command";
import { environment } from "./environment";
import { forget, type ExportedStack } from "./forgotten";
import { projectRoot, type Instance } from "./instance";
import { SandboxError, type Progress } from "./part";

/** The stack's full name in a file backend, where the only organization is called so. */
const fullName = (stack: string) => `organization/relaypacs/${stack}`;

/** Runs `pulumi` in the project with the sandbox's environment and returns what it printed. */
export const pulumi = (instance: Instance, args: readonly string[]) =>
    run("pulumi", args, { directory: projectRoot, environment: environment(instance) });

/** Creates the stack in the sandbox's state unless it is there. The stack file stays as it is. */
export async function createStack(instance: Instance, stack: string, progress: Progress): Promise<void> {
    fs.mkdirSync(instance.pulumiState, { recursive: true });
    const stacks = JSON.parse(await pulumi(instance, ["stack", "ls", "--json"])) as { readonly name: string }[];
    if (stacks.some(({ name }) => name === stack || name === fullName(stack))) return;
    const file = path.join(projectRoot, `Pulumi.${stack}.yaml`);
    // Without a salt the engine would write a new one into the file, in this command and every other.
    if (!/^encryptionsalt: /m.test(fs.readFileSync(file, "utf8")))
        throw new SandboxError(`${file} has no encryptionsalt; take the one that git has for it: git checkout ${file}`);
    progress(`creating stack ${stack}`);
    await pulumi(instance, ["stack", "init", fullName(stack)]);
}

/** What the pack's compilation depends on: its sources and settings, and those of the evidence that it judges. */
function packDigest(): string {
    const hash = createHash("sha256");
    for (const folder of ["policies", "release/evidence"].map((it) => path.join(projectRoot, it))) {
        const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
        for (const file of files.filter((it) => /\.(ts|json|yaml)$/.test(it) && !it.startsWith("bin")).sort())
            hash.update(`${file}\0`).update(fs.readFileSync(path.join(folder, file)));
    }
    return hash.digest("hex");
}

/** Compiles the policy pack when its sources have changed, so that a preview does not check its types every time. */
export async function compilePolicies(progress: Progress): Promise<void> {
    const folder = path.join(projectRoot, "policies");
    const stamp = path.join(folder, "bin", ".sources");
    const digest = packDigest();
    if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === digest) return;
    progress("compiling the policy pack");
    await run("npx", ["tsc", "-p", "policies"], { directory: projectRoot });
    fs.writeFileSync(stamp, digest);
}

interface Lock {
    readonly pid: number;
    readonly hostname: string;
}

/** Whether an update that was killed on this machine has left its lock on the stack. */
function isLockedByTheDead(instance: Instance, stack: string): boolean {
    const folder = path.join(instance.pulumiState, ".pulumi", "locks", ...fullName(stack).split("/"));
    if (!fs.existsSync(folder)) return false;
    return fs
        .readdirSync(folder)
        .map((file) => JSON.parse(fs.readFileSync(path.join(folder, file), "utf8")) as Lock)
        .some(({ pid, hostname }) => hostname === os.hostname() && !fs.existsSync(`/proc/${pid}`));
}

const forgottenFile = (instance: Instance, stack: string) => path.join(instance.root, `cloud-forgotten-${stack}`);

/** Remembers, until the state has followed, that the emulated AWS was started anew and has lost what the state says. */
export function markCloudForgotten(instance: Instance): void {
    fs.mkdirSync(instance.root, { recursive: true });
    for (const stack of ["staging", "prod"]) fs.writeFileSync(forgottenFile(instance, stack), "");
}

/** Takes out of the state what the emulated AWS no longer has, so that the next update makes it again. */
async function followCloud(instance: Instance, stack: string): Promise<void> {
    if (!fs.existsSync(forgottenFile(instance, stack))) return;
    const file = path.join(instance.root, "stack.json");
    const exported = JSON.parse(await pulumi(instance, ["stack", "export", "--stack", stack])) as ExportedStack;
    fs.writeFileSync(file, JSON.stringify(forget(exported, "aws")), { mode: 0o600 });
    await pulumi(instance, ["stack", "import", "--stack", stack, "--file", file]);
    fs.rmSync(file);
    fs.rmSync(forgottenFile(instance, stack));
}

/** `pulumi up`, with its output shown. */
export async function update(instance: Instance, stack: string): Promise<void> {
    if (isLockedByTheDead(instance, stack)) await pulumi(instance, ["cancel", "--yes", "--stack", stack]);
    await followCloud(instance, stack);
    const args = ["up", "--yes", "--stack", stack];
    console.log(`\npulumi ${args.join(" ")}`);
    const result = await execa("pulumi", args, {
        cwd: projectRoot,
        env: environment(instance),
        stdio: ["ignore", "inherit", "inherit"],
        reject: false,
    });
    if (result.exitCode !== 0)
        throw new SandboxError(
            `pulumi up did not succeed; its output above says why. The sandbox itself is up: try again with "make up", or eval "$(make -s env)" and use pulumi by hand`,
        );
}

/** A stack's outputs by name; secret ones are not shown. */
export async function outputs(instance: Instance, stack: string): Promise<Record<string, unknown>> {
    return JSON.parse(await pulumi(instance, ["stack", "output", "--json", "--stack", stack])) as Record<
        string,
        unknown
    >;
}
