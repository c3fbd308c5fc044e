import * as fs from "node:fs";
import * as path from "node:path";
import { run, succeeds } from "../../machine/command";
import { toolchainCache, type Instance } from "../../machine/instance";

const namespaceFolder = "/run/netns";

export const namespaceFile = (instance: Instance) => `${namespaceFolder}/${instance.networkNamespace}`;

/** The machine's end of the veth pair; the cluster's end is its namespace's `eth0`. */
export const hostLink = (instance: Instance) => `relaypacs${instance.number}`;

export async function networkIsComplete(instance: Instance): Promise<boolean> {
    return (
        fs.existsSync(namespaceFile(instance)) && (await succeeds("ip", ["link", "show", "dev", hostLink(instance)]))
    );
}

/**
 * Creates the cluster's network namespace and connects it to the machine: only these two reach each other, nothing is
 * forwarded.
 */
export async function createNetwork(instance: Instance): Promise<void> {
    const { networkNamespace, hostAddress, nodeAddress, podRange, serviceRange } = instance;
    const link = hostLink(instance);
    const inside = (...args: string[]) => run("ip", ["-n", networkNamespace, ...args]);
    await withFolderLock(["ip", "netns", "add", networkNamespace]);
    await run("ip", ["link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", networkNamespace]);
    await run("ip", ["address", "add", `${hostAddress}/30`, "dev", link]);
    await run("ip", ["link", "set", link, "up"]);
    await inside("address", "add", `${nodeAddress}/30`, "dev", "eth0");
    await inside("link", "set", "lo", "up");
    await inside("link", "set", "eth0", "up");
    // A service address needs a route before kube-proxy's rules can rewrite its destination.
    await inside("route", "add", serviceRange, "dev", "eth0");
    await run("ip", ["route", "add", podRange, "via", nodeAddress, "dev", link]);
    await run("ip", ["route", "add", serviceRange, "via", nodeAddress, "dev", link]);
}

/** Removes link, routes and namespace, as far as they exist. */
export async function removeNetwork(instance: Instance): Promise<void> {
    const link = hostLink(instance);
    if (await succeeds("ip", ["link", "show", "dev", link])) await run("ip", ["link", "delete", link]);
    if (fs.existsSync(namespaceFile(instance))) {
        // A name whose mount was lost is a plain file, which `ip netns` refuses.
        if (!(await succeeds("ip", ["netns", "delete", instance.networkNamespace])))
            fs.rmSync(namespaceFile(instance), { force: true });
    }
    // iproute2 mounts its folder on itself for the first namespace and keeps that mount after the last.
    await withFolderLock(["sh", "-c", `rmdir ${namespaceFolder} 2>/dev/null || ${removeEmptyFolder}`]);
}

const removeEmptyFolder = `{ [ -z "$(ls -A ${namespaceFolder} 2>/dev/null)" ] && mountpoint --quiet ${namespaceFolder} && umount ${namespaceFolder} && rmdir ${namespaceFolder}; true; }`;

/** Runs a command under a lock: all sandboxes of a machine share the folder of the namespaces' names. */
async function withFolderLock(command: readonly string[]): Promise<void> {
    fs.mkdirSync(toolchainCache, { recursive: true });
    await run("flock", [path.join(toolchainCache, "network.lock"), ...command]);
}
