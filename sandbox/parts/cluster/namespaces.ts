import * as fs from "node:fs";
import * as path from "node:path";
import type { Instance } from "../../machine/instance";
import {
    isAlive,
    killProcesses,
    markedProcesses,
    runningPid,
    startProcess,
    stopProcess,
    type ProcessOptions,
} from "../../machine/process";
import { SandboxError } from "../../machine/part";
import { sandboxRegistry } from "../cloud/account";
import { createControlGroups, removeControlGroups } from "./control-groups";
import { createNetwork, namespaceFile, networkIsComplete, removeNetwork } from "./network";

/** Recorded name of the process that keeps the cluster's namespaces open. */
const keeper = "cluster";

/** First process of the cluster's PID namespace, by the machine's count, or undefined when the cluster is down. */
export function initPid(instance: Instance): number | undefined {
    const parent = runningPid(instance, keeper);
    if (parent === undefined) return undefined;
    try {
        const child = Number.parseInt(fs.readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8"), 10);
        // A killed process stays a zombie until its parent collects it, and the namespaces are gone by then.
        return isAlive(child) ? child : undefined;
    } catch {
        return undefined;
    }
}

const inode = (file: string) => {
    try {
        return fs.statSync(file).ino;
    } catch {
        return undefined;
    }
};

/**
 * Processes in the cluster's network namespace, and those of this sandbox in any other than the machine's. The PID
 * namespace's first process is always among them, and pods end with it.
 */
function namespaceProcesses(instance: Instance): number[] {
    const named = inode(namespaceFile(instance));
    const own = inode("/proc/self/ns/net");
    const marked = new Set(markedProcesses().flatMap(({ pid, root }) => (root === instance.root ? [pid] : [])));
    return fs
        .readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .map(Number)
        .filter((pid) => {
            const network = inode(`/proc/${pid}/ns/net`);
            if (network === undefined || network === own) return false;
            return network === named || marked.has(pid);
        });
}

/**
 * Creates the cluster's namespaces: network, mount and PID. Every process, pod, mount, link and rule of the cluster is
 * inside and ends with them. Complete namespaces are kept; the rest of incomplete ones is removed first.
 */
export async function createNamespaces(instance: Instance): Promise<void> {
    if (initPid(instance) !== undefined && (await networkIsComplete(instance))) return;
    await removeNamespaces(instance);
    await createNetwork(instance);
    createControlGroups(instance);
    const init = path.join(__dirname, "init.sh");
    const unshare = [
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ];
    await startProcess(
        instance,
        keeper,
        "nsenter",
        [
            `--net=${namespaceFile(instance)}`,
            ...unshare,
            "sh",
            init,
            instance.root,
            instance.hostAddress,
            sandboxRegistry(),
        ],
        {
            ready: () => {
                const pid = initPid(instance);
                return Promise.resolve(pid !== undefined && fs.existsSync(`/proc/${pid}/root/run/sandbox/ready`));
            },
            timeout: 20,
        },
    );
}

/**
 * Kills all processes in the namespaces and removes their traces on the machine. Works for incomplete namespaces too.
 */
export async function removeNamespaces(instance: Instance): Promise<void> {
    await killProcesses(namespaceProcesses(instance));
    await stopProcess(instance, keeper);
    await removeNetwork(instance);
    await removeControlGroups(instance);
}

/** The command line that runs a program inside the cluster's namespaces. */
export function inside(instance: Instance, command: string, args: readonly string[]): [string, string[]] {
    const pid = initPid(instance);
    if (pid === undefined) throw new SandboxError('The cluster is not running; start it with "make up"');
    return ["nsenter", ["--target", String(pid), "--net", "--mount", "--pid", "--", command, ...args]];
}

/**
 * Go's default is 100. Collecting garbage twice as often takes a fifth from the API server's memory, and costs it about a
 * fifth more CPU time while it starts and next to none at rest.
 */
const garbageCollection = { GOGC: "50" };

/** Like `startProcess`, inside the cluster's namespaces. */
export async function startInside(
    instance: Instance,
    name: string,
    command: string,
    args: readonly string[],
    options: ProcessOptions,
): Promise<void> {
    // The recorded process is nsenter, which waits outside the namespaces; the program must not outlive it.
    const [enter, enterArgs] = inside(instance, "setpriv", ["--pdeathsig", "KILL", "--", command, ...args]);
    const environment = { ...garbageCollection, ...options.environment };
    await startProcess(instance, name, enter, enterArgs, { ...options, environment });
}

/** Whether something listens on a TCP port of the cluster's network namespace, on any address of it. */
export function listens(instance: Instance, port: number): boolean {
    const pid = initPid(instance);
    if (pid === undefined) return false;
    const local = port.toString(16).toUpperCase().padStart(4, "0");
    return ["tcp", "tcp6"]
        .flatMap((table) => fs.readFileSync(`/proc/${pid}/net/${table}`, "utf8").split("\n"))
        .some((line) => new RegExp(`^\\s*\\d+: [0-9A-F]+:${local} [0-9A-F:]+ 0A `).test(line));
}
