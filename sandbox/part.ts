import type { Instance } from "./instance";

/** Takes one line about what is happening now; `make up` shows it beside the elapsed time. */
export type Progress = (line: string) => void;

export interface PartState {
    readonly running: boolean;
    /** An address, a version, or what is missing: one short line for `make status`. */
    readonly detail: string;
}

/** One part of the sandbox: a server or a set of them that comes up, says how it is, and goes away without a trace. */
export interface Part {
    readonly name: string;
    /** Brings the part up and waits until it is ready. Does nothing, quickly, when it is. Errors are for people to act on. */
    up(instance: Instance, progress: Progress): Promise<void>;
    state(instance: Instance): Promise<PartState>;
    /** Ends what `up` started, in whatever state that is, and removes what it left on the machine outside `instance.root`. */
    down(instance: Instance): Promise<void>;
    /** Variables that a shell needs to use this part with the ordinary clients. */
    environment(instance: Instance): Readonly<Record<string, string>>;
}

/** A failure that a person can act on: what is wrong, and the way out. Shown without a stack trace. */
export class SandboxError extends Error {
    override readonly name = "SandboxError";
}
