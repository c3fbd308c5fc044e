import type { BucketPublicAccessBlockArgs } from "@pulumi/aws/s3/bucketPublicAccessBlock";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

const flags = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;

/** Remediated: nothing in RelayPACS is public, so the flags take away no access that anyone may have. */
export const s3PublicAccessBlockFlags = resourcePolicy<Unwrap<BucketPublicAccessBlockArgs>>({
    name: "s3-public-access-block-flags",
    description: "A public access block blocks all four ways of making a bucket public.",
    enforcementLevel: "remediate",
    severity: "critical",
    ...securityHub("S3.8", "S3 general purpose buckets should block public access"),
    remediationSteps: `Set ${flags.join(", ")} to true.`,
    types: [aws.bucketPublicAccessBlock, aws.accountPublicAccessBlock],
    judge: (block, findings) => {
        for (const flag of flags) {
            findings.part(() => {
                if (block[flag] !== true) findings.deviates(flag, block[flag], "true");
            });
        }
    },
    remediate: (block) => {
        const open = flags.filter((flag) => block[flag] !== true);
        for (const flag of open) block[flag] = true;
        return open.length > 0;
    },
});
