import { z } from "zod";
import type { Change } from "./events";

/** `metadata.managedFields` of a Kubernetes object (server-side apply), as far as it is read. */
const managedFields = z.array(
    z.object({
        manager: z.string(),
        // The client makes dates of the times of kinds that it knows.
        time: z.union([z.string(), z.date().transform((date) => date.toISOString())]).optional(),
        subresource: z.string().optional(),
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

/** A field that somebody has added to an object beside what the stack declares. */
export interface Added {
    /** `spec.template.spec.containers[backend].env[LEVEL]`; an element of a list by what tells it apart. */
    readonly place: string;
    readonly owner: Owner;
}

/** Managers that write into objects by right: the stack itself, and the controllers of the cluster. */
const byRight =
    /^(?:pulumi|kube-controller-manager$|kube-apiserver$|rollouts-controller$|external-secrets|cert-manager)/;

/**
 * Fields of a live object that the stack does not declare and somebody else owns. Neither Pulumi nor an update looks at
 * them: with server-side apply, each manager has its own. Metadata and status are not looked at; controllers write there.
 *
 * @param object the live object
 * @param inputs what the stack declares
 */
export function addedTo(object: unknown, inputs: unknown): Added[] {
    const metadata = (object as { readonly metadata?: { readonly managedFields?: unknown } } | undefined)?.metadata;
    const read = managedFields.safeParse(metadata?.managedFields);
    if (!read.success) return [];
    return read.data
        .filter(({ manager, subresource }) => !byRight.test(manager) && subresource !== "status")
        .flatMap(({ fieldsV1 = {}, manager, time }) => {
            const { "f:metadata": _metadata, "f:status": _status, ...rest } = fieldsV1;
            return undeclared(rest, inputs, "").map((place) => ({ place, owner: { manager, time } }));
        });
}

/** The places of fields, in the form of `managedFields`, that a declaration does not have. */
function undeclared(fields: Readonly<Record<string, unknown>>, declared: unknown, place: string): string[] {
    return Object.entries(fields).flatMap(([key, below]): string[] => {
        if (key === ".") return [];
        const [inner, name] = key.startsWith("k:") ? elementOf(declared, key) : memberOf(declared, key);
        const where = key.startsWith("f:") ? `${place}${place === "" ? "" : "."}${name}` : `${place}[${name}]`;
        if (inner === undefined) return [where];
        return undeclared((below ?? {}) as Readonly<Record<string, unknown>>, inner, where);
    });
}

function memberOf(declared: unknown, key: string): readonly [unknown, string] {
    const name = key.slice(2);
    // A value of a list that is a set, such as a finalizer.
    if (key.startsWith("v:"))
        return [
            Array.isArray(declared) && declared.some((one) => JSON.stringify(one) === name) ? true : undefined,
            name,
        ];
    return [(declared as Readonly<Record<string, unknown>> | null | undefined)?.[name], name];
}

function elementOf(declared: unknown, key: string): readonly [unknown, string] {
    const keys = Object.entries(JSON.parse(key.slice(2)) as Readonly<Record<string, unknown>>);
    const matches = (one: unknown) =>
        keys.every(([name, value]) => {
            const own = (one as Readonly<Record<string, unknown>> | null)?.[name];
            // The API server fills in a port's protocol, which is among its keys.
            return own === value || (own === undefined && name === "protocol" && value === "TCP");
        });
    const found = Array.isArray(declared) ? (declared as readonly unknown[]).find(matches) : undefined;
    return [found, String(keys.find(([name]) => name === "name")?.[1] ?? keys[0]?.[1])];
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
