import { isDeepStrictEqual } from "node:util";
import { failureOf, MeasurementTeller, undecided } from "./measurements";
import { milliseconds, versionOf, type Condition, type Rollout, type World } from "./objects";
import { podFailure, PodTeller, readyOf } from "./pods";
import { OutageTeller } from "./outage";
import { isOverdue, progressDueAt } from "./overdue";
import { PauseTeller } from "./pause";
import { Stillness } from "./stillness";
import { StepTeller } from "./steps";
import { idleUntil, isObserved, viewOf, type View } from "./view";
import { duration, oneLine, sentence, timeOfDay } from "./words";

/** What is followed. */
export interface Subject {
    readonly namespace: string;
    readonly name: string;
    /** Oldest generation of the Rollout's specification that counts: what comes before is about an older release. */
    readonly generation?: number;
    /** Version that the pods must carry; another one means that someone changed the Rollout by hand. */
    readonly version?: string;
    /** Goes on with a newer release that replaces the followed one, instead of ending with an error. */
    readonly goOn?: boolean;
}

/** How long following waits, in seconds. */
export interface Limits {
    /** The cluster's API does not answer. */
    readonly outageSeconds: number;
    /** Nothing moves: the controller is away, or an undecided analysis holds the release. */
    readonly stillSeconds: number;
    /** An abort stands, before it is told: its measurements may arrive later than it. */
    readonly abortSettleSeconds: number;
    /** A failure that is no abort stands: Argo Rollouts leaves older ones in place for a moment when a release starts. */
    readonly failureSettleSeconds: number;
}

export const defaultLimits: Limits = {
    outageSeconds: 300,
    stillSeconds: 900,
    abortSettleSeconds: 2,
    failureSettleSeconds: 5,
};

/** How a rollout ended well. */
export interface Outcome {
    readonly version: string;
    /** When blue goes, in milliseconds since 1970; absent where no blue is kept. */
    readonly idleUntil?: number;
    /** Whether nothing was under way when following began. */
    readonly unchanged: boolean;
}

export type Ending =
    | ({ readonly ok: true } & Outcome)
    | {
          readonly ok: false;
          /** One sentence or two for a person, with the cause. */
          readonly problem: string;
          /** Whether the release itself failed, so that going back is the way out; else it is not known how it went on. */
          readonly failed: boolean;
      };

export interface Step {
    readonly sentences: readonly string[];
    readonly ending?: Ending;
}

/**
 * Turns what is seen of a rollout into sentences and, in the end, a verdict (specification, sections 6 and 7). No I/O
 * and no clock of its own: each look is an argument, so that recorded objects replay it. Looks may skip states; what
 * can still be known of them is told at the next one.
 */
export class Follower {
    private readonly limits: Limits;
    private readonly outage: OutageTeller;
    private readonly stillness: Stillness;
    private tellers = freshTellers();
    private greeted: string | undefined;
    private followed: Rollout | undefined;
    private failing: { readonly kind: string; readonly since: number } | undefined;
    /** When green's progress was due, at the last look before an abort. */
    private due: number | undefined;
    private lastStep = 0;
    private sentWeight = 0;
    private weights = "";

    constructor(
        private readonly subject: Subject,
        limits: Partial<Limits> = {},
    ) {
        this.limits = { ...defaultLimits, ...limits };
        this.outage = new OutageTeller(this.limits.outageSeconds, this.what);
        this.stillness = new Stillness(this.limits.stillSeconds, this.what);
    }

    private get what(): string {
        return `${this.subject.name} in ${this.subject.namespace}`;
    }

    observe(world: World): Step {
        const outage = this.outage.tell(world);
        if (outage.ending || !world.objects) return outage;
        const { rollout } = world.objects;
        if (!rollout) return this.end(outage.sentences, this.absence());
        const replaced = this.replacement(rollout);
        if (replaced !== undefined && this.subject.goOn !== true) return this.end(outage.sentences, replaced);
        if (replaced !== undefined) this.restart();
        const before = [...outage.sentences, ...(replaced === undefined ? [] : [replaced])];
        const tooOld = (rollout.metadata.generation ?? 0) < (this.subject.generation ?? 0);
        if (tooOld || !isObserved(rollout)) {
            const still = this.stillness.tellUnseen(rollout, world.now);
            return { ...still, sentences: [...before, ...still.sentences] };
        }
        this.followed = rollout;
        const step = this.look(viewOf(world.objects, rollout, world.now));
        return { ...step, sentences: [...before, ...step.sentences] };
    }

