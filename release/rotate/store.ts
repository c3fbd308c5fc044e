import { z } from "zod";
import { secretName } from "../../delivery/core/names";
import { askStore, describeSecret } from "../shared/secret-store";
import type { Tools } from "../shared/tools";

/** One version of an entry, without its value. */
export interface StoredVersion {
    readonly id: string;
    readonly stages: readonly string[];
    /** Milliseconds since 1970, of whole seconds. */
    readonly createdAt: number;
}

/** An entry of the secret store, without a value. */
export interface StoredEntry {
    readonly entry: string;
    /** The function that rotates it; undefined where it has no rotation. */
    readonly rotationFunction: string | undefined;
    readonly versions: readonly StoredVersion[];
}

/** The AWS command line writes a time as seconds since 1970 (version 1) or as RFC 3339 (version 2). */
const time = z.union([
    z.number().transform((seconds) => Math.floor(seconds) * 1000),
    z.iso.datetime({ offset: true }).transform((text) => Math.floor(Date.parse(text) / 1000) * 1000),
]);

const listed = z.object({
    Versions: z.array(
        z.object({ VersionId: z.string(), VersionStages: z.array(z.string()).default([]), CreatedDate: time }),
    ),
});
const begun = z.object({ VersionId: z.string() });

/** What the store says of an entry. It reads no value. */
export async function storedEntry(tools: Pick<Tools, "run">, stack: string, entry: string): Promise<StoredEntry> {
    const name = secretName(stack, entry);
    const { rotationFunction } = await describeSecret(tools, name);
    const { Versions } = await askStore(tools, "list-secret-version-ids", name, listed);
    return {
        entry,
        rotationFunction,
        versions: Versions.map(({ VersionId, VersionStages, CreatedDate }) => ({
            id: VersionId,
            stages: VersionStages,
            createdAt: CreatedDate,
        })),
    };
}

/** The version with a stage. */
export const versionAt = ({ versions }: StoredEntry, stage: string): StoredVersion | undefined =>
    versions.find(({ stages }) => stages.includes(stage));

/** What AWS Secrets Manager answers while a rotation of before is not complete: it then tries that one again by itself. */
const underWay = /previous rotation isn't complete/i;

/**
 * Asks for a rotation now (RotateSecret).
 *
 * @returns the version that it makes; undefined where an earlier rotation was not complete and is tried again
 */
export async function beginRotation(
    tools: Pick<Tools, "run">,
    stack: string,
    entry: string,
): Promise<string | undefined> {
    try {
        return (await askStore(tools, "rotate-secret", secretName(stack, entry), begun)).VersionId;
    } catch (error) {
        if (underWay.test((error as Error).message)) return undefined;
        throw error;
    }
}
