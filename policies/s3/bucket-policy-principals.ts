import type { BucketPolicyArgs } from "@pulumi/aws/s3/bucketPolicy";
import type { Unwrap } from "@pulumi/pulumi";
import { refuseOutsiders } from "../shared/document-rules";
import { resourcePolicy } from "../shared/policy";
import { accounts } from "../shared/settings";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly accounts: readonly string[];
}

export const s3BucketPolicyPrincipals = resourcePolicy<Unwrap<BucketPolicyArgs>, Settings>({
    name: "s3-bucket-policy-principals",
    description: "Only principals of known accounts reach a bucket.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...securityHub("S3.6", "S3 general purpose bucket policies should restrict access to other AWS accounts"),
    remediationSteps: "Name the roles that need the bucket; list another account in this policy's setting accounts.",
    configSchema: { properties: { accounts } },
    types: [aws.bucketPolicy],
    judge: ({ policy }, findings) => {
        refuseOutsiders(findings, "policy", policy);
    },
});
