import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly boundaryPattern: string;
}

export const iamRolePermissionsBoundary = resourcePolicy<Unwrap<RoleArgs>, Settings>({
    name: "iam-role-permissions-boundary",
    description: "Roles have the permissions boundary of the account, where the account has one.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...nist("AC-6", "Least Privilege"),
    remediationSteps: "Set permissionsBoundary to the ARN of the account's boundary policy.",
    configSchema: {
        properties: {
            boundaryPattern: {
                type: "string",
                format: "regex",
                default: "",
                description: "Regular expression that the boundary's ARN must match; empty where there is no boundary",
            },
        },
    },
    types: [aws.role],
    judge: ({ permissionsBoundary }, findings) => {
        const { boundaryPattern } = findings.settings;
        if (boundaryPattern === "" || new RegExp(boundaryPattern).test(permissionsBoundary ?? "")) return;
        findings.deviates("permissionsBoundary", permissionsBoundary, `an ARN that matches ${boundaryPattern}`);
    },
});
