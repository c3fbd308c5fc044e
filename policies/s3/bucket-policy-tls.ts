import type { BucketPolicyArgs } from "@pulumi/aws/s3/bucketPolicy";
import type { Unwrap } from "@pulumi/pulumi";
import { judgeDocument } from "../shared/document-rules";
import type { Statement } from "../shared/documents";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

export const s3BucketPolicyTls = resourcePolicy<Unwrap<BucketPolicyArgs>>({
    name: "s3-bucket-policy-tls",
    description: "A bucket policy denies every request without TLS, on the bucket and on its objects.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...securityHub("S3.5", "S3 general purpose buckets should require requests to use SSL"),
    remediationSteps:
        'Add a statement with Effect "Deny", Principal "*", Action "s3:*", Resource the bucket\'s ARN and that ARN with ' +
        '"/*", and Condition {"Bool": {"aws:SecureTransport": "false"}}.',
    types: [aws.bucketPolicy],
    judge: ({ policy }, findings) => {
        let objects = false;
        let bucket = false;
        const complete = judgeDocument(findings, "policy", policy, (statement) => {
            if (!deniesPlainText(statement)) return;
            objects ||= statement.resources.some((resource) => resource.endsWith("/*") || resource === "*");
            bucket ||= statement.resources.some((resource) => !resource.includes("/") || resource === "*");
        });
        // A statement that is not known yet may be the denial.
        if (!complete) return;
        const accepted =
            "a Deny of s3:* to everybody when aws:SecureTransport is false, on the bucket and on its objects";
        if (!bucket) findings.refuse(`policy allows requests to the bucket without TLS; accepted: ${accepted}.`);
        if (!objects) findings.refuse(`policy allows requests to objects without TLS; accepted: ${accepted}.`);
    },
});

function deniesPlainText({ allows, actions, principals, conditions }: Statement): boolean {
    const everyone = principals.some(({ value }) => value === "*");
    const everything = actions.some((action) => action === "s3:*" || action === "*");
    // A second condition would narrow the denial.
    const [condition, ...others] = conditions;
    const plainText =
        condition?.operator === "Bool" &&
        condition.key.toLowerCase() === "aws:securetransport" &&
        condition.values.length === 1 &&
        condition.values[0] === "false";
    return !allows && everyone && everything && plainText && others.length === 0;
}
