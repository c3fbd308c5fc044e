import { secretsmanagerPolicyPrincipals } from "../../../policies/secretsmanager/policy-principals";
import { secretsmanagerPolicyReaders } from "../../../policies/secretsmanager/policy-readers";
import { secretsmanagerRotationSchedule } from "../../../policies/secretsmanager/rotation-schedule";
import { secretsmanagerSecretCustomerKey } from "../../../policies/secretsmanager/secret-customer-key";
import { secretsmanagerSecretRecoveryWindow } from "../../../policies/secretsmanager/secret-recovery-window";
import { secretsmanagerSecretRotation } from "../../../policies/secretsmanager/secret-rotation";
import { secretsmanagerVersionSecretValue } from "../../../policies/secretsmanager/version-secret-value";
import { aws } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/aws";
import { accepts, leaves, refuses, remediates, set, unchanged, unknownAt, unknownValue, unset } from "../support/cases";
import { secret } from "../support/engine";
import { outsiderCases } from "../support/outsiders";
import {
    acceptsStack,
    describeResourcePolicy,
    describeStackPolicy,
    of,
    refusesStack,
    together,
    unknownInStack,
    without,
} from "../support/suites";

describeResourcePolicy(secretsmanagerSecretCustomerKey, {
    type: aws.secret,
    given: fixtures.secret,
    cases: [
        refuses(
            "a secret without a KMS key",
            unset("kmsKeyId"),
            "kmsKeyId is not set; accepted: the ARN of a customer managed key.",
        ),
        refuses("AWS's own key", set("kmsKeyId", "alias/aws/secretsmanager"), [
            'kmsKeyId is "alias/aws/secretsmanager"; accepted: the ARN of a customer managed key.',
        ]),
        refuses("a replica without a KMS key", set("replicas", [{ region: "eu-west-1" }]), [
            "replicas[0].kmsKeyId is not set; accepted: the ARN of a customer managed key.",
        ]),
        unknownAt("kmsKeyId"),
    ],
});

describeResourcePolicy(secretsmanagerSecretRecoveryWindow, {
    type: aws.secret,
    given: fixtures.secret,
    cases: [
        refuses(
            "immediate deletion",
            set("recoveryWindowInDays", 0),
            "recoveryWindowInDays is 0; accepted: 7 to 30 days.",
        ),
        refuses(
            "a recovery window of six days",
            set("recoveryWindowInDays", 6),
            "recoveryWindowInDays is 6; accepted: 7 to 30 days.",
        ),
        accepts("a missing recovery window, since the default is 30 days", unset("recoveryWindowInDays")),
        refuses(
            "seven days where the setting asks for more",
            unchanged,
            "recoveryWindowInDays is 7; accepted: 14 to 30 days.",
            {
                settings: { minimumDays: 14 },
            },
        ),
        unknownAt("recoveryWindowInDays"),
    ],
});

const schedule = (expression: string) => set("rotationRules", { scheduleExpression: expression });
const refusedSchedule = (expression: string) =>
    `rotationRules.scheduleExpression is "${expression}"; accepted: rate(…) or a monthly cron(…) of at most 90 days.`;

describeResourcePolicy(secretsmanagerRotationSchedule, {
    type: aws.secretRotation,
    given: fixtures.secretRotation,
    cases: [
        refuses("a rotation that is one day too late", set("rotationRules.automaticallyAfterDays", 91), [
            "rotationRules.automaticallyAfterDays is 91; accepted: 1 to 90 days.",
        ]),
        refuses("a rotation after zero days", set("rotationRules.automaticallyAfterDays", 0), [
            "rotationRules.automaticallyAfterDays is 0; accepted: 1 to 90 days.",
        ]),
        refuses(
            "a rotation without rules",
            unset("rotationRules"),
            "rotationRules.automaticallyAfterDays is not set; accepted: 1 to 90 days.",
        ),
        accepts("91 days where the setting allows them", set("rotationRules.automaticallyAfterDays", 91), {
            settings: { maximumDays: 91 },
        }),
        accepts("the schedule rate(90 days)", schedule("rate(90 days)")),
        accepts("the schedule rate(1 day)", schedule("rate(1 day)")),
        accepts("the schedule rate(12 hours)", schedule("rate(12 hours)")),
        refuses("the schedule rate(91 days)", schedule("rate(91 days)"), refusedSchedule("rate(91 days)")),
        accepts("a monthly cron", schedule("cron(0 8 1 * ? *)")),
        accepts("a cron every second month", schedule("cron(0 8 1 1/2 ? *)")),
        refuses("a cron every third month", schedule("cron(0 8 1 1/3 ? *)"), refusedSchedule("cron(0 8 1 1/3 ? *)")),
        refuses("a cron for a single year", schedule("cron(0 8 1 * ? 2026)"), refusedSchedule("cron(0 8 1 * ? 2026)")),
        refuses("an expression that is not a schedule", schedule("monthly"), refusedSchedule("monthly")),
        unknownAt("rotationRules.automaticallyAfterDays"),
    ],
});

