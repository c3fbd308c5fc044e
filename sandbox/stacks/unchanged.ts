import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot, type Instance } from "../machine/instance";
import { partStates } from "../parts";
import { get } from "../parts/cluster/api";
import { environment } from "./environment";
import { evidenceFolder, type Environment } from "./evidence/folders";
import { stateFile } from "./stack";

/** Folders and files that decide what an update does, and what the sandbox runs. */
const sources = [
    "index.ts",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "Pulumi.yaml",
    "components",
    "delivery",
    "policies",
    "program",
    "release",
    "sandbox",
    "settings",
];

/** What builds leave between the sources. */
const isBuilt = (file: string) => /(^|\/)(node_modules|build|__pycache__)(\/|$)/.test(file);

/** A file, or the files below a folder. */
function filesBelow(place: string): string[] {
    if (fs.statSync(place).isFile()) return [place];
    return fs
        .readdirSync(place, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .filter((file) => !isBuilt(path.relative(projectRoot, file)))
        .sort();
}

const markerFile = (instance: Instance, stack: string) => path.join(instance.root, `updated-${stack}.json`);

/** Variables of the shell that reach the program. */
const isSetting = (name: string) => /^(RELAYPACS|PULUMI|AWS|GITHUB)_/.test(name);

/**
 * Digest of all that decides whether an update would change anything: sources, settings, release, evidence, the stack's
 * state, and which processes the sandbox consists of, since the emulated AWS forgets everything when its process ends.
 */
function fingerprint(instance: Instance, stack: Environment): string {
    const hash = createHash("sha256");
    const project = [...sources, `Pulumi.${stack}.yaml`].map((name) => path.join(projectRoot, name));
    const own = [evidenceFolder(instance, stack), instance.run, stateFile(instance, stack)];
    for (const file of [...project, ...own].flatMap(filesBelow)) hash.update(`${file}\0`).update(fs.readFileSync(file));
    const shell = Object.entries(process.env).filter(([name]) => isSetting(name));
    hash.update(JSON.stringify([Object.entries(environment(instance)), shell.sort()]));
    return hash.digest("hex");
}

interface Workload {
    readonly kind: string;
    readonly metadata: { readonly namespace: string; readonly name: string; readonly generation: number };
    readonly spec: { readonly replicas?: number };
    readonly status: { readonly observedGeneration?: number | string; readonly availableReplicas?: number };
}

const nameOf = ({ metadata }: Workload) => `${metadata.namespace}/${metadata.name}`;

/** What runs in the cluster, as the API server knows it. */
export async function workloads(instance: Instance): Promise<Workload[]> {
    const kinds = ["apis/apps/v1/deployments", "apis/argoproj.io/v1alpha1/rollouts"];
    const lists = await Promise.all(
        kinds.map(async (kind) => {
            const list = JSON.parse(await get(instance, `${instance.kubernetesApi}/${kind}`)) as {
                readonly items: readonly Workload[];
            };
            return list.items;
        }),
    );
    return lists.flat();
}

interface Marker {
    readonly fingerprint: string;
    readonly at: string;
    /** The generation of each workload, which every change of its specification raises. */
    readonly generations: Readonly<Record<string, number>>;
}

/** An update that nothing has changed since, in the project or in the sandbox. */
export type LastUpdate = Pick<Marker, "at" | "generations">;

/** Records that an update has succeeded, what it was made from, and what runs since. */
export function markUpdated(instance: Instance, stack: Environment, running: readonly Workload[]): void {
    const marker: Marker = {
        fingerprint: fingerprint(instance, stack),
        at: new Date().toISOString(),
        generations: Object.fromEntries(running.map((one) => [nameOf(one), one.metadata.generation])),
    };
    fs.writeFileSync(markerFile(instance, stack), JSON.stringify(marker));
}

/** The last update, if nothing has changed since that another update would act on. */
export function unchangedSince(instance: Instance, stack: Environment): LastUpdate | undefined {
    try {
        const { fingerprint: made, ...last } = JSON.parse(
            fs.readFileSync(markerFile(instance, stack), "utf8"),
        ) as Marker;
        return made === fingerprint(instance, stack) ? last : undefined;
    } catch {
        // Something that belongs to a sandbox with this stack is missing.
        return undefined;
    }
}

/** What is wrong with the workloads, compared with those of the last update, in a few words each. */
export function faults(running: readonly Workload[], { generations }: LastUpdate): string[] {
    const gone = Object.keys(generations).filter((name) => !running.some((one) => nameOf(one) === name));
    const wrong = running.flatMap((one) => {
        const { metadata, spec, status } = one;
        if (generations[nameOf(one)] !== metadata.generation) return [`${nameOf(one)} has changed since`];
        const seen = Number(status.observedGeneration) === metadata.generation;
        return seen && (status.availableReplicas ?? 0) >= (spec.replicas ?? 1)
            ? []
            : [`${nameOf(one)} has too few available pods`];
    });
    return [...gone.map((name) => `${name} is gone`), ...wrong];
}

/** Asks every server whether it runs, and the cluster for its workloads. Returns what is wrong; nothing if all is well. */
export async function whatIsWrong(instance: Instance, last: LastUpdate): Promise<string[]> {
    const down = (await partStates(instance))
        .filter(({ running }) => !running)
        .map(({ name, detail }) => `${name}: ${detail}`);
    return down.length > 0 ? down : faults(await workloads(instance), last);
}
