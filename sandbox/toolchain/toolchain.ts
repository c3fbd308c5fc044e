import * as fs from "node:fs";
import * as path from "node:path";
import { installLanguageHost } from "../engine/install";
import type { Instance } from "../machine/instance";
import { packageVersion } from "../machine/instance";
import type { Progress } from "../machine/part";
import { buildPrograms } from "./build";
import { downloadsAreUsed, officialPlugin, officialPulumi } from "./downloads";
import {
    clusterPrograms,
    engineProgram,
    loadProgram,
    programFile,
    programPath,
    providerPrograms,
    toolPrograms,
} from "./programs";

export { programFile };

/** Replaces what is at `link` by a symbolic link, in one step. */
export function pointTo(target: string, link: string): void {
    fs.mkdirSync(path.dirname(link), { recursive: true });
    const draft = `${link}.${process.pid}`;
    fs.symlinkSync(target, draft);
    if (fs.existsSync(link) && !fs.lstatSync(link).isSymbolicLink()) fs.rmSync(link, { recursive: true });
    fs.renameSync(draft, link);
}

/** Makes `folder` a real folder, as the engine requires for plugins, with a link to each file of `source`. */
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

/** Source of Pulumi's own programs in this sandbox. */
export type ToolchainSource = "official" | "built";

/** The last decision of `installPulumi`; "built" before its first run. */
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
    // The command line finds its language host in its own folder, which a link would hide.
    const standIn = path.join(instance.pulumiHome, "plugins", `language-nodejs-${version}`);
    fs.rmSync(standIn, { recursive: true, force: true });
    const launcher = path.join(binFolder(instance), "pulumi");
    fs.mkdirSync(path.dirname(launcher), { recursive: true });
    fs.rmSync(launcher, { force: true });
    fs.writeFileSync(launcher, `#!/bin/sh\nexec '${pulumi}' "$@"\n`, { mode: 0o755 });
}

/** Pulumi's own programs that are built where official releases are out of reach. */
const pulumiPrograms = [engineProgram, ...Object.values(providerPrograms)];

/** Programs that are always built: the cluster's, those of the tools' images, and the load program of drills. */
const ownPrograms = [...clusterPrograms, ...Object.values(toolPrograms), loadProgram];

async function installBuilt(instance: Instance, progress: Progress): Promise<void> {
    await buildPrograms(pulumiPrograms, progress);
    pointTo(programPath(engineProgram), path.join(binFolder(instance), "pulumi"));
    for (const [name, program] of Object.entries(providerPrograms))
        mirror(path.dirname(programPath(program)), pluginFolder(instance, name));
    installLanguageHost(instance.pulumiHome);
}

/** Builds the cluster's programs; each only when its sources have changed. */
export async function installClusterPrograms(instance: Instance, progress: Progress): Promise<void> {
    await buildPrograms(clusterPrograms, progress);
    pointTo(programFile("kubectl"), path.join(binFolder(instance), "kubectl"));
}

const pulumiVersion = () => `v${packageVersion("@pulumi/pulumi")}`;

/**
 * Puts a file where the command line would make the folder of its automatic logs, which no setting turns off; it goes on
 * without them. They hold every property of every resource, several times, and take a third of a preview's CPU time.
 */
function preventAutomaticLogs(pulumiHome: string): void {
    const logs = path.join(pulumiHome, "logs");
    fs.rmSync(logs, { recursive: true, force: true });
    fs.mkdirSync(pulumiHome, { recursive: true });
    fs.writeFileSync(logs, "This file keeps Pulumi from writing automatic logs: sandbox/toolchain/toolchain.ts.\n");
}

/**
 * Installs the command line, its language host and the three provider plugins: the official releases where this machine
 * reaches them, else the same programs built from Go modules, with a stand-in for the language host, which no Go module
 * proxy has.
 */
export async function installPulumi(instance: Instance, progress: Progress): Promise<void> {
    const version = pulumiVersion();
    const source: ToolchainSource = (await downloadsAreUsed(version)) ? "official" : "built";
    await (source === "official" ? installOfficial(instance, version, progress) : installBuilt(instance, progress));
    preventAutomaticLogs(instance.pulumiHome);
    fs.writeFileSync(sourceFile(instance), JSON.stringify({ source }));
}

/** The programs that are built on this machine, where it is known whether it downloads Pulumi's. */
export const builtPrograms = async () => [
    ...ownPrograms,
    ...((await downloadsAreUsed(pulumiVersion())) ? [] : pulumiPrograms),
];

/** Installs everything that the sandbox runs, built in one go; each program only when its sources have changed. */
export async function installPrograms(instance: Instance, progress: Progress): Promise<void> {
    await buildPrograms(await builtPrograms(), progress);
    await installClusterPrograms(instance, progress);
    await installPulumi(instance, progress);
}
