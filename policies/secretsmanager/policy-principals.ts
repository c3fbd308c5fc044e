import type { SecretArgs } from "@pulumi/aws/secretsmanager/secret";
import type { Unwrap } from "@pulumi/pulumi";
import { refuseOutsiders } from "../shared/document-rules";
import { resourcePolicy } from "../shared/policy";
import { accounts } from "../shared/settings";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly accounts: readonly string[];
}

export const secretsmanagerPolicyPrincipals = resourcePolicy<Unwrap<SecretArgs>, Settings>({
    name: "secretsmanager-policy-principals",
    description: "Only principals of known accounts reach a secret.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("AC-3", "Access Enforcement"),
    remediationSteps: "Name the roles that need the secret; list another account in this policy's setting accounts.",
    configSchema: { properties: { accounts } },
    types: [aws.secret, aws.secretPolicy],
    judge: ({ policy }, findings, { type }) => {
        // A secret without a policy of its own is closed; a SecretPolicy without one is a mistake.
        if (type === aws.secret && !policy) return;
        refuseOutsiders(findings, "policy", policy);
    },
});
