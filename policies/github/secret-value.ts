import type { ActionsSecretArgs } from "@pulumi/github/actionsSecret";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { markSecret } from "../shared/secret-values";
import { nist } from "../shared/standards";
import { github } from "../shared/types";

/** Remediated: a value that is secret already stays as it is; another one becomes secret in state, logs and previews. */
export const githubSecretValue = resourcePolicy<Unwrap<ActionsSecretArgs>>({
    name: "github-secret-value",
    description: "The value of an Actions or Dependabot secret is a Pulumi secret, and is not empty.",
    enforcementLevel: "remediate",
    severity: "critical",
    ...nist("IA-5(7)", "No Embedded Unencrypted Static Authenticators"),
    remediationSteps: "Take the value from secret configuration (pulumi config set --secret), or generate it.",
    types: [github.secret, github.environmentSecret, github.organizationSecret, github.dependabotSecret],
    judge: ({ encryptedValue, plaintextValue, value, valueEncrypted }, findings) => {
        if (encryptedValue || plaintextValue || value || valueEncrypted) return;
        findings.refuse("value and valueEncrypted are not set; accepted: one of them, not empty.");
    },
    remediate: (secret) => markSecret(secret, "plaintextValue", "value"),
});
