import type { BucketObjectLockConfigurationArgs } from "@pulumi/aws/s3/bucketObjectLockConfiguration";
import type { Unwrap } from "@pulumi/pulumi";
import { minimumDaysOf, minimumRetention } from "./evidence";
import type { EvidenceSettings } from "./evidence";
import { isNamed } from "../shared/names";
import { resourcePolicy } from "../shared/policy";
import { evidencePattern } from "../shared/settings";
import { hipaa } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings extends EvidenceSettings {
    readonly modes: readonly string[];
}

export const s3ObjectLockRetention = resourcePolicy<Unwrap<BucketObjectLockConfigurationArgs>, Settings>({
    name: "s3-object-lock-retention",
    description: "Evidence is locked against deletion for as long as it must be kept.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...hipaa("164.316(b)(2)(i)", "Retain the documentation for 6 years from the date of its creation"),
    remediationSteps: 'Set rule.defaultRetention to mode "COMPLIANCE" (or "GOVERNANCE") and years to 6 or more.',
    configSchema: {
        properties: {
            evidencePattern,
            minimumYears: minimumRetention,
            modes: {
                type: "array",
                items: { type: "string", enum: ["COMPLIANCE", "GOVERNANCE"] },
                minItems: 1,
                uniqueItems: true,
                default: ["COMPLIANCE", "GOVERNANCE"],
                description: "Accepted Object Lock modes",
            },
        },
    },
    types: [aws.bucketObjectLock],
    judge: (given, findings, { name }) => {
        const { objectLockEnabled, rule } = given;
        const { settings } = findings;
        if (!isNamed(settings.evidencePattern, name, () => given.bucket)) return;
        // The provider's own default is "Enabled".
        if (objectLockEnabled && objectLockEnabled !== "Enabled") {
            findings.deviates("objectLockEnabled", objectLockEnabled, '"Enabled"');
        }
        const { mode, days, years } = rule?.defaultRetention ?? {};
        if (!settings.modes.includes(mode ?? "")) {
            const accepted = settings.modes.map((each) => JSON.stringify(each)).join(" or ");
            findings.deviates("rule.defaultRetention.mode", mode, accepted);
        }
        const longEnough = years ? years >= settings.minimumYears : (days ?? 0) >= minimumDaysOf(settings);
        if (longEnough) return;
        const accepted = `at least ${settings.minimumYears} years, or ${minimumDaysOf(settings)} days`;
        if (days) findings.deviates("rule.defaultRetention.days", days, accepted);
        else findings.deviates("rule.defaultRetention.years", years, accepted);
    },
});
