import type { PolicyResource } from "@pulumi/policy";
import { stackPolicy } from "../shared/policy";
import { property, requireCompanions } from "../shared/stack-index";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly manualTag: string;
    readonly maximumDays: number;
}

/** No function of ours can rotate what a third party issues: a tag on such a secret says how often people replace it. */
export const secretsmanagerSecretRotation = stackPolicy<Settings>({
    name: "secretsmanager-secret-rotation",
    description: "Every secret has a rotation, or a tag that says how often it is replaced by hand.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...securityHub("SecretsManager.1", "Secrets Manager secrets should have automatic rotation enabled"),
    remediationSteps:
        "Declare an aws.secretsmanager.SecretRotation for the secret; where only a third party can issue it, tag it " +
        'relaypacs:rotation with "by hand, every 90 days".',
    configSchema: {
        properties: {
            manualTag: {
                type: "string",
                minLength: 1,
                default: "relaypacs:rotation",
                description: 'Tag of a secret that is replaced by hand, with a value as "by hand, every 90 days"',
            },
            maximumDays: {
                type: "integer",
                minimum: 1,
                maximum: 365,
                default: 90,
                description: "Days within which such a secret is replaced",
            },
        },
    },
    judge: (stack, findings) => {
        const { manualTag, maximumDays } = findings.settings;
        const replacedByHand = (secret: PolicyResource) => {
            const tags = (secret.props as { tags?: Readonly<Record<string, string>> }).tags;
            const days = /^by hand, every ([1-9][0-9]*) days$/.exec(tags?.[manualTag] ?? "")?.[1];
            return days !== undefined && Number(days) <= maximumDays;
        };
        requireCompanions(
            stack,
            findings,
            stack.ofTypes(aws.secret),
            [property("id"), property("arn")],
            [
                {
                    type: aws.secretRotation,
                    called: "rotation (aws.secretsmanager.SecretRotation)",
                    link: { input: "secretId", value: property("secretId") },
                    unless: replacedByHand,
                },
            ],
        );
    },
});
