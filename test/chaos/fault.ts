import * as assert from "node:assert/strict";
import type { Ground, Outcome } from "./ground";

/** What a row has seen. */
export interface Seen {
    /** One sentence. */
    readonly seen: string;
    /** Seconds from the end of the fault until everything was as it should be. */
    readonly recoverySeconds: number;
}

/** A fault that `make chaos` causes, and what is checked then. It rejects when the promise is not kept. */
export interface Caused {
    /**
     * `account`: the stack before its first release, with AWS, GitHub and the cluster's control plane behind faults.
     * `staging`: the whole sandbox, as `make up` brings it up.
     */
    readonly on: "account" | "staging";
    readonly run: (ground: Ground) => Promise<Seen>;
}

/** A fault that a test of `make test` causes already; `make chaos` runs that test. */
export interface Tested {
    readonly test: {
        readonly file: string;
        readonly title: string;
        /** What the test holds, in one sentence. */
        readonly holds: string;
    };
}

/** A fault that can't be caused in the sandbox. */
interface NotCaused {
    readonly cannot: {
        readonly reason: string;
        /** What stands in for it, or how it can be seen that it can't be caused. */
        readonly evidence: string;
    };
}

/** A row of the table: a fault, where it happens, and what the platform promises then. */
export type Row = Description & (Caused | Tested | NotCaused);

interface Description {
    /** Its name, as `make chaos FAULT=` takes it. */
    readonly name: string;
    /** What goes wrong. */
    readonly fault: string;
    readonly where: string;
    readonly promise: string;
}

/** Seconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
    const began = performance.now();
    await work();
    return (performance.now() - began) / 1000;
}

export function assertSucceeded({ exitCode, output }: Outcome): void {
    assert.equal(exitCode, 0, output);
}

/** The command failed, and its output says why, without a stack trace. */
export function assertFailedWith({ exitCode, output }: Outcome, sentence: RegExp): void {
    assert.notEqual(exitCode, 0, output);
    assert.match(output, sentence);
    assert.doesNotMatch(output, /^\s+at .*\.(ts|js):\d+/m, output);
}

/** One update repairs everything, without a person's help. @returns its seconds */
export async function oneUpdate(ground: Ground, ...flags: readonly string[]): Promise<number> {
    const seconds = await timed(async () => {
        assertSucceeded(await ground.up(flags));
    });
    await ground.assertConverged();
    return seconds;
}
