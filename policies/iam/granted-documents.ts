import type { PolicyArgs } from "@pulumi/aws/iam/policy";
import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { Unwrap } from "@pulumi/pulumi";
import { judgeDocument } from "../shared/document-rules";
import type { Statement } from "../shared/documents";
import type { Findings } from "../shared/findings";
import type { Unvalidated } from "../shared/unvalidated";
import { aws } from "../shared/types";

/** Resources that carry permissions: a document of their own, or a role's inline ones. */
export const grantingTypes = [aws.policy, aws.rolePolicy, aws.groupPolicy, aws.role];

export type GrantingArgs = Unwrap<PolicyArgs> & Pick<Unwrap<RoleArgs>, "inlinePolicies">;

/** Judges each statement that allows something, of each document that a resource carries. */
export function judgeGrants<Settings>(
    { policy, inlinePolicies }: Unvalidated<GrantingArgs>,
    findings: Findings<Settings>,
    type: string,
    judge: (statement: Statement, property: string) => void,
): void {
    const judgeAllowed = (property: string, document: unknown) => {
        judgeDocument(findings, property, document, (statement) => {
            if (statement.allows) judge(statement, `${property} ${statement.label}`);
        });
    };
    if (type !== aws.role) judgeAllowed("policy", policy);
    findings.each(inlinePolicies, (inline, index) => {
        if (inline.policy) judgeAllowed(`inlinePolicies[${index}].policy`, inline.policy);
    });
}
