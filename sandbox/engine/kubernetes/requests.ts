import type { Bag } from "./values";

/** What the stack's state keeps of one resource, and what the program says now. */
export interface ResourceRequest {
    readonly urn: string;
    readonly id: string;
    /** Outputs of the last update. */
    readonly state: Bag;
    /** Inputs of the last update, secrets wrapped. */
    readonly previous: Bag;
    /** The program's inputs, secrets wrapped. */
    readonly inputs: Bag;
    /** Seconds from the resource's `customTimeouts`, or 0. */
    readonly timeout: number;
    readonly preview: boolean;
    readonly ignoreChanges: readonly string[];
}

export interface ResourceResult {
    readonly id: string;
    readonly outputs: Bag;
}

export interface ReadResult extends ResourceResult {
    readonly inputs: Bag;
}

/** The object exists, but is not ready: the engine keeps it in the stack and waits again in the next update. */
export class NotReadyError extends Error {
    override readonly name = "NotReadyError";
    constructor(
        readonly result: ReadResult,
        readonly reasons: readonly string[],
    ) {
        super(`${result.id} exists but is not ready`);
    }
}
