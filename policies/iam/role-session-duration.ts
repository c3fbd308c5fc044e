import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly maximumSeconds: number;
    readonly updaters: readonly string[];
    readonly maximumUpdateSeconds: number;
}

const providerDefault = 3600;

/** A session of a role that updates an environment outlasts the slowest release: without credentials, an update is stuck. */
export const iamRoleSessionDuration = resourcePolicy<Unwrap<RoleArgs>, Settings>({
    name: "iam-role-session-duration",
    description: "Credentials of a role are short-lived.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...nist("AC-12", "Session Termination"),
    remediationSteps:
        "Set maxSessionDuration to 3600 seconds, or leave it out; to 7200 seconds for a role that updates an environment.",
    configSchema: {
        properties: {
            maximumSeconds: {
                type: "integer",
                minimum: 3600,
                maximum: 43200,
                default: 3600,
                description: "Maximum session duration, in seconds",
            },
            updaters: {
                type: "array",
                items: { type: "string", minLength: 1 },
                uniqueItems: true,
                default: ["relaypacs-deploy-staging", "relaypacs-deploy-prod", "relaypacs-rollback-prod"],
                description: "Names of roles that update an environment, whose sessions may last longer",
            },
            maximumUpdateSeconds: {
                type: "integer",
                minimum: 3600,
                maximum: 43200,
                default: 7200,
                description: "Maximum session duration of those roles, in seconds",
            },
        },
    },
    types: [aws.role],
    judge: (given, findings) => {
        const { maximumSeconds, maximumUpdateSeconds, updaters } = findings.settings;
        const { maxSessionDuration } = given;
        const seconds = maxSessionDuration ?? providerDefault;
        if (seconds <= maximumSeconds) return;
        const longest = updaters.includes(given.name ?? "") ? maximumUpdateSeconds : maximumSeconds;
        if (seconds <= longest) return;
        findings.deviates("maxSessionDuration", maxSessionDuration, `at most ${longest} seconds`);
    },
});
