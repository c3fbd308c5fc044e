import type { ActionsVariableArgs } from "@pulumi/github/actionsVariable";
import type { Unwrap } from "@pulumi/pulumi";
import { credentialIn, namesCredential } from "../shared/credentials";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { github } from "../shared/types";

/** The message names the variable and never shows its value. */
export const githubVariablePlainCredentials = resourcePolicy<Unwrap<ActionsVariableArgs>>({
    name: "github-variable-plain-credentials",
    description: "No Actions variable holds a credential: variables are readable, and printed in logs.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("IA-5(7)", "No Embedded Unencrypted Static Authenticators"),
    remediationSteps: "Declare a github.ActionsSecret or github.ActionsEnvironmentSecret.",
    types: [github.variable, github.environmentVariable, github.organizationVariable],
    judge: ({ value, variableName }, findings) => {
        if (!namesCredential(variableName ?? "") && credentialIn(value ?? "") === undefined) return;
        findings.refuse(
            `the variable ${variableName ?? ""} holds a credential in plain text; accepted: github.ActionsSecret.`,
        );
    },
});
