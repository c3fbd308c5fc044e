import { aws } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/aws";
import { inDocument, set, unset } from "../support/cases";
import { attack, type Attack } from "./attack";

const stranger = "arn:aws:iam::999999999999:root";
const allows = (Principal: unknown, more: object = {}) => ({
    Statement: [{ Effect: "Allow", Principal, Action: "*", Resource: "*", ...more }],
});
const document = (property: string, value: object) => set(property, JSON.stringify(value));
const grants = (Action: unknown, Resource: unknown = "arn:aws:s3:::relaypacs-artifacts/*") =>
    document("policy", { Statement: [{ Effect: "Allow", Action, Resource }] });
const trust = (change: (statement: Record<string, unknown>) => void) =>
    inDocument("assumeRolePolicy", (role) => {
        change((role.Statement as Record<string, unknown>[])[0]!);
    });
/** Sets a claim's condition, or removes it. */
const trustEquals = (claim: string, value: unknown) =>
    trust((statement) => {
        const equals = (statement.Condition as { StringEquals: Record<string, unknown> }).StringEquals;
        if (value === undefined) Reflect.deleteProperty(equals, `token.actions.githubusercontent.com:${claim}`);
        else equals[`token.actions.githubusercontent.com:${claim}`] = value;
    });
const subject = (value: unknown) => trustEquals("sub", value);

/** Subjects that let in more than one job's environment. */
const subjects: readonly (readonly [string, string | readonly string[]])[] = [
    ["a role for any branch", "repo:relaypacs@123456/gateway@456789:*"],
    ["a role for any repository", "repo:relaypacs@123456/*"],
    ["a role for another organisation", "repo:evil@123456/gateway@456789:environment:staging"],
    ["a role for pull requests", "repo:relaypacs@123456/gateway@456789:pull_request"],
    ["a role for a branch without reviews", "repo:relaypacs@123456/gateway@456789:ref:refs/heads/evil"],
    ["a role for whoever takes the repository's name", "repo:relaypacs/gateway:environment:staging"],
    ["a role for whoever takes the owner's name", "repo:relaypacs/gateway@456789:environment:staging"],
    [
        "a role for several subjects",
        ["repo:relaypacs@1/gateway@2:environment:a", "repo:relaypacs@1/gateway@2:environment:x"],
    ],
];

/** Workflows that no one has reviewed at one commit. */
const workflows: readonly (readonly [string, string | undefined])[] = [
    ["a role for any workflow", undefined],
    ["a role for workflows of the gateway", `relaypacs/gateway/.github/workflows/x.yml@${"a".repeat(40)}`],
    ["a role for workflows of another organisation", `evil/platform/.github/workflows/deploy.yml@${"a".repeat(40)}`],
    ["a role for a workflow of a branch", "relaypacs/platform/.github/workflows/deploy.yml@refs/heads/main"],
    ["a role for a workflow of a tag", "relaypacs/platform/.github/workflows/deploy.yml@refs/tags/v1"],
    ["a role for a workflow at a short commit", "relaypacs/platform/.github/workflows/deploy.yml@aaaaaaa"],
    ["a role for workflows by pattern", "relaypacs/platform/.github/workflows/*@*"],
];

/** Policies of resources that let others in, by type and the property that holds the document. */
const open: readonly (readonly [string, object, string, string, string])[] = [
    [aws.bucketPolicy, fixtures.bucketPolicy, "policy", "s3-bucket-policy-principals", "a bucket"],
    [aws.ecrRepositoryPolicy, fixtures.repositoryPolicy, "policy", "ecr-repository-policy-principals", "a registry"],
    [aws.secretPolicy, fixtures.secretPolicy, "policy", "secretsmanager-policy-principals", "a secret"],
    [aws.key, fixtures.key, "policy", "kms-key-policy-principals", "a key"],
    [aws.role, fixtures.role, "assumeRolePolicy", "iam-role-trust-principals", "a role"],
];
const accepted =
    'principals of the accounts ["123456789012"], AWS services, or a condition on the account, organisation or source.';

