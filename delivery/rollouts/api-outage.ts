import type { World } from "./objects";
import type { Step } from "./outcome";
import { formatSeconds } from "../core/time";

/** Interruptions shorter than this are retried without a word: watches end all the time. */
const unnoticedSeconds = 3;

/** Says when the cluster's API is away and back, and ends following when that lasts. Never a success. */
export class OutageTeller {
    private toldSince: number | undefined;

    constructor(
        private readonly limitSeconds: number,
        private readonly what: string,
    ) {}

    tell({ now, outage }: World): Step {
        if (!outage) {
            if (this.toldSince === undefined) return { sentences: [] };
            const away = formatSeconds(Math.round((now - this.toldSince) / 1000));
            this.toldSince = undefined;
            return { sentences: [`The cluster's API answers again after ${away}.`] };
        }
        const seconds = (now - outage.since) / 1000;
        if (outage.permanent === true) {
            return {
                sentences: [],
                ending: { ok: false, problem: `${this.what} can't be followed: ${outage.problem}.`, failed: false },
            };
        }
        if (seconds >= this.limitSeconds) {
            const problem = `The cluster's API has not answered for ${formatSeconds(Math.round(seconds))} (${outage.problem}), so nothing is known about ${this.what}. The controller goes on without being watched; the same command picks up the watching.`;
            return { sentences: [], ending: { ok: false, problem, failed: false } };
        }
        if (this.toldSince !== undefined || seconds < unnoticedSeconds) return { sentences: [] };
        this.toldSince = outage.since;
        return {
            sentences: [
                `The cluster's API can't be read (${outage.problem}); trying again for ${formatSeconds(Math.round(this.limitSeconds))}. The rollout goes on without being watched.`,
            ],
        };
    }
}
