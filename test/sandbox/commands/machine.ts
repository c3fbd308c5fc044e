import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { instanceNamed, instanceNames, type Instance } from "../../../sandbox/machine/instance";
import { markedProcesses } from "../../../sandbox/machine/process";

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

const command = (name: string, ...args: string[]) => lines(execFileSync(name, args, { encoding: "utf8" }));

/** Control groups that are named like a sandbox, in every hierarchy. */
function controlGroups(): string[] {
    const root = "/sys/fs/cgroup";
    return fs
        .readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap((entry) => [entry.name, ...fs.readdirSync(`${root}/${entry.name}`).map((it) => `${entry.name}/${it}`)])
        .filter((name) => name.includes("relaypacs-") || name.includes("kubepods"));
}

function pidNamespace(pid: number | string): string | undefined {
    try {
        return fs.readlinkSync(`/proc/${pid}/ns/pid`);
    } catch {
        return undefined;
    }
}

const read = (file: string) => {
    try {
        return fs.readFileSync(file, "latin1");
    } catch {
        return "";
    }
};

/** Running processes in any other PID namespace than this one, and those that this sandbox has marked. */
function foreignProcesses(instance: Instance, others: readonly Instance[]): string[] {
    // Of any clone: another sandbox's processes are marked, and its pods run in the namespaces of marked ones.
    const all = markedProcesses();
    const ofOthers = all.filter(({ root }) => others.some(({ name }) => name === path.basename(root)));
    const known = [process.pid, ...ofOthers.map(({ pid }) => pid)].map(pidNamespace);
    const marked = new Set(all.flatMap(({ pid, root }) => (root === instance.root ? [pid] : [])));
    return fs
        .readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry) && !/\) Z /.test(read(`/proc/${entry}/stat`)))
        .filter((entry) => {
            // Containers have namespaces of their own below their sandbox's; their control group shows their sandbox.
            const groups = read(`/proc/${entry}/cgroup`);
            if (others.some((other) => groups.includes(`/${other.controlGroup}/`))) return false;
            const namespace = pidNamespace(entry);
            return (namespace !== undefined && !known.includes(namespace)) || marked.has(Number(entry));
        })
        .map((entry) => `${entry} ${read(`/proc/${entry}/cmdline`).replaceAll("\0", " ")}`);
}

const settings = [
    "net/ipv4/ip_forward",
    "net/ipv4/conf/all/route_localnet",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
];

/** Everything on the machine where a cluster could leave traces, without those of the other sandbox. */
export function snapshot(instance: Instance): Record<string, readonly string[]> {
    const others = instanceNames.filter((name) => name !== instance.name).map(instanceNamed);
    const isOther = (line: string) =>
        others.some((other) =>
            [other.networkNamespace, `relaypacs${other.number}`, other.nodeAddress, other.root].some((it) =>
                line.includes(it),
            ),
        );
    const all: Record<string, readonly string[]> = {
        processes: foreignProcesses(instance, others),
        mounts: lines(fs.readFileSync("/proc/self/mountinfo", "utf8")).map((line) =>
            line.split(" ").slice(3, 5).join(" "),
        ),
        links: command("ip", "-oneline", "link", "show").map((line) => line.split(":")[1]!.trim()),
        routes: command("ip", "-4", "route", "show", "table", "all"),
        namespaces: command("ip", "netns", "list"),
        namespaceFiles: fs.existsSync("/run/netns") ? fs.readdirSync("/run/netns") : [],
        rules: ["iptables-save", "ip6tables-save"].flatMap((name) =>
            command(name).filter((line) => line.startsWith("-A")),
        ),
        controlGroups: controlGroups(),
        run: fs.readdirSync("/run").filter((name) => name !== "netns"),
        state: ["/var/lib", "/var/log", "/var/run"].flatMap((it) => fs.readdirSync(it).map((name) => `${it}/${name}`)),
        settings: settings.map((name) => `${name} ${fs.readFileSync(`/proc/sys/${name}`, "utf8").trim()}`),
    };
    return Object.fromEntries(
        Object.entries(all).map(([name, found]) => [name, found.filter((line) => !isOther(line)).sort()]),
    );
}
