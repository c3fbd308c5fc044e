import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { networkPluginFolders } from "../parts/cluster/containerd";
import { installPackages } from "../machine/debian";
import { projectRoot, toolchainCache } from "../machine/instance";
import { SandboxError, type Progress } from "../machine/part";
import { engineProgram, programPath, providerPrograms } from "../toolchain/programs";

/** What the node needs from Debian, and a file or a program that shows that it is there. */
const debianPackages: Readonly<Record<string, readonly string[]>> = {
    containerd: ["containerd", "ctr"],
    runc: ["runc"],
    "containernetworking-plugins": networkPluginFolders.map((folder) => path.join(folder, "ptp")),
    iptables: ["iptables"],
    conntrack: ["conntrack"],
    iproute2: ["ip"],
    openssl: ["openssl"],
    "util-linux": ["nsenter", "unshare", "setpriv", "flock"],
};

function isThere(name: string): boolean {
    if (path.isAbsolute(name)) return fs.existsSync(name);
    const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin", "/sbin"];
    return folders.some((folder) => fs.existsSync(path.join(folder, name)));
}

function missingPackages(): string[] {
    return Object.entries(debianPackages)
        .filter(([name, shown]) =>
            // One folder with network plug-ins is enough; of the others' programs each is needed.
            name === "containernetworking-plugins" ? !shown.some(isThere) : !shown.every(isThere),
        )
        .map(([name]) => name);
}

async function versionOf(command: string, args: readonly string[]): Promise<number[] | undefined> {
    const result = await execa(command, args, { reject: false });
    const numbers = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(String(result.stdout ?? ""));
    return result.exitCode === 0 && numbers !== null
        ? numbers.slice(1).map((number = "0") => Number(number))
        : undefined;
}

function isAtLeast(version: readonly number[], least: readonly number[]): boolean {
    const at = least.findIndex((number, index) => number !== version[index]);
    return at === -1 || (version[at] ?? 0) > (least[at] ?? 0);
}

async function checkVersion(
    name: string,
    command: readonly [string, ...string[]],
    least: readonly number[],
    remedy: string,
): Promise<string[]> {
    const [program, ...args] = command;
    const version = await versionOf(program, args);
    if (version === undefined) return [`${name} is not installed; ${remedy}`];
    return isAtLeast(version, least)
        ? []
        : [`${name} ${version.join(".")} is installed and ${least.join(".")} or later is needed; ${remedy}`];
}

const gibibyte = 1024 ** 3;

/** The first folder at or above `folder` that exists: it is on the file system where `folder` will be. */
function existing(folder: string): string {
    return fs.existsSync(folder) ? folder : existing(path.dirname(folder));
}

async function checkDisk(folder: string, needed: number, purpose: string): Promise<string[]> {
    const { bavail, bsize } = await fs.promises.statfs(existing(folder));
    const free = (bavail * bsize) / gibibyte;
    if (free >= needed) return [];
    return [`${folder} has ${free.toFixed(1)} GiB free and ${purpose} needs ${needed} GiB; make room there`];
}

/** Available memory in GiB, as the kernel reports it, with swap. */
function availableMemory(): number {
    const text = fs.readFileSync("/proc/meminfo", "utf8");
    const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
    return (kibibytes("MemAvailable") + kibibytes("SwapFree")) / 1024 ** 2;
}

/** Whether the toolchain's big programs are still to be built. */
const mustBuild = (hasGo: boolean) =>
    !hasGo ||
    [engineProgram, ...Object.values(providerPrograms)].some((program) => !fs.existsSync(programPath(program)));

async function checkMachine(hasGo: boolean): Promise<string[]> {
    const build = mustBuild(hasGo);
    const memory = availableMemory();
    const neededMemory = build ? 6 : 3;
    const purpose = build ? "building the toolchain" : "the sandbox";
    return [
        ...(os.platform() === "linux" ? [] : ["The sandbox needs Linux; run it in a virtual machine with Debian 12"]),
        ...(process.getuid?.() === 0 ? [] : ["The sandbox makes network namespaces and containers; run make as root"]),
        ...(memory >= neededMemory
            ? []
            : [`${memory.toFixed(1)} GiB of memory are available and ${purpose} needs ${neededMemory} GiB; free some`]),
        ...(await checkDisk(toolchainCache, build ? 20 : 1, "the toolchain")),
        ...(await checkDisk(projectRoot, 3, "the sandbox")),
    ];
}

/**
 * Checks everything that the machine must have, and names all that is missing at once. Debian packages are installed
 * where `apt-get` is available. None of their services is used: the sandbox starts its own containerd.
 */
export async function checkPrerequisites(progress: Progress): Promise<void> {
    const go = await checkVersion("Go", ["go", "env", "GOVERSION"], [1, 26, 7], "install it from https://go.dev/dl/");
    const python = await checkVersion(
        "Python",
        ["python3", "--version"],
        [3, 11],
        "install the Debian package python3",
    );
    const venv = await execa("python3", ["-c", "import ensurepip, venv"], { reject: false });
    const problems = [...go, ...python, ...(await checkMachine(go.length === 0))];
    if (python.length === 0 && venv.exitCode !== 0)
        problems.push("Python cannot make virtual environments; install the Debian package python3-venv");
    const missing = missingPackages();
    if (missing.length > 0 && (process.getuid?.() !== 0 || !isThere("apt-get")))
        problems.push(`These programs' packages are missing; install ${missing.join(", ")} (the names are Debian's)`);
    if (problems.length > 0) throw new SandboxError(problems.join("\n"));
    if (missing.length === 0) return;
    progress(`installing Debian packages: ${missing.join(", ")}`);
    await installPackages(missing);
}
