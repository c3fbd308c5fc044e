import type { PolicyAttachmentArgs } from "@pulumi/aws/iam/policyAttachment";
import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly refused: readonly string[];
}

type AttachingArgs = Pick<Unwrap<PolicyAttachmentArgs>, "policyArn"> & Pick<Unwrap<RoleArgs>, "managedPolicyArns">;

export const iamPolicyAdministrator = resourcePolicy<AttachingArgs, Settings>({
    name: "iam-policy-administrator",
    description: "No role or group has one of AWS's own administrator policies.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...securityHub("IAM.1", 'IAM policies should not allow full "*" administrative privileges'),
    remediationSteps: "Attach a policy that lists what the role does.",
    configSchema: {
        properties: {
            refused: {
                type: "array",
                items: { type: "string", minLength: 1 },
                uniqueItems: true,
                default: ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"],
                description: "Names of AWS managed policies that are refused",
            },
        },
    },
    types: [
        aws.role,
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
        "aws:iam/policyAttachment:PolicyAttachment",
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    ],
    judge: (given, findings) => {
        const { refused } = findings.settings;
        const judgeArn = (property: string, arn: string | null | undefined) => {
            if (!arn || !refused.includes(arn.split("/").at(-1) ?? "")) return;
            findings.deviates(property, arn, `any policy but ${refused.join(", ")}`);
        };
        findings.part(() => {
            judgeArn("policyArn", given.policyArn);
        });
        for (const property of ["managedPolicyArns", "policyArns"] as const) {
            const arns = (given as Record<string, readonly string[] | undefined>)[property];
            findings.each(arns, (arn, index) => {
                judgeArn(`${property}[${index}]`, arn);
            });
        }
    },
});
