import type { Comparison } from "./statistics";
import type { Case, Outcome } from "./workload";

/** Outcomes of one task at several numbers of services, with and without the pack. */
export class Series {
    private readonly outcomes: { readonly of: Case; readonly outcome: Outcome }[] = [];

    add(of: Case, outcome: Outcome): void {
        this.outcomes.push({ of, outcome });
    }

    /** @throws Error when runs of the same task had different numbers of resources, so that they cannot be compared */
    comparisons(): Comparison[] {
        const sizes = [...new Set(this.outcomes.map(({ of }) => of.services))].sort((a, b) => a - b);
        return sizes.map((services) => {
            const same = this.outcomes.filter(({ of }) => of.services === services);
            const [first] = same;
            if (!first) throw new Error(`Nothing was measured with ${services} services`);
            const { resources, changes } = first.outcome;
            for (const { outcome } of same)
                if (outcome.resources !== resources || outcome.changes !== changes)
                    throw new Error(
                        `Runs with ${services} services differ: ${changes} changes in ${resources} resources, and ` +
                            `${outcome.changes} in ${outcome.resources}`,
                    );
            const costs = (pack: boolean) => same.filter(({ of }) => of.pack === pack).map(({ outcome }) => outcome);
            return { services, resources, changes, without: costs(false), with: costs(true) };
        });
    }
}
