import { s3BucketCompanions } from "../../policies/s3/bucket-companions";
import { s3BucketForceDestroy } from "../../policies/s3/bucket-force-destroy";
import { s3BucketObjectLock } from "../../policies/s3/bucket-object-lock";
import { s3LifecycleKeepsEvidence } from "../../policies/s3/lifecycle-keeps-evidence";
import { s3LifecycleUnfinishedUploads } from "../../policies/s3/lifecycle-unfinished-uploads";
import { s3ObjectLockRetention } from "../../policies/s3/object-lock-retention";
import { aws } from "../../policies/shared/types";
import * as fixtures from "./fixtures/aws";
import { accepts, all, refuses, set, unchanged, unknownAt, unknownValue, unset } from "./support/cases";
import {
    acceptsStack,
    describeResourcePolicy,
    describeStackPolicy,
    of,
    refusesStack,
    together,
    unknownInStack,
    without,
} from "./support/suites";
import type { DeclaredStack } from "./support/suites";

const bucket = { type: aws.bucket, given: fixtures.bucket };

const unfinished = (days: number) =>
    "rules never abort unfinished uploads in time; accepted: an enabled rule for the whole bucket with " +
    `abortIncompleteMultipartUpload.daysAfterInitiation at most ${days}.`;

const abortDays = "rules.0.abortIncompleteMultipartUpload.daysAfterInitiation";

describeResourcePolicy(s3LifecycleUnfinishedUploads, {
    type: aws.bucketLifecycle,
    given: fixtures.bucketLifecycle,
    cases: [
        refuses("no rule", unset("rules"), unfinished(7)),
        refuses("a day too many", set(abortDays, 8), unfinished(7)),
        refuses("zero days", set(abortDays, 0), unfinished(7)),
        accepts("a rule without filter", unset("rules.0.filter")),
        accepts("one day", set(abortDays, 1)),
        accepts("eight days where the setting allows them", set(abortDays, 8), { settings: { maximumDays: 8 } }),
        refuses("a rule that is off", set("rules.0.status", "Disabled"), unfinished(7)),
        refuses("a rule for part of the bucket", set("rules.0.filter.prefix", "tmp/"), unfinished(7)),
        refuses("a rule for tagged objects", set("rules.0.filter", { tag: { key: "a", value: "b" } }), unfinished(7)),
        unknownAt(abortDays),
    ],
});

const kept = "accepted: not set, or at least 2192 days (6 years).";

const evidenceLifecycle = { type: aws.bucketLifecycle, given: fixtures.evidenceLifecycle };

describeResourcePolicy(s3LifecycleKeepsEvidence, {
    ...evidenceLifecycle,
    cases: [
        refuses("a day too few", set("rules.0.expiration.days", 2191), `rules[0].expiration.days is 2191; ${kept}`),
        refuses("versions that go too soon", set("rules.0.noncurrentVersionExpiration.noncurrentDays", 2191), [
            `rules[0].noncurrentVersionExpiration.noncurrentDays is 2191; ${kept}`,
        ]),
        refuses("a date", set("rules.0.expiration", { date: "2027-01-01" }), [
            `rules[0].expiration.date is "2027-01-01"; ${kept}`,
        ]),
        accepts("no expiration", unset("rules.0.expiration", "rules.0.noncurrentVersionExpiration")),
        accepts("a rule that is off", all(set("rules.0.status", "Disabled"), set("rules.0.expiration.days", 1))),
        accepts("other buckets", all(set("bucket", "relaypacs-artifacts"), set("rules.0.expiration.days", 1))),
        refuses(
            "a day too few by resource name",
            all(set("bucket", unknownValue), set("rules.0.expiration.days", 1)),
            `rules[0].expiration.days is 1; ${kept}`,
            { resourceName: "evidence-lifecycle" },
        ),
        accepts("ten days where they are enough", set("rules.0.expiration.days", 366), {
            settings: { minimumYears: 1 },
        }),
        accepts("another pattern", set("rules.0.expiration.days", 1), { settings: { evidencePattern: "^audit" } }),
        unknownAt("bucket"),
        unknownAt("rules.0.expiration.days"),
    ],
});

