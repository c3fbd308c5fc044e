import { annotations } from "./identity";
import { isBag, isSecret, textIn, unknown, type Bag, type Json } from "./values";

/** What the engine says about names that the program leaves open (`pulumi:autonaming` in the stack's settings). */
export interface Autonaming {
    readonly mode: "propose" | "enforce" | "disable";
    readonly proposedName: string;
}

export interface NamingRequest {
    /** Inputs as the program gives them. */
    readonly inputs: Bag;
    /** Inputs of the last update; empty for a new resource. */
    readonly previous: Bag;
    readonly programName: string;
    readonly randomSeed: Uint8Array;
    readonly autonaming?: Autonaming | undefined;
}

/** An open name cannot be filled in, because the stack's settings forbid it. */
export class NamingError extends Error {}

/**
 * Inputs with `metadata.name` filled in: the previous generated name, else the program's name (or `generateName`)
 * with a random tail of eight hexadecimal digits, marked by the annotation `pulumi.com/autonamed`.
 */
export function named({ inputs, previous, programName, randomSeed, autonaming }: NamingRequest): Bag {
    const given = inputs.metadata ?? {};
    const metadata = isSecret(given) ? given.value : given;
    if (!isBag(metadata)) return inputs;
    if (metadata.name !== undefined && metadata.name !== "") {
        return { ...inputs, metadata: rewrap(given, marked(metadata, undefined)) };
    }
    const name = keptName(previous) ?? newName(metadata, programName, randomSeed, autonaming);
    return { ...inputs, metadata: rewrap(given, { ...marked(metadata, "true"), name }) };
}

const rewrap = (given: Json, metadata: Bag): Json => (isSecret(given) ? { ...given, value: metadata } : metadata);

function keptName(previous: Bag): string | undefined {
    const autonamed = textIn(previous, "metadata", "annotations", annotations.autonamed) === "true";
    return (autonamed && textIn(previous, "metadata", "name")) || undefined;
}

function newName(metadata: Bag, programName: string, seed: Uint8Array, autonaming: Autonaming | undefined): string {
    if (autonaming?.mode === "disable") {
        throw new NamingError("metadata.name is required, because automatic names are switched off for this stack");
    }
    if (autonaming?.mode === "enforce") return autonaming.proposedName;
    const tail = Buffer.from(seed).toString("hex").slice(0, 8);
    const prefix = typeof metadata.generateName === "string" ? metadata.generateName : undefined;
    if (prefix !== undefined) return `${prefix}${tail}`;
    return autonaming?.proposedName || `${programName}-${tail}`;
}

function marked(metadata: Bag, autonamed: "true" | undefined): Bag {
    const given = metadata.annotations;
    if (given === unknown || isSecret(given)) return metadata;
    const { [annotations.autonamed]: previous, ...others } = isBag(given) ? given : {};
    if (autonamed === undefined) return previous === undefined ? metadata : { ...metadata, annotations: others };
    return { ...metadata, annotations: { ...others, [annotations.autonamed]: autonamed } };
}

export const isAutonamed = (inputs: Bag): boolean =>
    textIn(inputs, "metadata", "annotations", annotations.autonamed) === "true";
