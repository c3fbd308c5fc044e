import * as fs from "node:fs";
import * as path from "node:path";
import type { Instance } from "../../machine/instance";
import { waitUntil } from "../../machine/process";

const root = "/sys/fs/cgroup";

/** Roots of the machine's control group hierarchies: one on version 2, one a controller on version 1. */
function hierarchies(): string[] {
    if (fs.existsSync(path.join(root, "cgroup.controllers"))) return [root];
    return fs
        .readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && fs.existsSync(path.join(root, entry.name, "cgroup.procs")))
        .map((entry) => path.join(root, entry.name));
}

/** The kubelet refuses to start below a parent that does not exist. */
export function createControlGroups(instance: Instance): void {
    for (const hierarchy of hierarchies())
        fs.mkdirSync(path.join(hierarchy, instance.controlGroup), { recursive: true });
}

function removeTree(folder: string): void {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
        if (entry.isDirectory()) removeTree(path.join(folder, entry.name));
    fs.rmdirSync(folder);
}

/** Removes the control groups, whose processes must have been killed; the kernel may release them with a delay. */
export async function removeControlGroups(instance: Instance): Promise<void> {
    const left = () =>
        hierarchies()
            .map((hierarchy) => path.join(hierarchy, instance.controlGroup))
            .filter((folder) => fs.existsSync(folder));
    await waitUntil(
        () => {
            left().forEach(removeTree);
            return Promise.resolve(left().length === 0);
        },
        `The removal of the control groups ${left().join(", ")}`,
        10,
        20,
    );
}
