import { namespaceName } from "../../delivery/core/names";
import { checkpointOf } from "../../delivery/evidence/predicates";

export type Environment = keyof typeof checkpointOf;

export const environments = Object.keys(checkpointOf) as Environment[];

/** A Release that has passed its gates. */
export interface Admitted {
    readonly urn: string;
    readonly environment: Environment;
    /** Digest of each service's image. */
    readonly images: Readonly<Record<string, string>>;
}

/**
 * Releases that passed in this run, by stack. The engine has a resource judged before it changes it, in the order of
 * dependencies: what depends on the Release is judged after it, by the same process. So a workload is compared with the
 * Release while it can still be refused; a stack policy would see both only after the update has changed them.
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
    return environments.find((one) => namespace === namespaceName(one));
}
