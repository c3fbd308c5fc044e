import type { Exception } from "./exceptions";

/**
 * Exceptions by which resources of this run were let in, by URN. `stack-resource-type` judges first and remembers them;
 * `stack-resource-exception` tells people. The engine has one process judge a whole run.
 */
const exceptions = new Map<string, Exception>();

export function letIn(urn: string, exception: Exception): void {
    exceptions.set(urn, exception);
}

export function keepOut(urn: string): void {
    exceptions.delete(urn);
}

export function letInBy(urn: string): Exception | undefined {
    return exceptions.get(urn);
}
