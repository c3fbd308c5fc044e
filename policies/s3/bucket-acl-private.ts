import type { BucketAclArgs } from "@pulumi/aws/s3/bucketAcl";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

/** `log-delivery-write` lets only the S3 log delivery group in. */
const accepted: readonly unknown[] = ["private", "log-delivery-write", undefined, null];

export const s3BucketAclPrivate = resourcePolicy<Unwrap<BucketAclArgs>>({
    name: "s3-bucket-acl-private",
    description: "No access control list opens a bucket.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...securityHub("S3.2", "S3 general purpose buckets should block public read access"),
    remediationSteps: "Remove the ACL; with the ownership BucketOwnerEnforced, access is granted by policies alone.",
    types: [aws.bucket, aws.bucketAcl],
    judge: ({ acl, accessControlPolicy }, findings) => {
        if (!accepted.includes(acl)) findings.deviates("acl", acl, '"private", or not set');
        findings.each(accessControlPolicy?.grants, (grant, index) => {
            const uri = grant.grantee?.uri;
            if (uri && /\/(AllUsers|AuthenticatedUsers)$/.test(uri)) {
                findings.deviates(
                    `accessControlPolicy.grants[${index}].grantee.uri`,
                    uri,
                    "a group with known members",
                );
            }
        });
    },
});
