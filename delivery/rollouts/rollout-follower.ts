import { isDeepStrictEqual } from "node:util";
import { describeFailure, failureKind, isAbortedAtRest, type FailureKind, type Progress } from "./failure";
import { MeasurementTeller, undecided } from "./measurements";
import { versionOf, type Rollout, type World } from "./objects";
import type { Ending, Step } from "./outcome";
import { PodTeller, readyOf } from "./pods";
import { OutageTeller } from "./api-outage";
import { progressDueAt } from "./progress-deadline";
import { PauseTeller } from "./pause";
import { StallDetector } from "./stall-detector";
import { StepTeller } from "./steps";
import { idleUntil, isObserved, viewOf, type View } from "./rollout-view";
import { sentence, timeOfDay } from "./wording";

/** What is followed. */
export interface Subject {
    readonly namespace: string;
    readonly name: string;
    /** Oldest generation of the Rollout's specification that counts: what comes before is about an older release. */
    readonly generation?: number;
    /** Version that the pods must carry; another one means that someone changed the Rollout by hand. */
    readonly version?: string;
    /** Pods that the Rollout must ask for at least; 1 by default. Fewer mean that someone scaled it by hand. */
    readonly replicas?: number;
    /** Goes on with a newer release that replaces the followed one, instead of ending with an error. */
    readonly goOn?: boolean;
}

/** How long following waits before it ends or tells a failure, in seconds. */
export interface Limits {
    /** The cluster's API does not answer. */
    readonly outageSeconds: number;
    /** Nothing moves: the controller is away, or an undecided analysis holds the release. */
    readonly stallSeconds: number;
    /** How long an abort persists before it is told: its measurements may arrive later than it. */
    readonly abortSettleSeconds: number;
    /** How long another failure persists: Argo Rollouts leaves older ones in place for a moment when a release starts. */
    readonly failureSettleSeconds: number;
}

export const defaultLimits: Limits = {
    outageSeconds: 300,
    stallSeconds: 900,
    abortSettleSeconds: 2,
    failureSettleSeconds: 5,
};

/**
 * Turns what is seen of a rollout into sentences and, in the end, a verdict (specification, sections 6 and 7). No I/O
 * and no clock of its own: each look is an argument, so that recorded objects replay it. Looks may skip states; what
 * can still be known of them is told at the next one.
 */
export class RolloutFollower {
    private readonly limits: Limits;
    private readonly outage: OutageTeller;
    private readonly stalls: StallDetector;
    private state = freshRelease();

    constructor(
        private readonly subject: Subject,
        limits: Partial<Limits> = {},
    ) {
        this.limits = { ...defaultLimits, ...limits };
        this.outage = new OutageTeller(this.limits.outageSeconds, this.what);
        this.stalls = new StallDetector(this.limits.stallSeconds, this.what);
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
        if (replaced !== undefined) this.state = freshRelease();
        const before = [...outage.sentences, ...(replaced === undefined ? [] : [replaced])];
        const tooOld = (rollout.metadata.generation ?? 0) < (this.subject.generation ?? 0);
        if (tooOld || !isObserved(rollout)) {
            const stall = this.stalls.tellUnseen(rollout, world.now);
            return { ...stall, sentences: [...before, ...stall.sentences] };
        }
        this.state.rollout = rollout;
        const scaled = this.scaledDown(rollout);
        if (scaled !== undefined) return this.end(before, scaled);
        const step = this.look(viewOf(world.objects, rollout, world.now));
        return { ...step, sentences: [...before, ...step.sentences] };
    }

    private end(sentences: readonly string[], problem: string): Step {
        return { sentences, ending: { ok: false, problem, failed: false } };
    }

    private absence(): string {
        return this.state.rollout
            ? `The Rollout ${this.what} was deleted while it was followed.`
            : `There is no Rollout ${this.what}.`;
    }

    /** Why this is not the release that is followed, or undefined when it is. */
    private replacement(rollout: Rollout): string | undefined {
        const version = versionOf(rollout.spec.template);
        if (this.state.rollout && !isDeepStrictEqual(this.state.rollout.spec.template, rollout.spec.template)) {
            const was = versionOf(this.state.rollout.spec.template) ?? "The followed release";
            return `${was} of ${this.what} was replaced by ${version ?? "another release"} before it was complete.`;
        }
        const { version: wanted, generation } = this.subject;
        const counts = (rollout.metadata.generation ?? 0) >= (generation ?? 0);
        if (counts && wanted !== undefined && version !== undefined && version !== wanted) {
            return `${sentence(this.what)} was changed by hand: it asks for ${version} instead of ${wanted}. \`pulumi up --refresh\` brings ${wanted} back.`;
        }
        return undefined;
    }

    /** Why the Rollout asks for too few pods, or undefined: "0 of 0 pods are ready" is no success. */
    private scaledDown({ spec: { replicas = 1 } }: Rollout): string | undefined {
        const { replicas: wanted = 1 } = this.subject;
        if (replicas >= wanted) return undefined;
        const instead = this.subject.replicas === undefined ? "" : ` instead of ${String(wanted)}`;
        const nothing = replicas === 0 ? ", so nothing of it serves" : "";
        return `${sentence(this.what)} was scaled by hand: it asks for ${String(replicas)} pods${instead}${nothing}. \`pulumi up\` brings them back.`;
    }

