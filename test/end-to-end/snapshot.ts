import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../../sandbox/machine/command";
import { inventory, type Inventory } from "../../sandbox/parts/cloud/inventory";
import { environment } from "../../sandbox/stacks/environment";
import type { Instance } from "../../sandbox/machine/instance";

/** Kinds that change without a release: heartbeats and events. */
const volatileKinds = new Set(["events", "events.events.k8s.io", "leases.coordination.k8s.io", "componentstatuses"]);

interface Listed {
    readonly items: readonly {
        readonly kind: string;
        metadata: { name: string; namespace?: string; resourceVersion?: string; managedFields?: unknown };
        status?: unknown;
    }[];
}

/** Every object of the API server, of every kind that it can list, with its version and its whole contents. */
async function clusterObjects(instance: Instance): Promise<Record<string, unknown>> {
    const kubectl = (...args: string[]) => run("kubectl", args, { environment: environment(instance) });
    const kinds = (await kubectl("api-resources", "--verbs=list", "--output=name")).trim().split("\n");
    const wanted = kinds.filter((kind) => !volatileKinds.has(kind));
    const { items } = JSON.parse(await kubectl("get", wanted.join(","), "-A", "--output=json")) as Listed;
    return Object.fromEntries(
        items.map((object) => {
            const { name, namespace = "" } = object.metadata;
            // The kubelet reports the node's health every few seconds, in its status.
            const { resourceVersion: _, managedFields: __, ...metadata } = object.metadata;
            const kept = object.kind === "Node" ? { ...object, metadata, status: undefined } : object;
            return [`${object.kind} ${namespace}/${name}`, kept];
        }),
    );
}

/** The emulated account, without access logs: reading a bucket is logged too. */
async function cloud(instance: Instance): Promise<Inventory> {
    const all = await inventory(instance);
    const buckets = Object.entries(all["s3.bucket"] ?? {}).map(([name, bucket]) => [
        name,
        name.startsWith("relaypacs-access-logs-") ? { ...(bucket as object), objects: undefined } : bucket,
    ]);
    return { ...all, "s3.bucket": Object.fromEntries(buckets) as Inventory[string] };
}

/** Everything that a release could change: the cluster, the emulated AWS and GitHub, to the byte. */
export interface Snapshot {
    readonly cluster: Readonly<Record<string, unknown>>;
    readonly aws: Inventory;
    /** SHA-256 of the emulator's whole store, which it writes after every change. */
    readonly github: string;
}

export async function snapshot(instance: Instance): Promise<Snapshot> {
    const store = fs.readFileSync(path.join(instance.root, "github", "state.json"));
    const [cluster, aws] = await Promise.all([clusterObjects(instance), cloud(instance)]);
    return { cluster, aws, github: createHash("sha256").update(store).digest("hex") };
}