    private end(sentences: readonly string[], problem: string): Step {
        return { sentences, ending: { ok: false, problem, failed: false } };
    }

    private restart(): void {
        this.tellers = freshTellers();
        this.greeted = undefined;
        this.followed = undefined;
        this.failing = undefined;
        this.due = undefined;
        this.sentWeight = 0;
    }

    private absence(): string {
        return this.followed
            ? `The Rollout ${this.what} was deleted while it was followed.`
            : `There is no Rollout ${this.what}.`;
    }

    /** Why this is not the release that is followed, or undefined when it is. */
    private replacement(rollout: Rollout): string | undefined {
        const version = versionOf(rollout.spec.template);
        if (this.followed && !isDeepStrictEqual(this.followed.spec.template, rollout.spec.template)) {
            const was = versionOf(this.followed.spec.template) ?? "The followed release";
            return `${was} of ${this.what} was replaced by ${version ?? "another release"} before it was through.`;
        }
        const { version: wanted, generation } = this.subject;
        const counts = (rollout.metadata.generation ?? 0) >= (generation ?? 0);
        if (counts && wanted !== undefined && version !== undefined && version !== wanted) {
            return `${sentence(this.what)} was changed by hand: it asks for ${version} instead of ${wanted}. \`pulumi up --refresh\` brings ${wanted} back.`;
        }
        return undefined;
    }

    private look(view: View): Step {
        const first = this.greeted === undefined;
        const { status } = view.rollout;
        const healthy = status?.phase === "Healthy" && view.promoted && status.abort !== true;
        if (healthy && first) return { sentences: [this.success(view)], ending: this.outcome(view, true) };
        const sentences: string[] = [];
        if (first) {
            this.greeted = this.greeting(view);
            sentences.push(this.greeted);
        }
        const aborted = status?.abort === true;
        const measurements = this.tellers.measurements.tell(view, first);
        sentences.push(...measurements.results);
        if (!aborted) {
            this.lastStep = view.step;
            this.due = progressDueAt(view);
            sentences.push(...this.tellers.steps.tell(view, first), ...measurements.begun);
        }
        sentences.push(...this.tellTraffic(view), ...this.tellers.pods.tell(view));
        if (healthy) return { sentences: [...sentences, this.success(view)], ending: this.outcome(view, false) };
        const failure = this.failure(view);
        if (failure)
            return {
                sentences,
                ...(failure.problem !== undefined && { ending: { ok: false, problem: failure.problem, failed: true } }),
            };
        const pause = this.tellers.pauses.tell(view, undecided(view));
        const still = this.stillness.tell(view);
        return { ...still, sentences: [...sentences, ...pause, ...still.sentences] };
    }

    private greeting({ green, blue, steps, step, promoted, rollout }: View): string {
        if (rollout.status?.abort === true) return `Following ${this.what}: ${green.version} was aborted.`;
        if (promoted) return `Following ${this.what}: ${green.version} takes all traffic and is getting its pods.`;
        if (!blue) return `Following ${this.what}: first deployment, ${green.version}, without steps.`;
        const place = step > 0 && step < steps.length ? `, at step ${String(step + 1)} of ${String(steps.length)}` : "";
        return `Following ${this.what}: ${green.version} (green) replaces ${blue.version} (blue)${place}.`;
    }

    private tellTraffic({ rollout, green, blue }: View): string[] {
        const weights = rollout.status?.canary?.weights;
        if (!weights || !blue) return [];
        const [canary, stable] = [weights.canary.weight ?? 0, weights.stable.weight ?? 0];
        this.sentWeight = Math.max(this.sentWeight, canary);
        // Once green is stable, Argo calls its weight the stable one.
        const [toGreen, toBlue] = rollout.status.stableRS === green.hash ? [canary + stable, 0] : [canary, stable];
        const line = `Traffic: ${String(toGreen)} % to green (${green.version}), ${String(toBlue)} % to blue (${blue.version}).`;
        if (line === this.weights) return [];
        this.weights = line;
        return [line];
    }

