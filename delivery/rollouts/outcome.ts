/** How a rollout ended well. */
export interface Outcome {
    readonly version: string;
    /** When blue goes, in milliseconds since 1970; absent where no blue is kept. */
    readonly idleUntil?: number;
    /** Whether nothing was under way when following began. */
    readonly unchanged: boolean;
}

/** How following ended. */
export type Ending =
    | ({ readonly ok: true } & Outcome)
    | {
          readonly ok: false;
          /** One sentence or two for a person, with the cause. */
          readonly problem: string;
          /** Whether the release itself failed, so that going back is the way out; else it is not known how it went on. */
          readonly failed: boolean;
      };

/** What one look has brought: sentences for people, and the end of following when it has come. */
export interface Step {
    readonly sentences: readonly string[];
    readonly ending?: Ending;
}
