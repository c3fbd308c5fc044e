import * as os from "node:os";
import { Bar, inWords } from "./bar";
import { readDurations, recordDuration } from "./durations";
import { secondsLeft, secondsOf, type Advance, type Cost, type Timed } from "./estimate";
import { SandboxError, type Progress } from "./part";

/** A part of the work of a command. */
export interface Step {
    readonly title: string;
    /** Titles of the steps that must have succeeded before, all of them earlier in the list. @default none */
    readonly after?: readonly string[];
    /** Tells apart what the step has to do this time, such as "first update", for the record of how long it takes. */
    readonly variant?: string;
    /** What it takes where this machine has no record of it. @default a second of CPU time */
    readonly cost?: Cost;
    readonly run: (progress: Progress) => Promise<void>;
}

export interface StepOptions {
    /** Says before anything starts how long it will take, as "<heading>, which takes about …". @default nothing is said */
    readonly heading?: string;
    readonly output?: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
    /** Folder of the records. @default the toolchain's */
    readonly records?: string;
}

/** Steps that run one after the other. */
export const inTurn = (steps: readonly Step[]): Step[] =>
    steps.map((step, index) => ({ ...step, after: steps.slice(0, index).map(({ title }) => title) }));

const recordName = ({ title, variant }: Step) => (variant === undefined ? title : `${title}: ${variant}`);

const seconds = () => performance.now() / 1000;

/** Steps under way, and what is known about the rest. */
class Work {
    private readonly advances = new Map<string, Advance>();
    private readonly lines = new Map<string, string>();
    private readonly plan: readonly Timed[];
    private readonly began = seconds();
    private shown = 0;

    constructor(
        steps: readonly Step[],
        private readonly records: string | undefined,
    ) {
        const recorded = readDurations(records);
        this.plan = steps.map((step) => ({
            title: step.title,
            after: step.after ?? [],
            expected: recorded[recordName(step)] ?? secondsOf(step.cost ?? { cpu: 1 }, os.availableParallelism()),
        }));
    }

    left(): number {
        return secondsLeft(this.plan, this.advances, seconds());
    }

    /** Where the work stands; the share that is done never goes back. */
    stand() {
        const left = this.left();
        const elapsed = seconds() - this.began;
        this.shown = Math.max(this.shown, elapsed / Math.max(elapsed + left, 0.1));
        return { done: Math.min(this.shown, 0.99), left, text: [...this.lines.values()].join(" · ") };
    }

    async run(step: Step): Promise<void> {
        const started = seconds();
        this.advances.set(step.title, { started });
        this.lines.set(step.title, step.title);
        try {
            await step.run((line, done) => {
                this.advances.set(step.title, { started, ...(done === undefined ? {} : { done }) });
                this.lines.set(step.title, `${step.title} (${line})`);
            });
            recordDuration(recordName(step), seconds() - started, this.records);
        } finally {
            this.advances.set(step.title, { started, ended: seconds() });
            this.lines.delete(step.title);
        }
    }
}

/** Runs each step when those it waits for have succeeded, and returns what failed. */
async function runAll(steps: readonly Step[], run: (step: Step) => Promise<void>): Promise<unknown[]> {
    const failures: unknown[] = [];
    const outcomes = new Map<string, Promise<boolean>>();
    for (const step of steps) {
        const before = (step.after ?? []).map((title) => {
            const outcome = outcomes.get(title);
            if (outcome === undefined)
                throw new Error(`${step.title} waits for "${title}", which is no step before it`);
            return outcome;
        });
        const outcome = Promise.all(before).then(async (succeeded) => {
            if (succeeded.includes(false) || failures.length > 0) return false;
            try {
                await run(step);
                return true;
            } catch (error) {
                failures.push(error);
                return false;
            }
        });
        outcomes.set(step.title, outcome);
    }
    await Promise.all(outcomes.values());
    return failures;
}

/**
 * Runs steps, side by side where they do not wait for each other, and shows one bar over all of them. When one fails,
 * those under way are completed and no other begins; the error then names all failures.
 */
export async function runSteps(steps: readonly Step[], options: StepOptions = {}): Promise<void> {
    const output = options.output ?? process.stdout;
    const work = new Work(steps, options.records);
    if (options.heading !== undefined)
        output.write(`${options.heading}: about ${inWords(work.left())} on this machine\n`);
    const bar = new Bar(output, seconds);
    const timer = setInterval(() => {
        bar.show(work.stand());
    }, 250);
    let failures: unknown[];
    try {
        failures = await runAll(steps, (step) => work.run(step));
    } finally {
        clearInterval(timer);
        bar.clear();
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new SandboxError(failures.map((error) => (error as Error).message).join("\n\n"));
}