describeResourcePolicy(s3ObjectLockRetention, {
    type: aws.bucketObjectLock,
    given: fixtures.objectLock,
    cases: [
        accepts("governance", set("rule.defaultRetention.mode", "GOVERNANCE")),
        refuses(
            "governance where only compliance is accepted",
            set("rule.defaultRetention.mode", "GOVERNANCE"),
            'rule.defaultRetention.mode is "GOVERNANCE"; accepted: "COMPLIANCE".',
            { settings: { modes: ["COMPLIANCE"] } },
        ),
        refuses("five years", set("rule.defaultRetention.years", 5), [
            "rule.defaultRetention.years is 5; accepted: at least 6 years, or 2192 days.",
        ]),
        accepts("2192 days", set("rule.defaultRetention", { mode: "COMPLIANCE", days: 2192 })),
        refuses("2191 days", set("rule.defaultRetention", { mode: "COMPLIANCE", days: 2191 }), [
            "rule.defaultRetention.days is 2191; accepted: at least 6 years, or 2192 days.",
        ]),
        refuses("a missing rule", unset("rule"), [
            'rule.defaultRetention.mode is not set; accepted: "COMPLIANCE" or "GOVERNANCE".',
            "rule.defaultRetention.years is not set; accepted: at least 6 years, or 2192 days.",
        ]),
        refuses("a lock that is off", set("objectLockEnabled", "Disabled"), [
            'objectLockEnabled is "Disabled"; accepted: "Enabled".',
        ]),
        accepts("other buckets", all(set("bucket", "relaypacs-artifacts"), unset("rule"))),
        accepts("seven years", set("rule.defaultRetention.years", 7)),
        refuses(
            "six years where seven are asked",
            unchanged,
            "rule.defaultRetention.years is 6; accepted: at least 7 years, or 2557 days.",
            { settings: { minimumYears: 7 } },
        ),
        unknownAt("bucket"),
    ],
});

describeResourcePolicy(s3BucketObjectLock, {
    type: aws.bucket,
    given: fixtures.evidenceBucket,
    cases: [
        refuses(
            "evidence without lock",
            set("objectLockEnabled", false),
            "objectLockEnabled is false; accepted: true, for evidence.",
        ),
        refuses(
            "evidence with nothing said",
            unset("objectLockEnabled"),
            "objectLockEnabled is not set; accepted: true, for evidence.",
        ),
        accepts("other buckets", all(set("bucket", "relaypacs-artifacts"), unset("objectLockEnabled"))),
        unknownAt("objectLockEnabled"),
    ],
});

describeResourcePolicy(s3BucketForceDestroy, {
    ...bucket,
    cases: [
        refuses(
            "destruction with objects",
            set("forceDestroy", true),
            "forceDestroy is true; accepted: false, outside the stacks [].",
        ),
        accepts("destruction in a stack that is listed", set("forceDestroy", true), {
            stack: "sandbox",
            settings: { stacks: ["sandbox"] },
        }),
        refuses(
            "destruction of evidence even there",
            all(set("bucket", "relaypacs-evidence"), set("forceDestroy", true)),
            "forceDestroy is true; accepted: false, for evidence in every stack.",
            { stack: "sandbox", settings: { stacks: ["sandbox"] } },
        ),
        unknownAt("forceDestroy"),
    ],
});

const stack: DeclaredStack = {
    artifacts: { type: aws.bucket, properties: { ...fixtures.bucket, id: "relaypacs-artifacts" } },
    block: { type: aws.bucketPublicAccessBlock, properties: fixtures.publicAccessBlock },
    encryption: { type: aws.bucketEncryption, properties: fixtures.bucketEncryption },
    policy: { type: aws.bucketPolicy, properties: fixtures.bucketPolicy },
    versioning: { type: aws.bucketVersioning, properties: fixtures.bucketVersioning },
    ownership: { type: aws.bucketOwnership, properties: fixtures.bucketOwnership },
    lifecycle: { type: aws.bucketLifecycle, properties: fixtures.bucketLifecycle },
    logging: { type: aws.bucketLogging, properties: fixtures.bucketLogging },
};

const lacks = (companion: string) => `artifacts has no ${companion}; accepted: at least one, in the same stack.`;

describeStackPolicy(s3BucketCompanions, {
    given: stack,
    cases: [
        refusesStack(
            "no public access block",
            without("block"),
            lacks("public access block (aws.s3.BucketPublicAccessBlock)"),
            {
                on: "artifacts",
            },
        ),
        refusesStack("no encryption", without("encryption"), [
            lacks("encryption (aws.s3.BucketServerSideEncryptionConfiguration)"),
        ]),
        refusesStack("no bucket policy", without("policy"), lacks("bucket policy (aws.s3.BucketPolicy)")),
        refusesStack("no versioning", without("versioning"), lacks("versioning (aws.s3.BucketVersioning)")),
        refusesStack("no ownership controls", without("ownership"), [
            lacks("ownership controls (aws.s3.BucketOwnershipControls)"),
        ]),
        refusesStack("no lifecycle", without("lifecycle"), lacks("lifecycle (aws.s3.BucketLifecycleConfiguration)")),
        refusesStack("no access log", without("logging"), lacks("access log (aws.s3.BucketLogging)")),
        acceptsStack(
            "a log bucket that is not logged itself",
            of("logging", all(set("bucket", "other"), set("targetBucket", "relaypacs-artifacts"))),
        ),
        refusesStack("evidence without object lock", of("artifacts", set("bucket", "relaypacs-artifacts-evidence")), [
            lacks("object lock (aws.s3.BucketObjectLockConfiguration)"),
        ]),
        acceptsStack("evidence by another pattern", of("artifacts", set("bucket", "relaypacs-evidence")), {
            evidencePattern: "^audit",
        }),
        unknownInStack(
            "a companion's bucket is not known yet",
            together(without("policy"), of("block", set("bucket", unknownValue))),
            "bucket",
            lacks("bucket policy (aws.s3.BucketPolicy)"),
        ),
    ],
});