    private success({ green, blue }: View): string {
        const until = idleUntil(blue);
        const idle =
            blue && until !== undefined
                ? `; blue (${blue.version}) stays idle until ${timeOfDay(until)}, so going back until then is instant`
                : "";
        return `${sentence(this.what)} runs ${green.version} on ${readyOf(green)} pods, with all traffic${idle}.`;
    }

    private outcome({ green, blue }: View, unchanged: boolean): Ending {
        const until = idleUntil(blue);
        return { ok: true, version: green.version, unchanged, ...(until !== undefined && { idleUntil: until }) };
    }

    /** A failure that stands; without `problem` until it has stood long enough. */
    private failure(view: View): { readonly problem?: string } | undefined {
        const { status } = view.rollout;
        const degraded = degradation(status?.conditions ?? []);
        const kind =
            status?.abort === true
                ? "abort"
                : status?.phase === "Degraded"
                  ? degraded?.kind
                  : isOverdue(view)
                    ? "deadline"
                    : undefined;
        if (kind === undefined) {
            this.failing = undefined;
            return undefined;
        }
        if (this.failing?.kind !== kind) this.failing = { kind, since: view.now };
        const settle = kind === "abort" ? this.limits.abortSettleSeconds : this.limits.failureSettleSeconds;
        if (view.now - this.failing.since < settle * 1000) return {};
        if (kind === "abort") return { problem: this.abort(view) };
        const pod = podFailure(view);
        return {
            problem:
                kind === "deadline"
                    ? `${view.green.version} of ${this.what} made no progress for ${this.deadline(view)}${pod === undefined ? "" : `: ${pod}`}.`
                    : `The Rollout ${this.what} is refused by its controller: ${oneLine(degraded?.message ?? "no message")}.`,
        };
    }

    private deadline({ rollout }: View): string {
        return duration(rollout.spec.progressDeadlineSeconds ?? 600);
    }

    private abort(view: View): string {
        const { green, blue, steps, rollout } = view;
        const failure = failureOf(view);
        const message = rollout.status?.message ?? "";
        // Argo Rollouts keeps no reason of an abort by the deadline.
        const abortedAt = milliseconds(rollout.status?.abortedAt) ?? view.now;
        const timedOut = /timed out progressing/.test(message) || (this.due !== undefined && abortedAt >= this.due);
        const pod = podFailure(view);
        const reason =
            failure?.clause ??
            (timedOut
                ? `green made no progress for ${this.deadline(view)}${pod === undefined ? "" : `: ${pod}`}`
                : oneLine(message.replace(/^(RolloutAborted: )?(Rollout aborted update to revision \d+(: )?)?/, "")) ||
                  "no analysis has failed, so someone aborted it, or it made no progress in time");
        const at = failure?.step ?? this.lastStep;
        const where =
            at > 0 || failure?.step !== undefined ? ` at step ${String(at + 1)} of ${String(steps.length)}` : "";
        const before = steps.slice(0, at);
        const untouched =
            failure?.step !== undefined && this.sentWeight === 0 && !before.some((step) => (step.setWeight ?? 0) > 0);
        const canary = rollout.status?.canary?.weights?.canary.weight ?? 0;
        const traffic = untouched
            ? "green never got a request"
            : canary === 0 && blue
              ? `all traffic is back on ${blue.version}`
              : "traffic is going back";
        return `${green.version} of ${this.what} was aborted${where}, ${traffic}: ${reason}.`;
    }
}

function freshTellers() {
    return {
        steps: new StepTeller(),
        measurements: new MeasurementTeller(),
        pods: new PodTeller(),
        pauses: new PauseTeller(),
    };
}

/** What is wrong besides an abort. The reason RolloutAborted alone is what an older release left behind. */
function degradation(conditions: readonly Condition[]): { kind: "deadline" | "refused"; message?: string } | undefined {
    for (const { type, status, reason, message } of conditions) {
        const more = message === undefined ? {} : { message };
        if (type === "InvalidSpec" && status === "True") return { kind: "refused", ...more };
        if (type === "Progressing" && reason === "ProgressDeadlineExceeded") return { kind: "deadline", ...more };
    }
    return undefined;
}