describeResourcePolicy(secretsmanagerPolicyPrincipals, {
    type: aws.secretPolicy,
    given: fixtures.secretPolicy,
    cases: [
        ...outsiderCases("policy"),
        accepts("a secret without a policy of its own", unset("policy"), { type: aws.secret }),
        refuses("a missing policy", unset("policy"), "policy is not set; accepted: an IAM policy document."),
    ],
});

const denial = {
    Effect: "Deny",
    Principal: "*",
    Action: "secretsmanager:GetSecretValue",
    Resource: "*",
    Condition: { ArnNotEquals: { "aws:PrincipalArn": ["arn:aws:iam::123456789012:role/reader"] } },
};
const denying = (changes: object = {}) =>
    set("policy", JSON.stringify({ Version: "2012-10-17", Statement: [{ ...denial, ...changes }] }));
const readByAll =
    "policy lets any role of the account read the value; accepted: a Deny of secretsmanager:GetSecretValue to everybody " +
    "when aws:PrincipalArn is none of the named roles.";
const unless = (condition: object) => denying({ Condition: condition });

describeResourcePolicy(secretsmanagerPolicyReaders, {
    type: aws.secretPolicy,
    given: fixtures.secretPolicy,
    cases: [
        accepts("a denial of every action", denying({ Action: ["secretsmanager:*"] })),
        accepts(
            "names that are compared as text",
            unless({ StringNotEquals: { "aws:principalarn": "arn:of-a-role" } }),
        ),
        refuses("a policy without the denial", denying({ Effect: "Allow", Principal: { AWS: "reader" } }), readByAll),
        refuses("a denial of another action", denying({ Action: "secretsmanager:PutSecretValue" }), readByAll),
        refuses("a denial to one role", denying({ Principal: { AWS: "arn:of-a-role" } }), readByAll),
        refuses("a denial without a condition, which locks all out", denying({ Condition: undefined }), readByAll),
        refuses(
            "a pattern in place of a name",
            unless({ ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*" } }),
            readByAll,
        ),
        refuses("a name with a wildcard", unless({ ArnNotEquals: { "aws:PrincipalArn": ["arn:*"] } }), readByAll),
        refuses(
            "a denial that a second condition narrows",
            unless({ ...denial.Condition, Bool: { "aws:ViaAWSService": "false" } }),
            readByAll,
        ),
        refuses("a missing policy", unset("policy"), "policy is not set; accepted: an IAM policy document."),
        unknownAt("policy"),
    ],
});

const value = "correct horse battery staple";
const version = { secretId: "relaypacs/staging/database-url", secretString: secret(value) };

describeResourcePolicy(secretsmanagerVersionSecretValue, {
    type: aws.secretVersion,
    given: version,
    cases: [
        refuses("an empty value", set("secretString", ""), [
            "secretString, secretBinary and secretStringWo are not set; accepted: one of them, not empty.",
        ]),
        refuses("a version without a value", unset("secretString"), [
            "secretString, secretBinary and secretStringWo are not set; accepted: one of them, not empty.",
        ]),
        accepts("a binary value", set("secretBinary", "AAECAw==")),
        remediates("a plain value", set("secretString", value)),
        remediates("a plain binary value", set("secretBinary", "AAECAw=="), set("secretBinary", secret("AAECAw=="))),
        leaves("a secret value", unchanged),
        leaves("a secret value that is not known yet", set("secretString", secret(unknownValue))),
        unknownAt("secretString"),
    ],
});

const missing =
    "database has no rotation (aws.secretsmanager.SecretRotation); accepted: at least one, in the same stack.";
const byHand = (value: string) =>
    together(without("rotation"), of("database", set("tags", { "relaypacs:rotation": value })));

describeStackPolicy(secretsmanagerSecretRotation, {
    given: {
        database: { type: aws.secret, properties: { ...fixtures.secret, id: fixtures.secretPolicy.secretArn } },
        rotation: { type: aws.secretRotation, properties: fixtures.secretRotation },
    },
    cases: [
        refusesStack("a secret without rotation", without("rotation"), missing, { on: "database" }),
        acceptsStack("a secret that is replaced by hand", byHand("by hand, every 90 days")),
        refusesStack("a secret that is replaced by hand one day too late", byHand("by hand, every 91 days"), missing),
        refusesStack("a secret that is replaced by hand without a period", byHand("by hand"), missing),
        acceptsStack("91 days where the setting allows them", byHand("by hand, every 91 days"), { maximumDays: 91 }),
        refusesStack("another tag than the one that the setting names", byHand("by hand, every 90 days"), missing, {
            settings: { manualTag: "rotation" },
        }),
        unknownInStack(
            "the secret of a rotation is not known yet",
            of("rotation", set("secretId", unknownValue)),
            "secretId",
        ),
    ],
});
