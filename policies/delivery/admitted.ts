import type { checkpointOf } from "../../release/evidence/predicates";

export type Environment = keyof typeof checkpointOf;

/** A Release that has passed its gates. */
export interface Admitted {
    readonly urn: string;
    readonly environment: Environment;
    /** Digest of each service's image. */
    readonly images: Readonly<Record<string, string>>;
}

/**
 * Releases that passed in this run, by stack. The engine judges a resource before it touches it, and in the order of
 * dependencies: what depends on the Release is judged after it, by the same process. So what runs an image can be held
 * against the Release while there is time to refuse it; a stack policy would see both only when all has changed.
 */
const admitted = new Map<string, Admitted>();

export function admit(stack: string, release: Admitted): void {
    admitted.set(stack, release);
}

export function forget(stack: string): void {
    admitted.delete(stack);
}

export function admittedIn(stack: string): Admitted | undefined {
    return admitted.get(stack);
}

/** The environment whose namespace it is; undefined for every other namespace. */
export function environmentOf(namespace: unknown): Environment | undefined {
    if (namespace === "relaypacs-staging") return "staging";
    return namespace === "relaypacs-prod" ? "prod" : undefined;
}
