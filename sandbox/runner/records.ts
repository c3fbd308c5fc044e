import type { Result, StepRecord } from "./job";

/** One job of a run, as it ended. A job that calls a workflow is one, too, beside the jobs that it called. */
export interface JobRecord {
    /** What GitHub shows: `staging / deploy`. */
    readonly name: string;
    readonly id: string;
    readonly result: Result;
    readonly outputs: Readonly<Record<string, string>>;
    readonly needs: readonly JobRecord[];
    /** The attempt in which it ran; after "re-run failed", that of one that was kept is an earlier one. */
    readonly attempt: number;
    readonly environment?: string;
    /** Why it did not run to its end, where that is not a step's failure. */
    readonly reason?: string;
    readonly steps: readonly StepRecord[];
    readonly summary: string;
    readonly seconds: number;
}

/** How a job ended, before it is known which attempt it was part of. */
export type Ended = Pick<JobRecord, "result"> & Partial<JobRecord>;

/** Everything before a job, which its status functions look at. */
export const ancestorsOf = (needs: readonly JobRecord[]): readonly JobRecord[] =>
    needs.flatMap((one) => [one, ...ancestorsOf(one.needs)]);

/** The result of several jobs: of a matrix, of a called workflow or of a run. */
export function together(results: readonly Result[]): Result {
    for (const one of ["failure", "cancelled"] as const) if (results.includes(one)) return one;
    return results.length === 0 || results.includes("success") ? "success" : "skipped";
}

/** What did not run itself: an action of another repository, or a service container. */
export interface Replaced {
    readonly does: string;
    readonly why: string;
    readonly times: number;
}

/** A job that waits in an environment for a reviewer. */
export interface PendingReview {
    readonly environment: string;
    readonly job: string;
}

export interface Decision {
    readonly approved: boolean;
    /** The login of the reviewer. */
    readonly by: string;
    readonly comment?: string;
}

/** A decision of a reviewer, about all jobs that waited in an environment. */
export interface Review extends Decision {
    readonly environment: string;
    readonly attempt: number;
}

/** What a person may do with a run that is under way. */
export interface ActiveRun {
    readonly id: number;
    /** The number of the present attempt. */
    readonly attempt: number;
    /** Approves or rejects all jobs that wait in an environment. */
    review(environment: string, decision: Decision): void;
    /** Cancels it, as a concurrency group does, too. */
    cancel(): void;
}
