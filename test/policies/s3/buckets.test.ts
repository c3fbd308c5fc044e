import { s3BucketAclPrivate } from "../../../policies/s3/bucket-acl-private";
import { s3BucketCurrentTypes } from "../../../policies/s3/bucket-current-types";
import { s3BucketOwnResources } from "../../../policies/s3/bucket-own-resources";
import { s3BucketPolicyPrincipals } from "../../../policies/s3/bucket-policy-principals";
import { s3BucketPolicyTls } from "../../../policies/s3/bucket-policy-tls";
import { s3EncryptionCustomerKey } from "../../../policies/s3/encryption-customer-key";
import { s3LoggingOtherBucket } from "../../../policies/s3/logging-other-bucket";
import { s3OwnershipControlsEnforced } from "../../../policies/s3/ownership-controls-enforced";
import { s3PublicAccessBlockFlags } from "../../../policies/s3/public-access-block-flags";
import { s3VersioningEnabled } from "../../../policies/s3/versioning-enabled";
import { aws } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/aws";
import {
    accepts,
    all,
    inDocument,
    leaves,
    refuses,
    remediates,
    set,
    unchanged,
    unknownAt,
    unknownValue,
    unset,
} from "../support/cases";
import { outsiderCases } from "../support/outsiders";
import { describeResourcePolicy } from "../support/suites";

const bucket = { type: aws.bucket, given: fixtures.bucket };

describeResourcePolicy(s3BucketAclPrivate, {
    ...bucket,
    cases: [
        ...["public-read", "public-read-write", "authenticated-read", "aws-exec-read"].map((acl) =>
            refuses(`the ACL ${acl}`, set("acl", acl), `acl is "${acl}"; accepted: "private", or not set.`),
        ),
        accepts("the ACL private", set("acl", "private")),
        accepts("the ACL of the log delivery group", set("acl", "log-delivery-write"), { type: aws.bucketAcl }),
        refuses(
            "a public ACL as a resource of its own",
            set("acl", "public-read"),
            'acl is "public-read"; accepted: "private", or not set.',
            { type: aws.bucketAcl },
        ),
        refuses(
            "a grant to all users",
            set("accessControlPolicy", {
                grants: [
                    { grantee: { id: "owner" } },
                    { grantee: { uri: "http://acs.amazonaws.com/groups/global/AllUsers" } },
                ],
            }),
            'accessControlPolicy.grants[1].grantee.uri is "http://acs.amazonaws.com/groups/global/AllUsers"; accepted: a group with known members.',
            { type: aws.bucketAcl },
        ),
        unknownAt("acl"),
    ],
});

describeResourcePolicy(s3BucketOwnResources, {
    ...bucket,
    cases: [
        refuses(
            "an inline bucket policy",
            set("policy", "{}"),
            "policy is set on the bucket itself; accepted: aws.s3.BucketPolicy.",
        ),
        refuses("inline versioning", set("versioning", { enabled: true }), [
            "versioning is set on the bucket itself; accepted: aws.s3.BucketVersioning.",
        ]),
        refuses(
            "inline grants and a website",
            all(set("grants", [{ type: "Group" }]), set("website", { indexDocument: "a" })),
            [
                "grants is set on the bucket itself; accepted: aws.s3.BucketPolicy.",
                "website is set on the bucket itself; accepted: a private bucket behind a CDN.",
            ],
        ),
        refuses("copies in another bucket", set("replicationConfiguration", { role: "x" }), [
            "replicationConfiguration is set on the bucket itself; accepted: a bucket without replication.",
        ]),
        accepts("an empty list of inline settings", set("lifecycleRules", [])),
        unknownAt("policy"),
    ],
});

