import type { Instance } from "./instance";

/** Receives one line about the current work, and where it is known the share of it that is done, from 0 to 1. */
export type Progress = (line: string, done?: number) => void;

export interface PartState {
    readonly running: boolean;
    /** An address, a version, or what is missing: one short line for `make status`. */
    readonly detail: string;
}

/** One part of the sandbox: a server or a set of them that can be started, queried and removed completely. */
export interface Part {
    readonly name: string;
    /** Starts the part and waits until it is ready. Returns quickly when it is ready already. Errors say what to do. */
    up(instance: Instance, progress: Progress): Promise<void>;
    state(instance: Instance): Promise<PartState>;
    /** Ends what `up` started, whatever its state, and removes what it left on the machine outside `instance.root`. */
    down(instance: Instance): Promise<void>;
    /** Variables that a shell needs to use this part with the ordinary clients. */
    environment(instance: Instance): Readonly<Record<string, string>>;
}

/** A failure that a person can act on: what is wrong, and its remedy. Shown without a stack trace. */
export class SandboxError extends Error {
    override readonly name = "SandboxError";
}
