import type { Cluster, ApplyOptions } from "./cluster";
import { conflictSentence, foreign } from "./conflicts";
import type { ResourceType } from "./discovery";
import { ApiError, fieldConflicts } from "./errors";
import { describe, identityOf } from "./identity";
import { withIgnored } from "./ignored";
import { setIn, textIn, type Bag } from "./values";

/** Hears what happens: a state that passes, something that was done, or the server's warnings. */
export type Report = (text: string, kind?: "status" | "info" | "warning") => void;

const namespacePatience = 15_000;

/** Applies a new object. A namespace that is created beside it may come a little later. */
export async function applied(
    cluster: Cluster,
    type: ResourceType,
    manifest: Bag,
    options: ApplyOptions,
    report: Report,
): Promise<Bag> {
    const end = Date.now() + namespacePatience;
    for (;;) {
        try {
            const { object, warnings } = await cluster.apply(type, manifest, options);
            for (const warning of warnings) report(warning, "warning");
            return object;
        } catch (error) {
            const conflicts = fieldConflicts(error);
            if (conflicts.length > 0)
                throw new Error(conflictSentence(describe(identityOf(manifest)), conflicts), { cause: error });
            const mayCome = error instanceof ApiError && error.namespaceMissing && Date.now() < end && !options.dryRun;
            if (!mayCome) throw error;
            report(`waiting for the namespace ${textIn(manifest, "metadata", "namespace")}`);
            await cluster.pause(500);
        }
    }
}

/**
 * What the server would make of a new object; undefined when that cannot be asked: the namespace does not exist yet,
 * or this user may not ask. An object that `replaces` one of the same name is tried under another name where the old
 * one's fixed fields are in the way.
 */
export async function appliedPreview(
    cluster: Cluster,
    type: ResourceType,
    manifest: Bag,
    { manager, force }: Pick<ApplyOptions, "manager" | "force">,
    replaces: boolean,
    report: Report,
): Promise<Bag | undefined> {
    const options = { manager, force, dryRun: true };
    try {
        return await applied(cluster, type, manifest, options, report);
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.namespaceMissing || error.code === 403) return undefined;
        if (!replaces || !error.isImmutability) throw error;
        return previewRenamed(cluster, type, manifest, options);
    }
}

async function previewRenamed(
    cluster: Cluster,
    type: ResourceType,
    manifest: Bag,
    options: ApplyOptions,
): Promise<Bag | undefined> {
    const name = textIn(manifest, "metadata", "name");
    const other = setIn(manifest, ["metadata", "name"], `${name.slice(0, 50)}-preview`);
    try {
        const { object } = await cluster.apply(type, other, options);
        return setIn(object, ["metadata", "name"], name);
    } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 422) throw error;
        // The other name, or an address that the old object still holds, is what the server refuses here.
        const unrelated = /metadata\.name|already allocated|must be spec\.names/;
        if (unrelated.test(error.message)) return undefined;
        throw error;
    }
}

export interface UpdateOptions extends ApplyOptions {
    /** Revealed inputs of the last update. */
    readonly previous: Bag;
    readonly ignoreChanges: readonly string[];
    readonly report: Report;
}

/** Applies a change to an object of this stack: fields that drifted are taken back, fields of others are respected. */
export async function applyUpdate(
    cluster: Cluster,
    type: ResourceType,
    inputs: Bag,
    { previous, ignoreChanges, report, ...options }: UpdateOptions,
): Promise<Bag> {
    const { namespace, name } = identityOf(inputs);
    const live = ignoreChanges.length > 0 ? await cluster.get(type, namespace, name) : undefined;
    const manifest = live ? withIgnored(inputs, live, options.manager, ignoreChanges) : inputs;
    try {
        return await once(manifest, options);
    } catch (error) {
        const conflicts = fieldConflicts(error);
        if (conflicts.length === 0) throw error;
        const others = foreign(conflicts, previous);
        if (others.length > 0)
            throw new Error(conflictSentence(describe(identityOf(inputs)), others), { cause: error });
        const object = await once(manifest, { ...options, force: true });
        const taken = conflicts.map(({ field, manager }) => `${field.replace(/^\./, "")} (changed by ${manager})`);
        if (!options.dryRun) report(`took back ${taken.join(", ")}`, "info");
        return object;
    }

    async function once(body: Bag, how: ApplyOptions): Promise<Bag> {
        const { object, warnings } = await cluster.apply(type, body, how);
        for (const warning of warnings) report(warning, "warning");
        return object;
    }
}
