import * as fs from "node:fs";
import * as path from "node:path";
import { installStandIns } from "../engine/install";
import type { Instance } from "../instance";
import { projectRoot } from "../instance";
import type { Progress } from "../part";
import { buildProgram } from "./build";
import { downloadsAreUsed, officialPlugin, officialPulumi } from "./downloads";
import {
    clusterPrograms,
    engineProgram,
    loadProgram,
    programFile,
    providerPrograms,
    toolPrograms,
    type Program,
} from "./programs";

export { programFile };

/** The version of an npm package that is installed here, without "v": providers' plugins must be the same. */
function packageVersion(name: string): string {
    const file = path.join(projectRoot, "node_modules", name, "package.json");
    return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
}

/** Replaces what is at `link` by a symbolic link, in one step. */
export function pointTo(target: string, link: string): void {
    fs.mkdirSync(path.dirname(link), { recursive: true });
    const draft = `${link}.${process.pid}`;
    fs.symlinkSync(target, draft);
    if (fs.existsSync(link) && !fs.lstatSync(link).isSymbolicLink()) fs.rmSync(link, { recursive: true });
    fs.renameSync(draft, link);
}

/** Makes `folder` a real one, as the engine wants its plugins', with a link to each file of `source`. */
function mirror(source: string, folder: string): void {
    if (fs.existsSync(folder) && fs.lstatSync(folder).isSymbolicLink()) fs.rmSync(folder);
    const files = fs.readdirSync(source);
    for (const file of files) pointTo(path.join(source, file), path.join(folder, file));
    for (const left of fs.readdirSync(folder).filter((file) => !files.includes(file))) {
        fs.rmSync(path.join(folder, left), { recursive: true });
    }
}

/** The programs for a shell: `pulumi`, `kubectl`, `aws`. */
export const binFolder = (instance: Instance) => path.join(instance.root, "bin");

const sourceFile = (instance: Instance) => path.join(instance.root, "toolchain.json");

/** Where the parts that Pulumi publishes came from in this sandbox. */
export type ToolchainSource = "official" | "built";

/** What `installToolchain` decided last time; "built" before its first run. */
export function toolchainSource(instance: Instance): ToolchainSource {
    if (!fs.existsSync(sourceFile(instance))) return "built";
    return (JSON.parse(fs.readFileSync(sourceFile(instance), "utf8")) as { source: ToolchainSource }).source;
}

const pluginFolder = (instance: Instance, name: string) =>
    path.join(instance.pulumiHome, "plugins", `resource-${name}-v${packageVersion(`@pulumi/${name}`)}`);

async function installOfficial(instance: Instance, version: string, progress: Progress): Promise<void> {
    const folder = await officialPulumi(version, progress);
    const pulumi = path.join(folder, "pulumi");
    for (const name of ["aws", "github", "kubernetes"])
        mirror(
            await officialPlugin(pulumi, name, packageVersion(`@pulumi/${name}`), progress),
            pluginFolder(instance, name),
        );
    // The command line finds its language host beside itself, and a link would hide that.
    const standIn = path.join(instance.pulumiHome, "plugins", `language-nodejs-${version}`);
    fs.rmSync(standIn, { recursive: true, force: true });
    const launcher = path.join(binFolder(instance), "pulumi");
    fs.mkdirSync(path.dirname(launcher), { recursive: true });
    fs.rmSync(launcher, { force: true });
    fs.writeFileSync(launcher, `#!/bin/sh\nexec '${pulumi}' "$@"\n`, { mode: 0o755 });
}

async function installBuilt(instance: Instance, progress: Progress): Promise<void> {
    pointTo(await buildProgram(engineProgram, progress), path.join(binFolder(instance), "pulumi"));
    for (const [name, program] of Object.entries(providerPrograms))
        mirror(path.dirname(await buildProgram(program, progress)), pluginFolder(instance, name));
    await installStandIns(instance.pulumiHome, { languageHost: true, kubernetes: true });
}

/** Builds what the cluster needs; each program only when what it is made from has changed. */
export async function installClusterPrograms(instance: Instance, progress: Progress): Promise<void> {
    for (const program of clusterPrograms as readonly Program[]) await buildProgram(program, progress);
    pointTo(programFile("kubectl"), path.join(binFolder(instance), "kubectl"));
}

/** Builds what the tools' images hold, and the load for drills. */
export async function installToolPrograms(progress: Progress): Promise<void> {
    for (const program of [...Object.values(toolPrograms), loadProgram]) await buildProgram(program, progress);
}

/**
 * Puts the command line, its language host and the three provider plugins in place: the official releases where this
 * machine reaches them, else the same programs built from Go modules, with stand-ins for the two that are in none.
 */
export async function installPulumi(instance: Instance, progress: Progress): Promise<void> {
    const version = `v${packageVersion("@pulumi/pulumi")}`;
    const source: ToolchainSource = (await downloadsAreUsed(version)) ? "official" : "built";
    await (source === "official" ? installOfficial(instance, version, progress) : installBuilt(instance, progress));
    fs.writeFileSync(sourceFile(instance), JSON.stringify({ source }));
}
