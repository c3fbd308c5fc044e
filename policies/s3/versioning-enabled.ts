import type { BucketVersioningArgs } from "@pulumi/aws/s3/bucketVersioning";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

export const s3VersioningEnabled = resourcePolicy<Unwrap<BucketVersioningArgs>>({
    name: "s3-versioning-enabled",
    description: "Buckets keep the versions of their objects.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...securityHub("S3.14", "S3 general purpose buckets should have versioning enabled"),
    remediationSteps: 'Set versioningConfiguration.status to "Enabled".',
    types: [aws.bucketVersioning],
    judge: ({ versioningConfiguration }, findings) => {
        const status = versioningConfiguration?.status;
        if (status !== "Enabled") findings.deviates("versioningConfiguration.status", status, '"Enabled"');
    },
});
