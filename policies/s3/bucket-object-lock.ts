import type { BucketArgs } from "@pulumi/aws/s3/bucket";
import type { Unwrap } from "@pulumi/pulumi";
import { isNamed } from "../shared/names";
import { resourcePolicy } from "../shared/policy";
import { evidencePattern } from "../shared/settings";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly evidencePattern: string;
}

export const s3BucketObjectLock = resourcePolicy<Unwrap<BucketArgs>, Settings>({
    name: "s3-bucket-object-lock",
    description: "Evidence buckets are created with Object Lock, which cannot be taken away later.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...securityHub("S3.15", "S3 general purpose buckets should have Object Lock enabled"),
    remediationSteps: "Set objectLockEnabled to true. On a bucket that exists, this replaces the bucket.",
    configSchema: { properties: { evidencePattern } },
    types: [aws.bucket],
    judge: (given, findings, { name }) => {
        const { objectLockEnabled } = given;
        if (objectLockEnabled === true || !isNamed(findings.settings.evidencePattern, name, () => given.bucket)) return;
        findings.deviates("objectLockEnabled", objectLockEnabled, "true, for evidence");
    },
});
