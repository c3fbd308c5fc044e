import { resourcePolicy } from "../shared/policy";
import { specification } from "../shared/standards";

const current: Readonly<Record<string, string>> = {
    "aws:s3/bucketV2:BucketV2": "aws.s3.Bucket",
    "aws:s3/bucketAclV2:BucketAclV2": "aws.s3.BucketAcl",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": "aws.s3.BucketLifecycleConfiguration",
    "aws:s3/bucketLoggingV2:BucketLoggingV2": "aws.s3.BucketLogging",
    "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2": "aws.s3.BucketObjectLockConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2":
        "aws.s3.BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioningV2:BucketVersioningV2": "aws.s3.BucketVersioning",
};

/** Without this, the deprecated variants of the S3 types would pass: no other S3 policy judges them. */
export const s3BucketCurrentTypes = resourcePolicy({
    name: "s3-bucket-current-types",
    description: "S3 resources have the current types, which the other policies judge.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...specification("Pipeline tool stack", "Artifact storage is S3"),
    remediationSteps: "Use the type that the message names; it carries an alias, so nothing is replaced.",
    types: Object.keys(current),
    judge: (_given, findings, { type }) => {
        findings.deviates("the type", type, current[type] ?? "a current type");
    },
});
