import type { BucketArgs } from "@pulumi/aws/s3/bucket";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

/** Settings that the provider deprecates on the bucket, with the resource that takes their place and is judged. */
const replacements = {
    grants: "aws.s3.BucketPolicy",
    lifecycleRules: "aws.s3.BucketLifecycleConfiguration",
    logging: "aws.s3.BucketLogging",
    objectLockConfiguration: "aws.s3.BucketObjectLockConfiguration",
    replicationConfiguration: "a bucket without replication",
    policy: "aws.s3.BucketPolicy",
    serverSideEncryptionConfiguration: "aws.s3.BucketServerSideEncryptionConfiguration",
    versioning: "aws.s3.BucketVersioning",
    website: "a private bucket behind a CDN",
} as const;

export const s3BucketOwnResources = resourcePolicy<Unwrap<BucketArgs>>({
    name: "s3-bucket-own-resources",
    description: "A bucket's settings are resources of their own, where the other policies judge them.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...securityHub("S3.12", "ACLs should not be used to manage user access to S3 general purpose buckets"),
    remediationSteps: "Move the setting from the bucket to the resource that the message names.",
    types: [aws.bucket],
    judge: (bucket, findings) => {
        for (const [setting, replacement] of Object.entries(replacements)) {
            findings.part(() => {
                const given = bucket[setting as keyof typeof replacements];
                const empty = given === undefined || given === null || (Array.isArray(given) && given.length === 0);
                if (!empty) findings.refuse(`${setting} is set on the bucket itself; accepted: ${replacement}.`);
            });
        }
    },
});