    private look(view: View): Step {
        const first = !this.state.greeted;
        const { status } = view.rollout;
        const healthy = view.promoted && (status?.phase === "Healthy" || isAbortedAtRest(view));
        if (healthy && first) return { sentences: [this.success(view)], ending: this.outcome(view, true) };
        const sentences: string[] = [];
        if (first) {
            this.state.greeted = true;
            sentences.push(this.greeting(view));
        }
        const aborted = status?.abort === true && !view.promoted;
        const measurements = this.state.tellers.measurements.tell(view, first);
        sentences.push(...measurements.results);
        if (!aborted) {
            this.state.lastStep = view.step;
            this.state.progressDueAt = progressDueAt(view);
            sentences.push(...this.state.tellers.steps.tell(view, first), ...measurements.begun);
        }
        sentences.push(...this.tellTraffic(view), ...this.state.tellers.pods.tell(view));
        if (healthy) return { sentences: [...sentences, this.success(view)], ending: this.outcome(view, false) };
        const failure = this.failure(view);
        if (failure)
            return {
                sentences,
                ...(failure.problem !== undefined && { ending: { ok: false, problem: failure.problem, failed: true } }),
            };
        const pause = this.state.tellers.pauses.tell(view, undecided(view));
        const stall = this.stalls.tell(view);
        return { ...stall, sentences: [...sentences, ...pause, ...stall.sentences] };
    }

    private greeting({ green, blue, steps, step, promoted, rollout }: View): string {
        if (rollout.status?.abort === true && !promoted) return `Following ${this.what}: ${green.version} was aborted.`;
        if (promoted) return `Following ${this.what}: ${green.version} takes all traffic and is getting its pods.`;
        if (!blue) return `Following ${this.what}: first deployment, ${green.version}, without steps.`;
        const place = step > 0 && step < steps.length ? `, at step ${String(step + 1)} of ${String(steps.length)}` : "";
        return `Following ${this.what}: ${green.version} (green) replaces ${blue.version} (blue)${place}.`;
    }

    private tellTraffic({ rollout, green, blue }: View): string[] {
        const weights = rollout.status?.canary?.weights;
        if (!weights || !blue) return [];
        const [canary, stable] = [weights.canary.weight ?? 0, weights.stable.weight ?? 0];
        this.state.greatestWeight = Math.max(this.state.greatestWeight, canary);
        // Once green is stable, Argo calls its weight the stable one.
        const [toGreen, toBlue] = rollout.status.stableRS === green.hash ? [canary + stable, 0] : [canary, stable];
        const line = `Traffic: ${String(toGreen)} % to green (${green.version}), ${String(toBlue)} % to blue (${blue.version}).`;
        if (line === this.state.traffic) return [];
        this.state.traffic = line;
        return [line];
    }

    private success(view: View): string {
        const { green, blue } = view;
        const abort = isAbortedAtRest(view)
            ? " Someone has aborted it while no release was under way, which changed nothing; its phase Degraded ends with the next release."
            : "";
        const until = idleUntil(blue);
        const idle =
            blue && until !== undefined
                ? `; blue (${blue.version}) stays idle until ${timeOfDay(until)}, so going back until then is instant`
                : "";
        return `${sentence(this.what)} runs ${green.version} on ${readyOf(green)} pods, with all traffic${idle}.${abort}`;
    }

    private outcome({ green, blue }: View, unchanged: boolean): Ending {
        const until = idleUntil(blue);
        return { ok: true, version: green.version, unchanged, ...(until !== undefined && { idleUntil: until }) };
    }

    /** A failure that persists; without `problem` until it has done so for long enough. */
    private failure(view: View): { readonly problem?: string } | undefined {
        const kind = failureKind(view);
        if (kind === undefined) {
            this.state.failing = undefined;
            return undefined;
        }
        if (this.state.failing?.kind !== kind) this.state.failing = { kind, since: view.now };
        const settle = kind === "abort" ? this.limits.abortSettleSeconds : this.limits.failureSettleSeconds;
        if (view.now - this.state.failing.since < settle * 1000) return {};
        return { problem: describeFailure(kind, view, this.what, this.state) };
    }
}

/** What is remembered of the release that is followed. A newer release begins with a fresh one, as a whole. */
interface FollowedRelease extends Progress {
    readonly tellers: {
        readonly steps: StepTeller;
        readonly measurements: MeasurementTeller;
        readonly pods: PodTeller;
        readonly pauses: PauseTeller;
    };
    greeted: boolean;
    rollout: Rollout | undefined;
    failing: { readonly kind: FailureKind; readonly since: number } | undefined;
    /** The last sentence about traffic. */
    traffic: string;
}

const freshRelease = (): FollowedRelease => ({
    tellers: {
        steps: new StepTeller(),
        measurements: new MeasurementTeller(),
        pods: new PodTeller(),
        pauses: new PauseTeller(),
    },
    greeted: false,
    rollout: undefined,
    failing: undefined,
    progressDueAt: undefined,
    lastStep: 0,
    greatestWeight: 0,
    traffic: "",
});
