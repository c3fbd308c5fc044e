import { s3BucketCompanions } from "../../../policies/s3/bucket-companions";
import { s3BucketForceDestroy } from "../../../policies/s3/bucket-force-destroy";
import { s3BucketObjectLock } from "../../../policies/s3/bucket-object-lock";
import { s3LifecycleKeepsEvidence } from "../../../policies/s3/lifecycle-keeps-evidence";
import { s3LifecycleUnfinishedUploads } from "../../../policies/s3/lifecycle-unfinished-uploads";
import { s3ObjectLockRetention } from "../../../policies/s3/object-lock-retention";
import { aws } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/aws";
import { accepts, all, refuses, set, unchanged, unknownAt, unknownValue, unset } from "../support/cases";
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
import type { DeclaredStack } from "../support/suites";

const bucket = { type: aws.bucket, given: fixtures.bucket };

const unfinished = (days: number) =>
    "rules never abort unfinished uploads in time; accepted: an enabled rule for the whole bucket with " +
    `abortIncompleteMultipartUpload.daysAfterInitiation at most ${days}.`;

const abortDays = "rules.0.abortIncompleteMultipartUpload.daysAfterInitiation";

describeResourcePolicy(s3LifecycleUnfinishedUploads, {
    type: aws.bucketLifecycle,
    given: fixtures.bucketLifecycle,
    cases: [
        refuses("a lifecycle without rules", unset("rules"), unfinished(7)),
        refuses("an abort that is one day too late", set(abortDays, 8), unfinished(7)),
        refuses("an abort after zero days", set(abortDays, 0), unfinished(7)),
        accepts("a rule without a filter", unset("rules.0.filter")),
        accepts("an abort after one day", set(abortDays, 1)),
        accepts("eight days where the setting allows them", set(abortDays, 8), { settings: { maximumDays: 8 } }),
        refuses("a disabled rule", set("rules.0.status", "Disabled"), unfinished(7)),
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
        refuses(
            "evidence that expires one day too early",
            set("rules.0.expiration.days", 2191),
            `rules[0].expiration.days is 2191; ${kept}`,
        ),
        refuses(
            "old versions of evidence that expire too early",
            set("rules.0.noncurrentVersionExpiration.noncurrentDays", 2191),
            [`rules[0].noncurrentVersionExpiration.noncurrentDays is 2191; ${kept}`],
        ),
        refuses("evidence that expires on a date", set("rules.0.expiration", { date: "2027-01-01" }), [
            `rules[0].expiration.date is "2027-01-01"; ${kept}`,
        ]),
        accepts("a rule without an expiration", unset("rules.0.expiration", "rules.0.noncurrentVersionExpiration")),
        accepts("a disabled rule", all(set("rules.0.status", "Disabled"), set("rules.0.expiration.days", 1))),
        accepts(
            "an expiration in other buckets",
            all(set("bucket", "relaypacs-artifacts"), set("rules.0.expiration.days", 1)),
        ),
        refuses(
            "a bucket whose evidence, found by resource name, expires one day too early",
            all(set("bucket", unknownValue), set("rules.0.expiration.days", 1)),
            `rules[0].expiration.days is 1; ${kept}`,
            { resourceName: "evidence-lifecycle" },
        ),
        accepts("ten days where the setting allows them", set("rules.0.expiration.days", 366), {
            settings: { minimumYears: 1 },
        }),
        accepts("a bucket that another pattern in the setting leaves out", set("rules.0.expiration.days", 1), {
            settings: { evidencePattern: "^audit" },
        }),
        unknownAt("bucket"),
        unknownAt("rules.0.expiration.days"),
    ],
});

