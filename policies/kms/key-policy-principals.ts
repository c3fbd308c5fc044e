import type { KeyArgs } from "@pulumi/aws/kms/key";
import type { Unwrap } from "@pulumi/pulumi";
import { refuseOutsiders } from "../shared/document-rules";
import { resourcePolicy } from "../shared/policy";
import { accounts } from "../shared/settings";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly accounts: readonly string[];
}

export const kmsKeyPolicyPrincipals = resourcePolicy<Unwrap<KeyArgs>, Settings>({
    name: "kms-key-policy-principals",
    description: "Only principals of known accounts may use a key.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...securityHub("KMS.5", "KMS keys should not be publicly accessible"),
    remediationSteps: "Name the roles that use the key; list another account in this policy's setting accounts.",
    configSchema: { properties: { accounts } },
    types: [aws.key, aws.keyPolicy],
    judge: ({ policy }, findings, { type }) => {
        // Without a policy of its own a key trusts its account alone.
        if (type === aws.key && !policy) return;
        refuseOutsiders(findings, "policy", policy);
    },
});
