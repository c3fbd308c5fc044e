import type { BucketLifecycleConfigurationArgs } from "@pulumi/aws/s3/bucketLifecycleConfiguration";
import type { Unwrap } from "@pulumi/pulumi";
import { minimumRetention, minimumDaysOf } from "./evidence";
import type { EvidenceSettings } from "./evidence";
import { isNamed } from "../shared/names";
import { resourcePolicy } from "../shared/policy";
import { evidencePattern } from "../shared/settings";
import { hipaa } from "../shared/standards";
import { aws } from "../shared/types";

export const s3LifecycleKeepsEvidence = resourcePolicy<Unwrap<BucketLifecycleConfigurationArgs>, EvidenceSettings>({
    name: "s3-lifecycle-keeps-evidence",
    description: "No lifecycle rule of an evidence bucket expires what the retention still protects.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...hipaa("164.316(b)(2)(i)", "Retain the documentation for 6 years from the date of its creation"),
    remediationSteps: "Remove the expiration, or set its days to the retention or more.",
    configSchema: { properties: { evidencePattern, minimumYears: minimumRetention } },
    types: [aws.bucketLifecycle],
    judge: (given, findings, { name }) => {
        const { rules } = given;
        if (!isNamed(findings.settings.evidencePattern, name, () => given.bucket)) return;
        const minimum = minimumDaysOf(findings.settings);
        const accepted = `not set, or at least ${minimum} days (${findings.settings.minimumYears} years)`;
        findings.each(rules, (rule, index) => {
            if (rule.status !== "Enabled") return;
            const place = `rules[${index}]`;
            const { days, date } = rule.expiration ?? {};
            const noncurrent = rule.noncurrentVersionExpiration?.noncurrentDays;
            if (date) findings.deviates(`${place}.expiration.date`, date, accepted);
            // The provider gives zero for days that are not set.
            if (days && days < minimum) findings.deviates(`${place}.expiration.days`, days, accepted);
            if (noncurrent && noncurrent < minimum) {
                findings.deviates(`${place}.noncurrentVersionExpiration.noncurrentDays`, noncurrent, accepted);
            }
        });
    },
});
