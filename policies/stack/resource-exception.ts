import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { letInBy } from "./let-in";

/** Tells in each preview and update what an exception lets in, and why. It refuses nothing. */
export const stackResourceException = resourcePolicy({
    name: "stack-resource-exception",
    description: "A resource that an exception lets in is named, with the reason and the last day, in each run.",
    enforcementLevel: "advisory",
    severity: "medium",
    ...nist("CM-3", "Configuration Change Control"),
    remediationSteps: "Take the resource away, or let the platform declare its type with a rule of its own.",
    types: "every",
    judge: (_given, findings, { type, urn }) => {
        const exception = letInBy(urn);
        if (exception === undefined) return;
        const { reason, until } = exception;
        findings.refuse(
            `${type} is let in until ${until} by an exception of stack-resource-type; its reason: ${reason}; ` +
                "accepted without one: a type that this platform declares.",
        );
    },
});
