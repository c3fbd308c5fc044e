import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { KubernetesObjectApi, type KubeConfig } from "@kubernetes/client-node";
import { oneLine, refusalOf } from "../../delivery/rollouts/wording";
import type { Tools } from "../shared/tools";
import { lookedAtIn, type Looked } from "./events";
import { addedTo, ownersOf } from "./owners";
import { sentencesOf } from "./sentences";

/** Reads a live object; undefined where there is none. */
export type ReadObject = (object: ObjectReference) => Promise<unknown>;

export interface ObjectReference {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * The values of secrets, which only roles that update may read. A version that somebody else has written is a rotation,
 * and `release status` says whether the store is ahead; what the cluster has of it can't be changed.
 */
const excluded = ["**aws:secretsmanager/secretVersion:SecretVersion::**", "**kubernetes:core/v1:Secret::**"];

/**
 * Has Pulumi compare what is there with the stack's state, and changes neither.
 *
 * @returns all resources that were compared
 * @throws Error when not everything could be compared
 */
export async function findDrift(stack: string, { run }: Pick<Tools, "run">): Promise<Looked[]> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "release-drift-"));
    const log = path.join(folder, "events");
    try {
        const { exitCode, output } = await run(
            "pulumi",
            [
                "refresh",
                ...["--preview-only", "--non-interactive", "--color", "never", "--stack", stack, "--event-log", log],
                ...excluded.flatMap((one) => ["--exclude", one]),
            ],
            // The first shows an option that is for programs. The second is for shells that confirm nothing: a preview
            // refuses to be confirmed.
            { PULUMI_DEBUG_COMMANDS: "true", PULUMI_SKIP_CONFIRMATIONS: "false" },
        );
        if (exitCode !== 0) {
            const problem = output.split("\n").filter((line) => /error:/.test(line));
            throw new Error(`Pulumi can't compare ${stack} with its state: ${oneLine(problem.join(" ") || output)}`);
        }
        return lookedAtIn(fs.readFileSync(log, "utf8"));
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}

/**
 * What differs, in sentences, each resource's in a list of its own: a field of a Kubernetes object with the manager that
 * owns it, and fields that others have added to one.
 */
export async function describeDrift(looked: readonly Looked[], read: ReadObject): Promise<string[][]> {
    const described: string[][] = [];
    for (const one of looked) {
        const object = one.type.startsWith("kubernetes:") && one.changes ? await read(referenceOf(one)) : undefined;
        const changes = one.changes?.map((change) => ({ ...change, owners: ownersOf(object, change.path) }));
        described.push(sentencesOf(one, changes, addedTo(object, one.inputs)));
    }
    return described.filter((sentences) => sentences.length > 0);
}

/** By the id of the provider for Kubernetes: `namespace/name`, or `name`. */
function referenceOf({ id, inputs }: Looked): ObjectReference {
    const [name = "", namespace] = id.split("/").reverse();
    const { apiVersion, kind } = inputs as unknown as ObjectReference;
    return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
}

/** Reads objects of a cluster. @throws Error, one sentence, where it does not give one out that exists */
export function objectReader(cluster: KubeConfig): ReadObject {
    const api = KubernetesObjectApi.makeApiClient(cluster);
    return async (object) => {
        try {
            return await api.read(object);
        } catch (error) {
            if ((error as { readonly code?: unknown }).code === 404) return undefined;
            const { kind, metadata } = object;
            throw new Error(`The cluster does not tell who owns ${kind} ${metadata.name}: ${refusalOf(error)}.`, {
                cause: error,
            });
        }
    };
}