describeResourcePolicy(s3BucketCurrentTypes, {
    type: "aws:s3/bucketV2:BucketV2",
    cases: [
        refuses("the type BucketV2", unchanged, 'the type is "aws:s3/bucketV2:BucketV2"; accepted: aws.s3.Bucket.'),
        refuses(
            "the type BucketVersioningV2",
            unchanged,
            'the type is "aws:s3/bucketVersioningV2:BucketVersioningV2"; accepted: aws.s3.BucketVersioning.',
            { type: "aws:s3/bucketVersioningV2:BucketVersioningV2" },
        ),
        accepts("the type Bucket", unchanged, { type: aws.bucket }),
        refuses("the type BucketV2, whatever values are known", set("bucket", unknownValue), [
            'the type is "aws:s3/bucketV2:BucketV2"; accepted: aws.s3.Bucket.',
        ]),
    ],
});

describeResourcePolicy(s3PublicAccessBlockFlags, {
    type: aws.bucketPublicAccessBlock,
    given: fixtures.publicAccessBlock,
    cases: [
        ...["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].flatMap((flag) => [
            refuses(`${flag} set to false`, set(flag, false), `${flag} is false; accepted: true.`),
            refuses(`${flag} missing, since the default is false`, unset(flag), `${flag} is not set; accepted: true.`),
            remediates(`${flag} set to false`, set(flag, false)),
            remediates(`${flag} missing`, unset(flag)),
        ]),
        refuses(
            "an account's block with a flag set to false",
            set("blockPublicAcls", false),
            "blockPublicAcls is false; accepted: true.",
            {
                type: aws.accountPublicAccessBlock,
            },
        ),
        leaves("a block with all four flags", unchanged),
        unknownAt("blockPublicAcls"),
        {
            ...unknownAt("blockPublicAcls", { messages: ["restrictPublicBuckets is false; accepted: true."] }),
            title: "one flag is not known yet, and refuse another one",
            change: all(set("blockPublicAcls", unknownValue), set("restrictPublicBuckets", false)),
        },
    ],
});

const byDefault = "rules.0.applyServerSideEncryptionByDefault";

describeResourcePolicy(s3EncryptionCustomerKey, {
    type: aws.bucketEncryption,
    given: fixtures.bucketEncryption,
    cases: [
        refuses("encryption with AES256", set(`${byDefault}.sseAlgorithm`, "AES256"), [
            'rules[0].applyServerSideEncryptionByDefault.sseAlgorithm is "AES256"; accepted: "aws:kms" or "aws:kms:dsse".',
        ]),
        accepts("AES256 on an access log bucket, which S3 requires", set(byDefault, { sseAlgorithm: "AES256" }), {
            resourceName: "access-logs",
        }),
        refuses(
            "AES256 on a bucket whose name only resembles an access log's",
            set(`${byDefault}.sseAlgorithm`, "AES256"),
            'rules[0].applyServerSideEncryptionByDefault.sseAlgorithm is "AES256"; accepted: "aws:kms" or "aws:kms:dsse".',
            { resourceName: "catalog" },
        ),
        accepts(
            "dual-layer encryption without a bucket key",
            all(set(`${byDefault}.sseAlgorithm`, "aws:kms:dsse"), unset("rules.0.bucketKeyEnabled")),
        ),
        refuses(
            "encryption without a bucket key",
            unset("rules.0.bucketKeyEnabled"),
            "rules[0].bucketKeyEnabled is not set; accepted: true.",
        ),
        refuses(
            "encryption without a KMS key",
            unset(`${byDefault}.kmsMasterKeyId`),
            "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId is not set; accepted: the ARN of a customer managed key.",
        ),
        refuses(
            "AWS's own key by alias",
            set(`${byDefault}.kmsMasterKeyId`, "alias/aws/s3"),
            'rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId is "alias/aws/s3"; accepted: the ARN of a customer managed key.',
        ),
        refuses("an encryption configuration without rules", set("rules", []), "rules is []; accepted: one rule."),
        unknownAt(`${byDefault}.kmsMasterKeyId`),
    ],
});

const denial = (path: string, value: unknown) => inDocument("policy", set(`Statement.0.${path}`, value));

