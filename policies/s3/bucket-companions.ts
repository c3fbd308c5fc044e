import type { PolicyResource } from "@pulumi/policy";
import { isNamed } from "../shared/names";
import { stackPolicy } from "../shared/policy";
import { evidencePattern } from "../shared/settings";
import { property, requireCompanions } from "../shared/stack-index";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly evidencePattern: string;
}

const link = { input: "bucket", value: property("bucket") };
const targetLink = { input: "targetBucket", value: property("targetBucket") };
const identities = [property("bucket"), property("id")];

const always = [
    { type: aws.bucketPublicAccessBlock, called: "public access block (aws.s3.BucketPublicAccessBlock)", link },
    { type: aws.bucketEncryption, called: "encryption (aws.s3.BucketServerSideEncryptionConfiguration)", link },
    { type: aws.bucketPolicy, called: "bucket policy (aws.s3.BucketPolicy)", link },
    { type: aws.bucketVersioning, called: "versioning (aws.s3.BucketVersioning)", link },
    { type: aws.bucketOwnership, called: "ownership controls (aws.s3.BucketOwnershipControls)", link },
    { type: aws.bucketLifecycle, called: "lifecycle (aws.s3.BucketLifecycleConfiguration)", link },
];

export const s3BucketCompanions = stackPolicy<Settings>({
    name: "s3-bucket-companions",
    description: "Every bucket has all the resources that keep it private, encrypted, versioned, tidy and logged.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...securityHub("S3.8", "S3 general purpose buckets should block public access"),
    remediationSteps: "Declare the resource that the message names, with its bucket set to this bucket.",
    configSchema: { properties: { evidencePattern } },
    judge: (stack, findings) => {
        const buckets = stack.ofTypes(aws.bucket);
        const logTargets = stack.pointers(aws.bucketLogging, targetLink);
        const keepsLogs = (bucket: PolicyResource) => logTargets.to(bucket, identities).length > 0;
        const ordinary = (bucket: PolicyResource) =>
            !isNamed(findings.settings.evidencePattern, bucket.name, () => property("bucket")(bucket));
        requireCompanions(stack, findings, buckets, identities, [
            ...always,
            { type: aws.bucketLogging, called: "access log (aws.s3.BucketLogging)", link, unless: keepsLogs },
            {
                type: aws.bucketObjectLock,
                called: "object lock (aws.s3.BucketObjectLockConfiguration)",
                link,
                unless: ordinary,
            },
        ]);
    },
});
