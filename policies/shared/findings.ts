import { UnknownValueError } from "@pulumi/policy";
import type { ReportViolation } from "@pulumi/policy";
import { knownOf } from "./known";

const longestShown = 160;
const notKnown = "not fully known yet";

/** The known items of a list that is not fully known. */
function showKnown(list: readonly unknown[]): string {
    const shown = knownOf(list)
        .known.map(show)
        .filter((each) => each !== notKnown);
    return shown.length > 0 ? `[${shown.join(",")}] and what is not known yet` : notKnown;
}

/** A given value as a message shows it. Never pass a secret here. */
export function show(value: unknown): string {
    if (value === undefined || value === null) return "not set";
    let text: string;
    try {
        text = JSON.stringify(value);
    } catch (error) {
        if (!(error instanceof UnknownValueError)) throw error;
        return Array.isArray(value) ? showKnown(value as readonly unknown[]) : notKnown;
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

    /**
     * The items that pass a test. One that is not known is left out, and the engine reports that the policy could not
     * judge everything.
     */
    filter<Item>(items: readonly Item[] | null | undefined, test: (item: Item) => boolean): Item[] {
        const found: Item[] = [];
        this.each(items, (item) => {
            if (test(item)) found.push(item);
        });
        return found;
    }

    settle(): void {
        if (this.unknown) throw this.unknown;
    }
}
