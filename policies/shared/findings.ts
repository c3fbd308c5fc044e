import { UnknownValueError } from "@pulumi/policy";
import type { ReportViolation } from "@pulumi/policy";

const longestShown = 160;

/** A given value as a message shows it. Never pass a secret here. */
export function show(value: unknown): string {
    if (value === undefined || value === null) return "not set";
    let text: string;
    try {
        text = JSON.stringify(value);
    } catch (error) {
        if (error instanceof UnknownValueError) return "not fully known yet";
        throw error;
    }
    return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

/**
 * Collects a policy's violations and formats their messages. In a preview some inputs are unknown, and reading one
 * throws. A policy that judges several things wraps each in `part`, so that an unknown value hides no violation
 * elsewhere. `settle` then rethrows the first error, and the engine reports that the policy could not judge everything.
 */
export class Findings<Settings> {
    private unknown: Error | undefined;

    constructor(
        readonly settings: Readonly<Settings>,
        private readonly report: ReportViolation,
    ) {}

    /** Reports a property whose value, or missing value, is not accepted. */
    deviates(property: string, given: unknown, accepted: string, urn?: string): void {
        this.refuse(`${property} is ${show(given)}; accepted: ${accepted}.`, urn);
    }

    /** Reports any other violation, as one sentence that says what is accepted. */
    refuse(sentence: string, urn?: string): void {
        this.report(sentence, urn);
    }

    /** Judges one part on its own. Returns the result of `judge`, or undefined after an unknown value. */
    part<Result>(judge: () => Result): Result | undefined {
        try {
            return judge();
        } catch (error) {
            if (!(error instanceof UnknownValueError)) throw error;
            this.unknown ??= error as Error;
            return undefined;
        }
    }

    /** Judges each of a list on its own; the list itself may be missing. */
    each<Item>(items: readonly Item[] | null | undefined, judge: (item: Item, index: number) => void): void {
        for (let index = 0; index < (items?.length ?? 0); index++) {
            this.part(() => {
                judge(items?.[index] as Item, index);
            });
        }
    }

    settle(): void {
        if (this.unknown) throw this.unknown;
    }
}
