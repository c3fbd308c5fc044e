import { kmsKeyDeletionWindow } from "../../../policies/kms/key-deletion-window";
import { kmsKeyLockoutCheck } from "../../../policies/kms/key-lockout-check";
import { kmsKeyPolicyPrincipals } from "../../../policies/kms/key-policy-principals";
import { kmsKeyRotation } from "../../../policies/kms/key-rotation";
import { aws } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/aws";
import { accepts, all, leaves, refuses, remediates, set, unchanged, unknownAt, unset } from "../support/cases";
import { outsiderCases } from "../support/outsiders";
import { describeResourcePolicy } from "../support/suites";

const key = { type: aws.key, given: fixtures.key };
const signing = all(
    set("keyUsage", "SIGN_VERIFY"),
    set("customerMasterKeySpec", "ECC_NIST_P256"),
    unset("enableKeyRotation"),
    set("tags", { "relaypacs:rotation": "docs/runbooks/rotate-an-evidence-key.md" }),
);
const tagged = (runbook: unknown) => all(signing, set("tags", { "relaypacs:rotation": runbook }));
const runbookIs = (given: string, tag = "relaypacs:rotation") =>
    `tags["${tag}"] is ${given}; accepted: the runbook of its rotation, as docs/runbooks/NAME.md.`;

describeResourcePolicy(kmsKeyRotation, {
    ...key,
    cases: [
        refuses(
            "a key without rotation",
            set("enableKeyRotation", false),
            "enableKeyRotation is false; accepted: true.",
        ),
        refuses(
            "a missing value, since the default is off",
            unset("enableKeyRotation"),
            "enableKeyRotation is not set; accepted: true.",
        ),
        accepts("rotation every year", set("rotationPeriodInDays", 365)),
        refuses(
            "rotation every 366 days",
            set("rotationPeriodInDays", 366),
            "rotationPeriodInDays is 366; accepted: 90 to 365 days.",
        ),
        accepts("a signing key with a runbook, since KMS cannot rotate it", signing),
        refuses("a signing key without tags", all(signing, unset("tags")), runbookIs("not set")),
        refuses("a signing key without the runbook's tag", all(signing, set("tags", {})), runbookIs("not set")),
        refuses("a signing key whose runbook is in another folder", tagged("https://wiki/rotate"), [
            runbookIs('"https://wiki/rotate"'),
        ]),
        refuses("a signing key whose runbook leaves the folder by its path", tagged("docs/runbooks/../evidence.md"), [
            runbookIs('"docs/runbooks/../evidence.md"'),
        ]),
        accepts(
            "the runbook in another tag that the setting names",
            all(signing, set("tags", { rotation: "docs/runbooks/keys.md" })),
            {
                settings: { tag: "rotation" },
            },
        ),
        refuses("the default tag where the setting names another", signing, runbookIs("not set", "rotation"), {
            settings: { tag: "rotation" },
        }),
        refuses("rotation of a signing key, which KMS would refuse", all(signing, set("enableKeyRotation", true)), [
            "enableKeyRotation is true; accepted: not set, since KMS cannot rotate this key.",
        ]),
        refuses(
            "a symmetric key without rotation, even with a runbook",
            all(set("enableKeyRotation", false), set("tags", { "relaypacs:rotation": "docs/runbooks/keys.md" })),
            "enableKeyRotation is false; accepted: true.",
        ),
        refuses(
            "an asymmetric encryption key without a runbook",
            all(set("customerMasterKeySpec", "RSA_4096"), unset("enableKeyRotation")),
            runbookIs("not set"),
        ),
        refuses(
            "a key of an external key store without a runbook",
            all(set("customKeyStoreId", "cks-1"), unset("enableKeyRotation")),
            runbookIs("not set"),
        ),
        unknownAt("customerMasterKeySpec"),
        remediates("a key without rotation", set("enableKeyRotation", false)),
        remediates("a missing value", unset("enableKeyRotation")),
        leaves("a key that rotates already", unchanged),
        leaves("a signing key", signing),
        unknownAt("enableKeyRotation"),
    ],
});

describeResourcePolicy(kmsKeyDeletionWindow, {
    ...key,
    cases: [
        accepts("a waiting period of seven days", set("deletionWindowInDays", 7)),
        refuses(
            "a waiting period of six days",
            set("deletionWindowInDays", 6),
            "deletionWindowInDays is 6; accepted: 7 to 30 days.",
        ),
        accepts("a missing waiting period, since the default is 30 days", unset("deletionWindowInDays")),
        refuses(
            "29 days where the setting asks for 30",
            set("deletionWindowInDays", 29),
            "deletionWindowInDays is 29; accepted: 30 to 30 days.",
            {
                settings: { minimumDays: 30 },
            },
        ),
        unknownAt("deletionWindowInDays"),
    ],
});

describeResourcePolicy(kmsKeyPolicyPrincipals, {
    ...key,
    cases: [
        ...outsiderCases("policy"),
        accepts("a key without a policy of its own", unset("policy")),
        refuses(
            "a KeyPolicy without a policy",
            unset("policy"),
            "policy is not set; accepted: an IAM policy document.",
            {
                type: aws.keyPolicy,
            },
        ),
    ],
});

describeResourcePolicy(kmsKeyLockoutCheck, {
    ...key,
    cases: [
        refuses("a safety check that is bypassed", set("bypassPolicyLockoutSafetyCheck", true), [
            "bypassPolicyLockoutSafetyCheck is true; accepted: false, or not set.",
        ]),
        refuses("a disabled key", set("isEnabled", false), "isEnabled is false; accepted: true, or not set."),
        unknownAt("isEnabled"),
    ],
});
