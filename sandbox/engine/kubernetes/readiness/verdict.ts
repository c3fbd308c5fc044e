import type { Bag } from "../values";

/** What a rule thinks of an object's state. */
export type Verdict =
    | { readonly state: "ready" }
    /** May still become ready; says what is missing. */
    | { readonly state: "waiting"; readonly message: string }
    /** Will not become ready by itself. */
    | { readonly state: "failed"; readonly reasons: readonly string[] };

export const ready: Verdict = { state: "ready" };

export const waiting = (message: string): Verdict => ({ state: "waiting", message });

export const failed = (...reasons: string[]): Verdict => ({ state: "failed", reasons });

/** Other objects that a rule looks at. */
export interface Query {
    readonly apiVersion: string;
    readonly kind: string;
    /** One object; without it, all that match. */
    readonly name?: string;
    readonly labelSelector?: string;
}

/** Answers to the queries, by their names; a missing object is an empty list. */
export type Related = Readonly<Record<string, readonly Bag[]>>;

/** When an object of one kind counts as ready. */
export interface Rule {
    /** Seconds after which "not yet" becomes an error. @default 600 */
    readonly timeoutSeconds?: number;
    /** In the object's namespace. */
    related?(object: Bag): Readonly<Record<string, Query>>;
    judge(object: Bag, related: Related): Verdict;
    /** Which pods explain why the object is not ready. */
    pods?(object: Bag, related: Related): readonly Bag[];
}
