import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { builtIn } from "../shared/types";
import { declaredTypes } from "./declared-types";
import { isOver, readExceptions } from "./exceptions";
import { keepOut, letIn } from "./let-in";

interface Settings {
    readonly exceptions: readonly unknown[];
}

/** Says where a person lets in a type, at the end of a sentence. */
const setting = 'the setting "exceptions" of stack-resource-type (type, reason, until)';

/**
 * The cure for what no rule knows: another provider, an older or newer version of a kind, a list, a patch, a chart. A
 * mistake in the exceptions is reported on the stack itself, which is judged in every run, and lets nothing in.
 */
export const stackResourceType = resourcePolicy<object, Settings>({
    name: "stack-resource-type",
    description:
        "A resource has a type that this platform declares, which rules judge, or one that a person has let in for a " +
        "time.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("CM-7(5)", "Least Functionality: Authorized Software - Allow-by-exception"),
    remediationSteps:
        "Use a type of policies/stack/declared-types.ts, or let the type in by an entry of this policy's setting " +
        "exceptions in the pack's configuration, with a reason and the last day on which it counts.",
    configSchema: {
        properties: {
            exceptions: {
                type: "array",
                items: { type: "object" },
                uniqueItems: true,
                default: [],
                description:
                    "Types that are let in for a time, each with type, reason (at least 10 characters) and until (the " +
                    "last day, at most 366 days ahead)",
            },
        },
    },
    types: "every",
    judge: (_given, findings, { type, urn }) => {
        keepOut(urn);
        if (declaredTypes.has(type) && type !== builtIn.stack) return;
        const now = Date.now();
        const { byType, mistakes } = readExceptions(findings.settings.exceptions, now);
        for (const mistake of mistakes) findings.refuse(mistake);
        if (type === builtIn.stack) return;
        const exception = byType.get(type);
        if (exception === undefined) {
            findings.refuse(
                `${type} is not a type that this platform declares; accepted: one of them, or an entry for it in ${setting}.`,
            );
        } else if (isOver(exception, now)) {
            findings.refuse(
                `${type} was let in until ${exception.until}, which is over; accepted: a later date in ${setting}.`,
            );
        } else if (mistakes.length === 0) letIn(urn, exception);
    },
});
