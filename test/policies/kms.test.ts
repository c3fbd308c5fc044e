import { kmsKeyDeletionWindow } from "../../policies/kms/key-deletion-window";
import { kmsKeyLockoutCheck } from "../../policies/kms/key-lockout-check";
import { kmsKeyPolicyPrincipals } from "../../policies/kms/key-policy-principals";
import { kmsKeyRotation } from "../../policies/kms/key-rotation";
import { aws } from "../../policies/shared/types";
import * as fixtures from "./fixtures/aws";
import { accepts, all, leaves, refuses, remediates, set, unchanged, unknownAt, unset } from "./support/cases";
import { outsiderCases } from "./support/outsiders";
import { describeResourcePolicy } from "./support/suites";

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
        refuses("no rotation", set("enableKeyRotation", false), "enableKeyRotation is false; accepted: true."),
        refuses(
            "a missing value: the default is off",
            unset("enableKeyRotation"),
            "enableKeyRotation is not set; accepted: true.",
        ),
        accepts("a year", set("rotationPeriodInDays", 365)),
        refuses(
            "a year and a day",
            set("rotationPeriodInDays", 366),
            "rotationPeriodInDays is 366; accepted: 90 to 365 days.",
        ),
        accepts("a signing key, which KMS cannot rotate and people do by a runbook", signing),
        refuses("a signing key without tags", all(signing, unset("tags")), runbookIs("not set")),
        refuses("a signing key whose tag is missing", all(signing, set("tags", {})), runbookIs("not set")),
        refuses("a signing key whose runbook is elsewhere", tagged("https://wiki/rotate"), [
            runbookIs('"https://wiki/rotate"'),
        ]),
        refuses("a runbook beside the folder", tagged("docs/runbooks/../evidence.md"), [
            runbookIs('"docs/runbooks/../evidence.md"'),
        ]),
        accepts(
            "another tag that the setting names",
            all(signing, set("tags", { rotation: "docs/runbooks/keys.md" })),
            {
                settings: { tag: "rotation" },
            },
        ),
        refuses("the usual tag where the setting names another", signing, runbookIs("not set", "rotation"), {
            settings: { tag: "rotation" },
        }),
        refuses("rotation of a signing key, which KMS would refuse", all(signing, set("enableKeyRotation", true)), [
            "enableKeyRotation is true; accepted: not set, since KMS cannot rotate this key.",
        ]),
        refuses(
            "a symmetric key, whatever its runbook says",
            all(set("enableKeyRotation", false), set("tags", { "relaypacs:rotation": "docs/runbooks/keys.md" })),
            "enableKeyRotation is false; accepted: true.",
        ),
        refuses(
            "an encryption key of two halves without runbook",
            all(set("customerMasterKeySpec", "RSA_4096"), unset("enableKeyRotation")),
            runbookIs("not set"),
        ),
        refuses(
            "a key of a store outside AWS without runbook",
            all(set("customKeyStoreId", "cks-1"), unset("enableKeyRotation")),
            runbookIs("not set"),
        ),
        unknownAt("customerMasterKeySpec"),
        remediates("no rotation", set("enableKeyRotation", false)),
        remediates("a missing value", unset("enableKeyRotation")),
        leaves("a key that rotates", unchanged),
        leaves("a signing key", signing),
        unknownAt("enableKeyRotation"),
    ],
});

describeResourcePolicy(kmsKeyDeletionWindow, {
    ...key,
    cases: [
        accepts("seven days", set("deletionWindowInDays", 7)),
        refuses("six days", set("deletionWindowInDays", 6), "deletionWindowInDays is 6; accepted: 7 to 30 days."),
        accepts("a missing window: the default is 30 days", unset("deletionWindowInDays")),
        refuses(
            "29 days where 30 are asked",
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
        accepts("a key without policy of its own", unset("policy")),
        refuses("a KeyPolicy without policy", unset("policy"), "policy is not set; accepted: an IAM policy document.", {
            type: aws.keyPolicy,
        }),
    ],
});

describeResourcePolicy(kmsKeyLockoutCheck, {
    ...key,
    cases: [
        refuses("a check that is bypassed", set("bypassPolicyLockoutSafetyCheck", true), [
            "bypassPolicyLockoutSafetyCheck is true; accepted: false, or not set.",
        ]),
        refuses("a key that is off", set("isEnabled", false), "isEnabled is false; accepted: true, or not set."),
        unknownAt("isEnabled"),
    ],
});