describeResourcePolicy(s3ObjectLockRetention, {
    type: aws.bucketObjectLock,
    given: fixtures.objectLock,
    cases: [
        accepts("the mode governance", set("rule.defaultRetention.mode", "GOVERNANCE")),
        refuses(
            "the mode governance where the setting accepts only compliance",
            set("rule.defaultRetention.mode", "GOVERNANCE"),
            'rule.defaultRetention.mode is "GOVERNANCE"; accepted: "COMPLIANCE".',
            { settings: { modes: ["COMPLIANCE"] } },
        ),
        refuses("a retention of five years", set("rule.defaultRetention.years", 5), [
            "rule.defaultRetention.years is 5; accepted: at least 6 years, or 2192 days.",
        ]),
        accepts("a retention of 2192 days", set("rule.defaultRetention", { mode: "COMPLIANCE", days: 2192 })),
        refuses("a retention of 2191 days", set("rule.defaultRetention", { mode: "COMPLIANCE", days: 2191 }), [
            "rule.defaultRetention.days is 2191; accepted: at least 6 years, or 2192 days.",
        ]),
        refuses("a missing retention rule", unset("rule"), [
            'rule.defaultRetention.mode is not set; accepted: "COMPLIANCE" or "GOVERNANCE".',
            "rule.defaultRetention.years is not set; accepted: at least 6 years, or 2192 days.",
        ]),
        refuses("a lock that is not enabled", set("objectLockEnabled", "Disabled"), [
            'objectLockEnabled is "Disabled"; accepted: "Enabled".',
        ]),
        accepts("a lock of other buckets", all(set("bucket", "relaypacs-artifacts"), unset("rule"))),
        accepts("a retention of seven years", set("rule.defaultRetention.years", 7)),
        refuses(
            "six years where the setting asks for seven",
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
            "an evidence bucket without Object Lock",
            set("objectLockEnabled", false),
            "objectLockEnabled is false; accepted: true, for evidence.",
        ),
        refuses(
            "an evidence bucket with a missing value",
            unset("objectLockEnabled"),
            "objectLockEnabled is not set; accepted: true, for evidence.",
        ),
        accepts(
            "other buckets without Object Lock",
            all(set("bucket", "relaypacs-artifacts"), unset("objectLockEnabled")),
        ),
        unknownAt("objectLockEnabled"),
    ],
});

describeResourcePolicy(s3BucketForceDestroy, {
    ...bucket,
    cases: [
        refuses(
            "destruction of a bucket with objects",
            set("forceDestroy", true),
            "forceDestroy is true; accepted: false, outside the stacks [].",
        ),
        accepts("destruction in a stack that is listed", set("forceDestroy", true), {
            stack: "sandbox",
            settings: { stacks: ["sandbox"] },
        }),
        refuses(
            "destruction of evidence in a stack that is listed",
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
            "a bucket without a public access block",
            without("block"),
            lacks("public access block (aws.s3.BucketPublicAccessBlock)"),
            {
                on: "artifacts",
            },
        ),
        refusesStack("a bucket without encryption", without("encryption"), [
            lacks("encryption (aws.s3.BucketServerSideEncryptionConfiguration)"),
        ]),
        refusesStack(
            "a bucket without a bucket policy",
            without("policy"),
            lacks("bucket policy (aws.s3.BucketPolicy)"),
        ),
        refusesStack(
            "a bucket without versioning",
            without("versioning"),
            lacks("versioning (aws.s3.BucketVersioning)"),
        ),
        refusesStack("a bucket without ownership controls", without("ownership"), [
            lacks("ownership controls (aws.s3.BucketOwnershipControls)"),
        ]),
        refusesStack(
            "a bucket without a lifecycle",
            without("lifecycle"),
            lacks("lifecycle (aws.s3.BucketLifecycleConfiguration)"),
        ),
        refusesStack("a bucket without an access log", without("logging"), lacks("access log (aws.s3.BucketLogging)")),
        acceptsStack(
            "an access log bucket that is not logged itself",
            of("logging", all(set("bucket", "other"), set("targetBucket", "relaypacs-artifacts"))),
        ),
        refusesStack(
            "an evidence bucket without Object Lock",
            of("artifacts", set("bucket", "relaypacs-artifacts-evidence")),
            [lacks("object lock (aws.s3.BucketObjectLockConfiguration)")],
        ),
        acceptsStack(
            "an evidence bucket that another pattern in the setting leaves out",
            of("artifacts", set("bucket", "relaypacs-evidence")),
            {
                evidencePattern: "^audit",
            },
        ),
        unknownInStack(
            "the bucket of a companion is not known yet",
            together(without("policy"), of("block", set("bucket", unknownValue))),
            "bucket",
            lacks("bucket policy (aws.s3.BucketPolicy)"),
        ),
    ],
});
