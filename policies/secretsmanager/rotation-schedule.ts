import type { SecretRotationArgs } from "@pulumi/aws/secretsmanager/secretRotation";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly maximumDays: number;
}

export const secretsmanagerRotationSchedule = resourcePolicy<Unwrap<SecretRotationArgs>, Settings>({
    name: "secretsmanager-rotation-schedule",
    description: "Secrets are rotated often enough.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...securityHub("SecretsManager.4", "Secrets Manager secrets should be rotated within a specified number of days"),
    remediationSteps: "Set rotationRules.automaticallyAfterDays, or a scheduleExpression that comes round as often.",
    configSchema: {
        properties: {
            maximumDays: {
                type: "integer",
                minimum: 1,
                maximum: 365,
                default: 90,
                description: "Days within which a secret is rotated",
            },
        },
    },
    types: [aws.secretRotation],
    judge: ({ rotationRules }, findings) => {
        const { maximumDays } = findings.settings;
        const expression = rotationRules?.scheduleExpression;
        if (expression) {
            const days = longestGap(expression);
            if (days !== undefined && days <= maximumDays) return;
            const accepted = `rate(…) or a monthly cron(…) of at most ${maximumDays} days`;
            findings.deviates("rotationRules.scheduleExpression", expression, accepted);
            return;
        }
        const days = rotationRules?.automaticallyAfterDays;
        if (days && days >= 1 && days <= maximumDays) return;
        findings.deviates("rotationRules.automaticallyAfterDays", days, `1 to ${maximumDays} days`);
    },
});

/** Days between two runs at most: of `rate(10 days)`, or of a cron whose month is `*` or steps (`1/3`). */
function longestGap(expression: string): number | undefined {
    const rate = /^rate\(([1-9][0-9]*) (hour|day)s?\)$/.exec(expression);
    if (rate) return rate[2] === "day" ? Number(rate[1]) : Number(rate[1]) / 24;
    const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
    const [, , , month = "", , year = ""] = fields ?? [];
    if (fields?.length !== 6 || year !== "*") return undefined;
    const longestMonth = 31;
    if (month === "*") return longestMonth;
    const step = /^(?:\*|1)\/([1-9]|1[0-2])$/.exec(month)?.[1];
    return step === undefined ? undefined : Number(step) * longestMonth;
}
