import { bagsIn, numberIn, textIn, type Bag } from "./values";

/** An answer of the API that is an error (`metav1.Status`). */
export class ApiError extends Error {
    override readonly name = "ApiError";
    constructor(
        readonly code: number,
        readonly status: Bag,
    ) {
        super(textIn(status, "message") || `the API answered with HTTP status ${code}`);
    }

    get reason(): string {
        return textIn(this.status, "reason");
    }

    get causes(): Bag[] {
        return bagsIn(this.status, "details", "causes");
    }

    /** Seconds that the server wants to be left alone, or 0. */
    get retryAfterSeconds(): number {
        return numberIn(this.status, "details", "retryAfterSeconds");
    }

    /** The namespace of a namespaced object does not exist. */
    get namespaceMissing(): boolean {
        return this.code === 404 && textIn(this.status, "details", "kind") === "namespaces";
    }

    get isImmutability(): boolean {
        return (
            this.code === 422 &&
            /immutable|may not change once set|updates to \w+ spec for fields other than/.test(this.message)
        );
    }
}

/** No answer came: the network, the name or the certificate is wrong, or no server listens. */
export class UnreachableError extends Error {
    override readonly name = "UnreachableError";
}

/** The engine asked to stop. */
export class CancelledError extends Error {
    override readonly name = "CancelledError";
    constructor() {
        super("the update was cancelled");
    }
}

/** The cluster does not know a kind. */
export class UnknownKindError extends Error {
    override readonly name = "UnknownKindError";
    constructor(apiVersion: string, kind: string) {
        super(
            `the cluster has no kind ${kind} in ${apiVersion}: check apiVersion and kind, or create its CustomResourceDefinition first`,
        );
    }
}

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 404;

export interface FieldConflict {
    readonly manager: string;
    /** As the API writes it: `.spec.template.spec.containers[name="web"].image`. */
    readonly field: string;
}

/** The fields that other managers hold, when that is what the API refuses an apply for. */
export function fieldConflicts(error: unknown): FieldConflict[] {
    if (!(error instanceof ApiError) || error.code !== 409) return [];
    return error.causes
        .filter((cause) => cause.reason === "FieldManagerConflict")
        .map((cause) => ({
            manager: /conflict with "([^"]*)"/.exec(textIn(cause, "message"))?.[1] ?? "another manager",
            field: textIn(cause, "field"),
        }));
}

/** One sentence for a person from an answer that refuses an object. */
export function explain(error: unknown): string {
    if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
    const causes = error.causes.map((cause) => `${textIn(cause, "field")}: ${textIn(cause, "message")}`);
    return error.code === 422 && causes.length > 1 ? `${error.message} (${causes.join("; ")})` : error.message;
}
