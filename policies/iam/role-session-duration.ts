import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly maximumSeconds: number;
}

const providerDefault = 3600;

export const iamRoleSessionDuration = resourcePolicy<Unwrap<RoleArgs>, Settings>({
    name: "iam-role-session-duration",
    description: "Credentials of a role are short-lived.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...nist("AC-12", "Session Termination"),
    remediationSteps: "Set maxSessionDuration to 3600 seconds, or leave it out.",
    configSchema: {
        properties: {
            maximumSeconds: {
                type: "integer",
                minimum: 3600,
                maximum: 43200,
                default: 3600,
                description: "Longest session, in seconds",
            },
        },
    },
    types: [aws.role],
    judge: ({ maxSessionDuration }, findings) => {
        const { maximumSeconds } = findings.settings;
        if ((maxSessionDuration ?? providerDefault) <= maximumSeconds) return;
        findings.deviates("maxSessionDuration", maxSessionDuration, `at most ${maximumSeconds} seconds`);
    },
});
