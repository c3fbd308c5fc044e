import type { BucketOwnershipControlsArgs } from "@pulumi/aws/s3/bucketOwnershipControls";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

export const s3OwnershipControlsEnforced = resourcePolicy<Unwrap<BucketOwnershipControlsArgs>>({
    name: "s3-ownership-controls-enforced",
    description: "The bucket's owner owns every object, and access control lists are off.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...securityHub("S3.12", "ACLs should not be used to manage user access to S3 general purpose buckets"),
    remediationSteps: 'Set rule.objectOwnership to "BucketOwnerEnforced".',
    types: [aws.bucketOwnership],
    judge: ({ rule }, findings) => {
        const ownership = rule?.objectOwnership;
        if (ownership === "BucketOwnerEnforced") return;
        findings.deviates("rule.objectOwnership", ownership, '"BucketOwnerEnforced"');
    },
});
