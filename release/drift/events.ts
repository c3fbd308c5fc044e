import { z } from "zod";

/** What the engine writes of one resource into its log of events (Pulumi 3, `--event-log`), as far as it is read. */
const state = z.object({ id: z.string().optional(), inputs: z.record(z.string(), z.unknown()).nullish() });

const event = z.object({
    resOutputsEvent: z
        .object({
            metadata: z.object({
                op: z.string(),
                urn: z.string(),
                type: z.string(),
                old: state.nullish(),
                new: state.nullish(),
            }),
        })
        .optional(),
    summaryEvent: z.object({}).optional(),
});

/** One property that is not as the stack's state has it. */
export interface Change {
    /** From the resource's inputs inwards; an element of a list by its index. */
    readonly path: readonly (string | number)[];
    /** As the state has it; undefined where it has none. */
    readonly recorded: unknown;
    /** As it is now; undefined where it is gone. */
    readonly found: unknown;
}

/** A resource that a refresh has looked at. */
export interface Looked {
    readonly type: string;
    /** Its name in the stack. */
    readonly name: string;
    /** What the provider calls it, such as `relaypacs-prod/backend`. */
    readonly id: string;
    /** The inputs as the state has them. */
    readonly inputs: Readonly<Record<string, unknown>>;
    /** Undefined where the resource is gone; none where it is as the state has it. */
    readonly changes: readonly Change[] | undefined;
}

/**
 * What a refresh that changes nothing has looked at.
 *
 * @param log the engine's events, one JSON object a line
 * @throws Error when the log doesn't end as that of a whole refresh does
 */
export function lookedAtIn(log: string): Looked[] {
    const events = log
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => event.parse(JSON.parse(line)));
    if (!events.some(({ summaryEvent }) => summaryEvent)) throw new Error("The refresh has not looked at everything.");
    return events.flatMap(({ resOutputsEvent }): Looked[] => {
        if (!resOutputsEvent) return [];
        const { new: now, old, op, type, urn } = resOutputsEvent.metadata;
        if (!old || type.startsWith("pulumi:")) return [];
        const inputs = old.inputs ?? {};
        const resource = { type, name: urn.split("::").pop() ?? urn, id: old.id ?? "", inputs };
        if (op === "delete" || !now) return [{ ...resource, changes: undefined }];
        return [{ ...resource, changes: changesBetween(type, inputs, now.inputs ?? {}) }];
    });
}

/** Keys that the engine and the providers keep for themselves. */
const own = /^__/;

function changesBetween(type: string, recorded: unknown, found: unknown, path: Change["path"] = []): Change[] {
    if (isMap(recorded) && isMap(found))
        return [...new Set([...Object.keys(recorded), ...Object.keys(found)])]
            .filter((key) => !own.test(key))
            .flatMap((key) => changesBetween(type, recorded[key], found[key], [...path, key]));
    if (sameForProvider(type, path, recorded, found)) return [];
    const compared = type.startsWith("kubernetes:") || (Array.isArray(recorded) && recorded.every(isMap));
    if (compared && Array.isArray(recorded) && Array.isArray(found) && recorded.length === found.length)
        return recorded.flatMap((one: unknown, index) => changesBetween(type, one, found[index], [...path, index]));
    return same(recorded, found) ? [] : [{ path, recorded, found }];
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value);

/** Other forms that a provider gives the same value back in. */
function sameForProvider(type: string, path: Change["path"], recorded: unknown, found: unknown): boolean {
    // IAM keeps the address of an issuer without its scheme.
    if (type === "aws:iam/openIdConnectProvider:OpenIdConnectProvider" && path.join(".") === "url")
        return typeof recorded === "string" && recorded.replace(/^https:\/\//, "") === found;
    // Lists of AWS and GitHub, such as required checks, come in any order; in Kubernetes the order of arguments counts.
    if (type.startsWith("kubernetes:") || !Array.isArray(recorded) || !Array.isArray(found)) return false;
    const inOrder = (list: readonly unknown[]) => list.map((one) => JSON.stringify(sorted(one))).sort();
    return JSON.stringify(inOrder(recorded)) === JSON.stringify(inOrder(found));
}

/** Policies are JSON in a text: AWS gives them back with other blanks and another order of keys. */
function same(recorded: unknown, found: unknown): boolean {
    return JSON.stringify(sorted(recorded)) === JSON.stringify(sorted(found));
}

function sorted(value: unknown): unknown {
    if (typeof value === "string" && /^\s*[[{]/.test(value)) {
        try {
            return sorted(JSON.parse(value));
        } catch {
            return value;
        }
    }
    if (Array.isArray(value)) return value.map(sorted);
    if (!isMap(value)) return value;
    return Object.fromEntries(
        Object.keys(value)
            .sort()
            .map((key) => [key, sorted(value[key])]),
    );
}
