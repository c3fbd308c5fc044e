import { grantingTypes, judgeGrants } from "./granted-documents";
import type { GrantingArgs } from "./granted-documents";
import { show } from "../shared/findings";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";

export const iamPolicyWildcardActions = resourcePolicy<GrantingArgs>({
    name: "iam-policy-wildcard-actions",
    description: "No statement allows every action, or every action of a service.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...securityHub(
        "IAM.21",
        "IAM customer managed policies that you create should not allow wildcard actions for services",
    ),
    remediationSteps: "List the actions that are needed.",
    types: grantingTypes,
    judge: (given, findings, { type }) => {
        judgeGrants(given, findings, type, ({ actions }, place) => {
            for (const action of actions.filter((each) => /^(\*|[^:]*\*[^:]*:.*|[^:]+:\*)$/.test(each))) {
                findings.refuse(`${place} allows ${show(action)}; accepted: the actions that are needed, by name.`);
            }
        });
    },
});