const tls =
    "accepted: a Deny of s3:* to everybody when aws:SecureTransport is false, on the bucket and on its objects.";

const openBucket = `policy allows requests to the bucket without TLS; ${tls}`;

const openObjects = `policy allows requests to objects without TLS; ${tls}`;

describeResourcePolicy(s3BucketPolicyTls, {
    type: aws.bucketPolicy,
    given: fixtures.bucketPolicy,
    cases: [
        refuses("a policy without a denial", inDocument("policy", unset("Statement.0")), [openBucket, openObjects]),
        refuses("a denial for the bucket alone", denial("Resource", "arn:aws:s3:::relaypacs-artifacts"), openObjects),
        refuses("a denial for the objects alone", denial("Resource", "arn:aws:s3:::relaypacs-artifacts/*"), openBucket),
        refuses("a denial of some actions", denial("Action", "s3:GetObject"), [openBucket, openObjects]),
        refuses("a denial for some principals", denial("Principal", { AWS: fixtures.roleArn }), [
            openBucket,
            openObjects,
        ]),
        refuses("a denial of requests with TLS", denial("Condition.Bool", { "aws:SecureTransport": "true" }), [
            openBucket,
            openObjects,
        ]),
        refuses("a denial with a second condition", denial("Condition.StringEquals", { "aws:PrincipalAccount": "1" }), [
            openBucket,
            openObjects,
        ]),
        refuses("a statement that allows instead of denying", denial("Effect", "Allow"), [openBucket, openObjects]),
        accepts(
            "two denials, one for the bucket and one for its objects",
            inDocument("policy", (document) => {
                const statements = document.Statement as Record<string, unknown>[];
                const [deny] = statements;
                statements.push({ ...deny, Resource: "arn:aws:s3:::relaypacs-artifacts/*" });
                deny!.Resource = "arn:aws:s3:::relaypacs-artifacts";
            }),
        ),
        unknownAt("policy"),
    ],
});

describeResourcePolicy(s3BucketPolicyPrincipals, {
    type: aws.bucketPolicy,
    given: fixtures.bucketPolicy,
    cases: outsiderCases("policy"),
});

describeResourcePolicy(s3OwnershipControlsEnforced, {
    type: aws.bucketOwnership,
    given: fixtures.bucketOwnership,
    cases: [
        refuses("the ownership ObjectWriter", set("rule.objectOwnership", "ObjectWriter"), [
            'rule.objectOwnership is "ObjectWriter"; accepted: "BucketOwnerEnforced".',
        ]),
        refuses(
            "a missing ownership rule",
            unset("rule"),
            'rule.objectOwnership is not set; accepted: "BucketOwnerEnforced".',
        ),
        unknownAt("rule.objectOwnership"),
    ],
});

describeResourcePolicy(s3VersioningEnabled, {
    type: aws.bucketVersioning,
    given: fixtures.bucketVersioning,
    cases: [
        refuses("suspended versioning", set("versioningConfiguration.status", "Suspended"), [
            'versioningConfiguration.status is "Suspended"; accepted: "Enabled".',
        ]),
        refuses("a missing versioning configuration", unset("versioningConfiguration"), [
            'versioningConfiguration.status is not set; accepted: "Enabled".',
        ]),
        unknownAt("versioningConfiguration.status"),
    ],
});

describeResourcePolicy(s3LoggingOtherBucket, {
    type: aws.bucketLogging,
    given: fixtures.bucketLogging,
    cases: [
        refuses("a bucket that logs to itself", set("targetBucket", "relaypacs-artifacts"), [
            'targetBucket is "relaypacs-artifacts"; accepted: another bucket than the one that is logged.',
        ]),
        refuses("a logging configuration without a target", unset("targetBucket"), [
            "targetBucket is not set; accepted: another bucket than the one that is logged.",
        ]),
        unknownAt("targetBucket"),
    ],
});
