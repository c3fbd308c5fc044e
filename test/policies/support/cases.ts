import * as proxy from "@pulumi/policy/proxy";

/** What the engine sends in a preview for a string that is not known yet. */
export const unknownValue = (proxy as unknown as { unknownStringValue: string }).unknownStringValue;

export type Properties = Record<string, unknown>;
export type Change = (properties: Properties) => void;

export interface CaseOptions {
    readonly settings?: object;
    /** The type of the resource, where a policy judges several. */
    readonly type?: string;
    readonly resourceName?: string;
    readonly stack?: string;
    /** Compliant inputs to start from, instead of the suite's. */
    readonly given?: object;
}

export interface Case extends CaseOptions {
    readonly kind: "accepts" | "refuses" | "unknown" | "remediates" | "leaves";
    readonly title: string;
    readonly change: Change;
    /** Exact messages, in order; for `unknown`, the path that is not known. */
    readonly messages: readonly string[];
    /** For `remediates`: the inputs that must come back. */
    readonly remedy?: Change;
}

/** Sets the value at a path (`spec.containers.0.image`), and creates what is missing on the way. */
export function set(path: string, value: unknown): Change {
    return (properties) => {
        const keys = path.split(".");
        const last = keys.pop()!;
        let holder = properties;
        for (const key of keys) holder = (holder[key] ??= {}) as Properties;
        holder[last] = structuredClone(value);
    };
}

/** Removes the values at the paths. */
export function unset(...paths: readonly string[]): Change {
    return (properties) => {
        for (const path of paths) {
            const keys = path.split(".");
            const last = keys.pop()!;
            const holder = keys.reduce<Properties | undefined>(
                (each, key) => each?.[key] as Properties | undefined,
                properties,
            );
            if (!holder || !(last in holder)) throw new Error(`the fixture has nothing at ${path}`);
            if (Array.isArray(holder)) holder.splice(Number(last), 1);
            else Reflect.deleteProperty(holder, last);
        }
    };
}

export function all(...changes: readonly Change[]): Change {
    return (properties) => {
        for (const change of changes) change(properties);
    };
}

/** Changes a JSON document that is in a property. */
export function inDocument(property: string, change: Change): Change {
    return (properties) => {
        const document = JSON.parse(properties[property] as string) as Properties;
        change(document);
        properties[property] = JSON.stringify(document);
    };
}

export const unchanged: Change = () => undefined;

export function accepts(title: string, change: Change, options: CaseOptions = {}): Case {
    return { kind: "accepts", title, change, messages: [], ...options };
}

export function refuses(title: string, change: Change, messages: string | string[], options: CaseOptions = {}): Case {
    return { kind: "refuses", title, change, messages: [messages].flat(), ...options };
}

/** The value at a path is not known in a preview, and the policy says so. It still reports `messages`. */
export function unknownAt(path: string, options: CaseOptions & { messages?: string[] } = {}): Case {
    const { messages = [], ...rest } = options;
    const change = set(path, unknownValue);
    return { kind: "unknown", title: `${path} is not known yet`, change, messages: [path, ...messages], ...rest };
}

/** Inputs that `change` breaks come back as `remedy` makes the compliant ones. */
export function remediates(title: string, change: Change, remedy: Change = unchanged, options: CaseOptions = {}): Case {
    return { kind: "remediates", title, change, remedy, messages: [], ...options };
}

/** Inputs that a remediation does not touch. */
export function leaves(title: string, change: Change, options: CaseOptions = {}): Case {
    return { kind: "leaves", title, change, messages: [], ...options };
}
