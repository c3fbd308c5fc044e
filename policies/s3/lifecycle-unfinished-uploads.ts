import type { BucketLifecycleConfigurationArgs } from "@pulumi/aws/s3/bucketLifecycleConfiguration";
import type { Unwrap } from "@pulumi/pulumi";
import { someKnown } from "../shared/known";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly maximumDays: number;
}

export const s3LifecycleUnfinishedUploads = resourcePolicy<Unwrap<BucketLifecycleConfigurationArgs>, Settings>({
    name: "s3-lifecycle-unfinished-uploads",
    description: "Unfinished multipart uploads, which cost money and are in no listing, are aborted.",
    enforcementLevel: "mandatory",
    severity: "low",
    ...securityHub("S3.13", "S3 general purpose buckets should have Lifecycle configurations"),
    remediationSteps:
        "Add an enabled rule for the whole bucket with abortIncompleteMultipartUpload.daysAfterInitiation.",
    configSchema: {
        properties: {
            maximumDays: {
                type: "integer",
                minimum: 1,
                maximum: 30,
                default: 7,
                description: "Days after which an unfinished upload is aborted",
            },
        },
    },
    types: [aws.bucketLifecycle],
    judge: ({ rules }, findings) => {
        const { maximumDays } = findings.settings;
        const aborts = someKnown(rules, (rule) => {
            const days = rule.abortIncompleteMultipartUpload?.daysAfterInitiation;
            return (
                rule.status === "Enabled" &&
                wholeBucket(rule) &&
                typeof days === "number" &&
                days >= 1 &&
                days <= maximumDays
            );
        });
        if (aborts) return;
        findings.refuse(
            "rules never abort unfinished uploads in time; accepted: an enabled rule for the whole bucket with " +
                `abortIncompleteMultipartUpload.daysAfterInitiation at most ${maximumDays}.`,
        );
    },
});

interface Scope {
    readonly prefix?: string | null | undefined;
    readonly filter?: { readonly prefix?: string | null | undefined } | null | undefined;
}

function wholeBucket({ prefix, filter }: Scope): boolean {
    const narrowed = Object.entries(filter ?? {}).some(
        ([key, value]) => key !== "__defaults" && value !== null && value !== "",
    );
    return !prefix && !narrowed;
}
