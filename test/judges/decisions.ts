/** A check of an outside judge that failed on a resource. */
export interface Failure {
    readonly check: string;
    readonly title: string;
    readonly resource: string;
}

/** What was decided about a check's failures, and why. */
export interface Decision {
    /** The judge's id of the check, such as `CKV_K8S_8`. */
    readonly check: string;
    /** Resources as the judge names them; `*` stands for any text. */
    readonly resources: readonly string[];
    readonly reason: string;
}

export interface Verdict {
    readonly decided: readonly { readonly decision: Decision; readonly failures: readonly Failure[] }[];
    /** Failures about which nothing was decided. */
    readonly undecided: readonly Failure[];
    /** A sentence for each decision, or resource of one, that applies to no failure any more. */
    readonly outdated: readonly string[];
}

/** Compares what judges found to what was decided. */
export function judge(failures: readonly Failure[], decisions: readonly Decision[]): Verdict {
    const applies = (decision: Decision, failure: Failure) =>
        decision.check === failure.check && decision.resources.some((one) => matchesGlob(failure.resource, one));
    return {
        decided: decisions.map((decision) => ({
            decision,
            failures: failures.filter((failure) => applies(decision, failure)),
        })),
        undecided: failures.filter((failure) => !decisions.some((decision) => applies(decision, failure))),
        outdated: decisions.flatMap(({ check, resources }) =>
            resources
                .filter(
                    (one) => !failures.some((failure) => failure.check === check && matchesGlob(failure.resource, one)),
                )
                .map((one) => `${check} no longer fails for ${one}: delete the decision.`),
        ),
    };
}

function matchesGlob(text: string, glob: string): boolean {
    const literal = glob.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${literal.join(".*")}$`).test(text);
}
