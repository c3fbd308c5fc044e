import { grantingTypes, judgeGrants } from "./granted-documents";
import type { GrantingArgs } from "./granted-documents";
import { hasWildcard } from "../shared/documents";
import { show } from "../shared/findings";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";

interface Settings {
    readonly allowedActions: readonly string[];
}

export const iamPolicyWildcardResources = resourcePolicy<GrantingArgs, Settings>({
    name: "iam-policy-wildcard-resources",
    description: "An action pattern is never allowed on every resource.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...securityHub("IAM.1", 'IAM policies should not allow full "*" administrative privileges'),
    remediationSteps:
        "Name the resources, or the actions. List a read-only pattern that knows no resources in this policy's setting " +
        "allowedActions.",
    configSchema: {
        properties: {
            allowedActions: {
                type: "array",
                items: { type: "string", pattern: "^[a-z0-9-]+:[A-Za-z*]+$" },
                uniqueItems: true,
                default: [],
                description: "Action patterns that are accepted on every resource",
            },
        },
    },
    types: grantingTypes,
    judge: (given, findings, { type }) => {
        const { allowedActions } = findings.settings;
        judgeGrants(given, findings, type, ({ actions, resources }, place) => {
            if (!resources.some(reachesEverything)) return;
            for (const action of actions.filter((each) => hasWildcard(each) && !allowedActions.includes(each))) {
                findings.refuse(
                    `${place} allows ${show(action)} on every resource; accepted: named resources, or actions by name.`,
                );
            }
        });
    },
});

/** `*`, or an ARN whose resource part is a wildcard alone. */
function reachesEverything(resource: string): boolean {
    return resource === "*" || /^arn:[^:]*:[^:]*:[^:]*:[^:]*:\*$/.test(resource);
}
