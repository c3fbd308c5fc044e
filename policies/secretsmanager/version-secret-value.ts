import type { SecretVersionArgs } from "@pulumi/aws/secretsmanager/secretVersion";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { markSecret } from "../shared/secret-values";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

/** Remediated: a value that is secret already stays as it is; another one becomes secret in state, logs and previews. */
export const secretsmanagerVersionSecretValue = resourcePolicy<Unwrap<SecretVersionArgs>>({
    name: "secretsmanager-version-secret-value",
    description: "A secret's value is a Pulumi secret, encrypted in the state and never shown, and is not empty.",
    enforcementLevel: "remediate",
    severity: "critical",
    ...nist("IA-5(7)", "No Embedded Unencrypted Static Authenticators"),
    remediationSteps: "Take the value from secret configuration (pulumi config set --secret), or generate it.",
    types: [aws.secretVersion],
    judge: ({ secretString, secretBinary, secretStringWo }, findings) => {
        if (secretString || secretBinary || secretStringWo) return;
        findings.refuse("secretString, secretBinary and secretStringWo are not set; accepted: one of them, not empty.");
    },
    remediate: (version) => markSecret(version, "secretString", "secretBinary"),
});
