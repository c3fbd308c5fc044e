import type { BucketLoggingArgs } from "@pulumi/aws/s3/bucketLogging";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

export const s3LoggingOtherBucket = resourcePolicy<Unwrap<BucketLoggingArgs>>({
    name: "s3-logging-other-bucket",
    description: "Access logs go to another bucket: a bucket that logs to itself logs its logging.",
    enforcementLevel: "mandatory",
    severity: "low",
    ...securityHub("S3.9", "S3 general purpose buckets should have server access logging enabled"),
    remediationSteps: "Set targetBucket to the log bucket.",
    types: [aws.bucketLogging],
    judge: ({ bucket, targetBucket }, findings) => {
        if (targetBucket && targetBucket !== bucket) return;
        findings.deviates("targetBucket", targetBucket, "another bucket than the one that is logged");
    },
});