export const cloudAttacks: readonly Attack[] = [
    ...open.flatMap(([type, given, property, policy, what]) => [
        attack(
            `${what} for everyone`,
            type,
            given,
            document(property, allows("*")),
            policy,
            `${property} Statement[0] lets in everybody; accepted: ${accepted}`,
        ),
        attack(
            `${what} for all of AWS`,
            type,
            given,
            document(property, allows({ AWS: "*" })),
            policy,
            `${property} Statement[0] lets in everybody; accepted: ${accepted}`,
        ),
        attack(
            `${what} for a stranger's account`,
            type,
            given,
            document(property, allows({ AWS: stranger })),
            policy,
            `${property} Statement[0] lets in "${stranger}"; accepted: ${accepted}`,
        ),
        attack(
            `${what} for everyone but one`,
            type,
            given,
            document(property, allows(undefined, { NotPrincipal: { AWS: stranger } })),
            policy,
            `${property} Statement[0] lets in everybody; accepted: ${accepted}`,
        ),
    ]),
    attack(
        "a bucket without TLS",
        aws.bucketPolicy,
        fixtures.bucketPolicy,
        document("policy", allows({ AWS: fixtures.roleArn })),
        "s3-bucket-policy-tls",
        "policy allows requests to the bucket without TLS; accepted: a Deny of s3:* to everybody when aws:SecureTransport is false, on the bucket and on its objects.",
    ),
    attack(
        "a bucket that is deleted with its contents",
        aws.bucket,
        fixtures.bucket,
        set("forceDestroy", true),
        "s3-bucket-force-destroy",
        "forceDestroy is true; accepted: false, outside the stacks [].",
    ),
    attack(
        "a bucket with a public list",
        aws.bucket,
        fixtures.bucket,
        set("acl", "public-read"),
        "s3-bucket-acl-private",
        'acl is "public-read"; accepted: "private", or not set.',
    ),
    attack(
        "a bucket with a policy inside",
        aws.bucket,
        fixtures.bucket,
        document("policy", allows("*")),
        "s3-bucket-own-resources",
        "policy is set on the bucket itself; accepted: aws.s3.BucketPolicy.",
    ),
    attack(
        "a bucket with copies elsewhere",
        aws.bucket,
        fixtures.bucket,
        set("replicationConfiguration", { role: "x" }),
        "s3-bucket-own-resources",
        "replicationConfiguration is set on the bucket itself; accepted: a bucket without replication.",
    ),
    attack(
        "a bucket as a website",
        aws.bucket,
        fixtures.bucket,
        set("website", { indexDocument: "x" }),
        "s3-bucket-own-resources",
        "website is set on the bucket itself; accepted: a private bucket behind a CDN.",
    ),
    attack(
        "evidence without a lock",
        aws.bucket,
        fixtures.evidenceBucket,
        unset("objectLockEnabled"),
        "s3-bucket-object-lock",
        "objectLockEnabled is not set; accepted: true, for evidence.",
    ),
    attack(
        "evidence that may be deleted early",
        aws.bucketObjectLock,
        fixtures.objectLock,
        set("rule.defaultRetention.years", 1),
        "s3-object-lock-retention",
        "rule.defaultRetention.years is 1; accepted: at least 6 years, or 2192 days.",
    ),
    attack(
        "evidence that expires",
        aws.bucketLifecycle,
        fixtures.evidenceLifecycle,
        set("rules.0.expiration.days", 1),
        "s3-lifecycle-keeps-evidence",
        "rules[0].expiration.days is 1; accepted: not set, or at least 2192 days (6 years).",
    ),
    attack(
        "a bucket without versions",
        aws.bucketVersioning,
        fixtures.bucketVersioning,
        set("versioningConfiguration.status", "Suspended"),
        "s3-versioning-enabled",
        'versioningConfiguration.status is "Suspended"; accepted: "Enabled".',
    ),
    attack(
        "a bucket with access lists",
        aws.bucketOwnership,
        fixtures.bucketOwnership,
        set("rule.objectOwnership", "ObjectWriter"),
        "s3-ownership-controls-enforced",
        'rule.objectOwnership is "ObjectWriter"; accepted: "BucketOwnerEnforced".',
    ),
    attack(
        "a bucket that may become public",
        aws.bucketPublicAccessBlock,
        fixtures.publicAccessBlock,
        set("restrictPublicBuckets", false),
        "s3-public-access-block-flags",
        "restrictPublicBuckets is false; accepted: true.",
    ),
    attack(
        "a bucket with AWS's own key",
        aws.bucketEncryption,
        fixtures.bucketEncryption,
        set("rules.0.applyServerSideEncryptionByDefault", { sseAlgorithm: "AES256" }),
        "s3-encryption-customer-key",
        'rules[0].applyServerSideEncryptionByDefault.sseAlgorithm is "AES256"; accepted: "aws:kms" or "aws:kms:dsse".',
    ),
    attack(
        "a log of a bucket in itself",
        aws.bucketLogging,
        fixtures.bucketLogging,
        set("targetBucket", "relaypacs-artifacts"),
        "s3-logging-other-bucket",
        'targetBucket is "relaypacs-artifacts"; accepted: another bucket than the one that is logged.',
    ),
    attack(
        "an image that can be replaced",
        aws.ecrRepository,
        fixtures.repository,
        set("imageTagMutability", "MUTABLE"),
        "ecr-repository-immutable-tags",
        'imageTagMutability is "MUTABLE"; accepted: "IMMUTABLE".',
    ),
    attack(
        "an image that no one scans",
        aws.ecrRepository,
        fixtures.repository,
        set("imageScanningConfiguration.scanOnPush", false),
        "ecr-repository-scan-on-push",
        "imageScanningConfiguration.scanOnPush is false; accepted: true.",
    ),
    attack(
        "a registry that is deleted with its images",
        aws.ecrRepository,
        fixtures.repository,
        set("forceDelete", true),
        "ecr-repository-force-delete",
        "forceDelete is true; accepted: false, outside the stacks [].",
    ),
    attack(
        "a registry with AWS's own key",
        aws.ecrRepository,
        fixtures.repository,
        unset("encryptionConfigurations"),
        "ecr-repository-customer-key",
        'encryptionConfigurations[0].encryptionType is not set; accepted: "KMS" or "KMS_DSSE".',
    ),
    attack(
        "a key that never changes",
        aws.key,
        fixtures.key,
        set("enableKeyRotation", false),
        "kms-key-rotation",
        "enableKeyRotation is false; accepted: true.",
    ),
    attack(
        "a key that is gone in days",
        aws.key,
        fixtures.key,
        set("deletionWindowInDays", 1),
        "kms-key-deletion-window",
        "deletionWindowInDays is 1; accepted: 7 to 30 days.",
    ),
    attack(
        "a key that locks everyone out",
        aws.key,
        fixtures.key,
        set("bypassPolicyLockoutSafetyCheck", true),
        "kms-key-lockout-check",
        "bypassPolicyLockoutSafetyCheck is true; accepted: false, or not set.",
    ),
    attack(
        "a secret that is gone at once",
        aws.secret,
        fixtures.secret,
        set("recoveryWindowInDays", 0),
        "secretsmanager-secret-recovery-window",
        "recoveryWindowInDays is 0; accepted: 7 to 30 days.",
    ),
    attack(
        "a secret with AWS's own key",
        aws.secret,
        fixtures.secret,
        unset("kmsKeyId"),
        "secretsmanager-secret-customer-key",
        "kmsKeyId is not set; accepted: the ARN of a customer managed key.",
    ),
    attack(
        "a secret that every administrator reads",
        aws.secretPolicy,
        fixtures.secretPolicy,
        set(
            "policy",
            JSON.stringify({
                Version: "2012-10-17",
                Statement: [{ Effect: "Deny", Principal: "*", Action: "secretsmanager:DeleteSecret", Resource: "*" }],
            }),
        ),
        "secretsmanager-policy-readers",
        "policy lets any role of the account read the value; accepted: a Deny of secretsmanager:GetSecretValue to everybody when aws:PrincipalArn is none of the named roles.",
    ),
    attack(
        "a secret that changes once in years",
        aws.secretRotation,
        fixtures.secretRotation,
        set("rotationRules.automaticallyAfterDays", 999),
        "secretsmanager-rotation-schedule",
        "rotationRules.automaticallyAfterDays is 999; accepted: 1 to 90 days.",
    ),
    ...subjects.map(([title, given]) =>
        attack(
            title,
            aws.role,
            fixtures.role,
            subject(given),
            "iam-role-trust-subject",
            `assumeRolePolicy Statement[0]: sub is ${JSON.stringify([{ operator: "StringEquals", values: [given].flat() }])}; accepted: StringEquals one subject without wildcards, as repo:relaypacs@ID/REPOSITORY@ID:environment:NAME or :ref:refs/heads/main.`,
        ),
    ),
    ...workflows.map(([title, given]) =>
        attack(
            title,
            aws.role,
            fixtures.role,
            trustEquals("job_workflow_ref", given),
            "iam-role-trust-subject",
            `assumeRolePolicy Statement[0]: job_workflow_ref is ${given === undefined ? "not set" : JSON.stringify(given)}; accepted: StringEquals workflows of relaypacs/platform, as relaypacs/platform/.github/workflows/FILE.yml@COMMIT with 40 hexadecimal digits.`,
        ),
    ),
    attack(
        "a role for another identity provider",
        aws.role,
        fixtures.role,
        trust((statement) => {
            statement.Principal = { Federated: "arn:aws:iam::123456789012:oidc-provider/gitlab.example.com" };
        }),
        "iam-role-trust-subject",
        'assumeRolePolicy Statement[0]: principal is "arn:aws:iam::123456789012:oidc-provider/gitlab.example.com"; accepted: the account\'s identity provider token.actions.githubusercontent.com.',
    ),
    attack(
        "a role without a condition",
        aws.role,
        fixtures.role,
        trust((statement) => {
            delete statement.Condition;
        }),
        "iam-role-trust-subject",
        'assumeRolePolicy Statement[0]: aud is not set; accepted: StringEquals "sts.amazonaws.com".',
    ),
    attack(
        "a role for a day",
        aws.role,
        fixtures.role,
        set("maxSessionDuration", 43200),
        "iam-role-session-duration",
        "maxSessionDuration is 43200; accepted: at most 3600 seconds.",
    ),
    attack(
        "a role of AWS's administrators",
        aws.role,
        fixtures.role,
        set("managedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
        "iam-policy-administrator",
        'managedPolicyArns[0] is "arn:aws:iam::aws:policy/AdministratorAccess"; accepted: any policy but AdministratorAccess, PowerUserAccess, IAMFullAccess.',
    ),
    attack(
        "a role with everything inside",
        aws.role,
        fixtures.role,
        set("inlinePolicies", [
            { policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }) },
        ]),
        "iam-policy-wildcard-actions",
        'inlinePolicies[0].policy Statement[0] allows "*"; accepted: the actions that are needed, by name.',
    ),
    attack(
        "a policy of every action",
        aws.rolePolicy,
        fixtures.rolePolicy,
        grants("*"),
        "iam-policy-wildcard-actions",
        'policy Statement[0] allows "*"; accepted: the actions that are needed, by name.',
    ),
    attack(
        "a policy of a service's every action",
        aws.rolePolicy,
        fixtures.rolePolicy,
        grants("iam:*"),
        "iam-policy-wildcard-actions",
        'policy Statement[0] allows "iam:*"; accepted: the actions that are needed, by name.',
    ),
    attack(
        "a policy of every action but one",
        aws.rolePolicy,
        fixtures.rolePolicy,
        document("policy", { Statement: [{ Effect: "Allow", NotAction: "s3:Get*", Resource: "*" }] }),
        "iam-policy-inverted-elements",
        "policy Statement[0] allows by NotAction; accepted: Action.",
    ),
    attack(
        "a policy of all resources by a pattern",
        aws.rolePolicy,
        fixtures.rolePolicy,
        grants("s3:Put*", "*"),
        "iam-policy-wildcard-resources",
        'policy Statement[0] allows "s3:Put*" on every resource; accepted: named resources, or actions by name.',
    ),
    attack(
        "tokens of another issuer",
        aws.oidcProvider,
        fixtures.oidcProvider,
        set("url", "https://evil.example"),
        "iam-oidc-provider-audience",
        'url is "https://evil.example"; accepted: https://token.actions.githubusercontent.com.',
    ),
    attack(
        "tokens for another audience",
        aws.oidcProvider,
        fixtures.oidcProvider,
        set("clientIdLists", ["evil"]),
        "iam-oidc-provider-audience",
        'clientIdLists is ["evil"]; accepted: ["sts.amazonaws.com"].',
    ),
];
