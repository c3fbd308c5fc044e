import { grantingTypes, judgeGrants } from "./granted-documents";
import type { GrantingArgs } from "./granted-documents";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";

export const iamPolicyInvertedElements = resourcePolicy<GrantingArgs>({
    name: "iam-policy-inverted-elements",
    description:
        "No statement allows everything except a list: such a permission grows with each service that AWS adds.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...nist("AC-6", "Least Privilege"),
    remediationSteps: "Use Action and Resource with Allow; NotAction and NotResource only with Deny.",
    types: grantingTypes,
    judge: (given, findings, { type }) => {
        judgeGrants(given, findings, type, ({ notActions, notResources }, place) => {
            if (notActions.length > 0) findings.refuse(`${place} allows by NotAction; accepted: Action.`);
            if (notResources.length > 0) findings.refuse(`${place} allows by NotResource; accepted: Resource.`);
        });
    },
});
