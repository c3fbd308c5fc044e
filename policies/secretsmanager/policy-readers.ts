import type { SecretPolicyArgs } from "@pulumi/aws/secretsmanager/secretPolicy";
import type { Unwrap } from "@pulumi/pulumi";
import { judgeDocument } from "../shared/document-rules";
import { hasWildcard, type Statement } from "../shared/documents";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

export const secretsmanagerPolicyReaders = resourcePolicy<Unwrap<SecretPolicyArgs>>({
    name: "secretsmanager-policy-readers",
    description: "A secret's policy denies its value to all roles but those that it names.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...nist("AC-6", "Least Privilege"),
    remediationSteps:
        'Add a statement with Effect "Deny", Principal "*", Action "secretsmanager:GetSecretValue", Resource "*", and ' +
        'Condition {"ArnNotEquals": {"aws:PrincipalArn": [the roles that read]}}.',
    types: [aws.secretPolicy],
    judge: ({ policy }, findings) => {
        let denied = false;
        const complete = judgeDocument(findings, "policy", policy, (statement) => {
            denied ||= deniesOthers(statement);
        });
        // A statement that is not known yet may be the denial, and a policy that is none is refused elsewhere.
        if (denied || !complete || !policy) return;
        const accepted =
            "a Deny of secretsmanager:GetSecretValue to everybody when aws:PrincipalArn is none of the named roles";
        findings.refuse(`policy lets any role of the account read the value; accepted: ${accepted}.`);
    },
});

function deniesOthers({ allows, actions, conditions, principals, resources }: Statement): boolean {
    const everyone = principals.some(({ value }) => value === "*");
    const value = actions.some((action) => ["secretsmanager:GetSecretValue", "secretsmanager:*", "*"].includes(action));
    // A second condition would narrow the denial.
    const [condition, ...others] = conditions;
    const named =
        condition !== undefined &&
        /^(Arn|String)NotEquals$/.test(condition.operator) &&
        condition.key.toLowerCase() === "aws:principalarn" &&
        condition.values.length > 0 &&
        !condition.values.some(hasWildcard);
    return !allows && everyone && value && resources.includes("*") && named && others.length === 0;
}
