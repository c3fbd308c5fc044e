import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { Unwrap } from "@pulumi/pulumi";
import { refuseOutsiders } from "../shared/document-rules";
import { resourcePolicy } from "../shared/policy";
import { accounts } from "../shared/settings";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly accounts: readonly string[];
}

export const iamRoleTrustPrincipals = resourcePolicy<Unwrap<RoleArgs>, Settings>({
    name: "iam-role-trust-principals",
    description: "Only principals of known accounts, AWS services and identity providers may take a role.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("AC-3", "Access Enforcement"),
    remediationSteps: "Name the principal that takes the role; list another account in this policy's setting accounts.",
    configSchema: { properties: { accounts } },
    types: [aws.role],
    judge: ({ assumeRolePolicy }, findings) => {
        refuseOutsiders(findings, "assumeRolePolicy", assumeRolePolicy);
    },
});
