import { z } from "zod";
import type { Change } from "./events";

/** `metadata.managedFields` of a Kubernetes object (server-side apply), as far as it is read. */
const managedFields = z.array(
    z.object({
        manager: z.string(),
        time: z.string().optional(),
        fieldsV1: z.record(z.string(), z.unknown()).optional(),
    }),
);

export interface Owner {
    readonly manager: string;
    /** When it last changed one of its fields (ISO 8601). */
    readonly time: string | undefined;
}

/**
 * Which field managers own a property of a live Kubernetes object, the latest first. An element of a list has an owner by
 * the key that tells it apart, such as its name.
 *
 * @param object the live object
 */
export function ownersOf(object: unknown, path: Change["path"]): Owner[] {
    const metadata = (object as { readonly metadata?: { readonly managedFields?: unknown } } | undefined)?.metadata;
    const read = managedFields.safeParse(metadata?.managedFields);
    if (!read.success) return [];
    return read.data
        .filter(({ fieldsV1 }) => fieldsV1 && owns(fieldsV1, object, path))
        .map(({ manager, time }) => ({ manager, time }))
        .sort((one, other) => (other.time ?? "").localeCompare(one.time ?? ""));
}

function owns(fields: unknown, value: unknown, [step, ...rest]: Change["path"]): boolean {
    if (typeof fields !== "object" || fields === null) return false;
    // A manager owns a list or a map as a whole, or a part of what is asked for.
    if (step === undefined || Object.keys(fields).length === 0) return true;
    const known = fields as Readonly<Record<string, unknown>>;
    const inner = (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[step];
    if (typeof step === "string") return Object.hasOwn(known, `f:${step}`) && owns(known[`f:${step}`], inner, rest);
    return Object.entries(known).some(([key, below]) => {
        if (!key.startsWith("k:")) return false;
        const named = JSON.parse(key.slice(2)) as Readonly<Record<string, unknown>>;
        const element = inner as Readonly<Record<string, unknown>> | undefined;
        return Object.entries(named).every(([name, text]) => element?.[name] === text) && owns(below, inner, rest);
    });
}
