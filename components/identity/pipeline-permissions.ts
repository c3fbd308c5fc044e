import { allow, type Statement } from "../shared/policy-document";
import {
    bucketArn,
    repositoryArn,
    roleArn,
    roleNames,
    secretArnPattern,
    type Account,
} from "../../delivery/core/names";
import { backupRoleArn } from "./backup-role";
import { rehearsalRoleArn } from "./rehearsal-role";
import { inState, keys, onlyAlias, readState, stateObject, writeState, type Stack } from "./state-access";
import { evidenceObjects } from "./evidence-objects";
import { signingKeyAlias, type SigningDuty } from "./signing-duties";

/** What each pipeline role may do: pure functions of the settings, one a role (specification, stages 3 to 10). */
export interface Scope {
    readonly account: Account;
    readonly services: readonly string[];
    /** Mirrored images of others, which the pipeline describes and never pushes: they judge what it deploys. */
    readonly tools?: readonly string[];
}

const repositories = ({ account, services }: Scope) => services.map((service) => repositoryArn(account, service));

const artifactBuckets = (account: Account) =>
    (["build-artifacts", "test-reports", "frontend-assets", "evidence"] as const).map((purpose) =>
        bucketArn(account, purpose),
    );

const describeResources = (scope: Scope): Statement[] => [
    allow(
        "DescribeRegistry",
        [
            "ecr:DescribeImages",
            "ecr:DescribeRepositories",
            "ecr:GetLifecyclePolicy",
            "ecr:GetRepositoryPolicy",
            "ecr:ListTagsForResource",
        ],
        repositories({ ...scope, services: [...scope.services, ...(scope.tools ?? [])] }),
    ),
    allow(
        "DescribeBuckets",
        [
            "s3:GetBucketLocation",
            "s3:GetBucketLogging",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:ListBucket",
        ],
        [
            ...artifactBuckets(scope.account),
            bucketArn(scope.account, "access-logs"),
            bucketArn(scope.account, "database-backups"),
        ],
    ),
    allow(
        "DescribeRoles",
        ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
        [
            ...roleNames.map((role) => roleArn(scope.account, role)),
            ...(["staging", "prod"] as const).map((stack) => backupRoleArn(scope.account, stack)),
            rehearsalRoleArn(scope.account),
        ],
    ),
    allow(
        "DescribeKeys",
        ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:GetPublicKey", "kms:ListResourceTags"],
        keys(scope.account),
    ),
];

/** Evidence lies under the release's version; every version of an object stays readable. */
const readEvidence = (account: Account): Statement[] => [
    allow("ListEvidence", ["s3:ListBucket"], bucketArn(account, "evidence")),
    allow("ReadEvidence", ["s3:GetObject", "s3:GetObjectVersion"], evidenceObjects(account)),
];

/**
 * Adds evidence: nothing deletes it, shortens its retention or gets round Object Lock, and what is put twice is kept
 * twice. The duty's own key signs, with the one algorithm that evidence knows.
 */
const stateEvidence = (account: Account, duty: SigningDuty): Statement[] => [
    allow("StoreEvidence", ["s3:PutObject"], evidenceObjects(account, duty)),
    allow("SignEvidence", ["kms:Sign"], keys(account), {
        ...onlyAlias(signingKeyAlias(duty)),
        StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256" },
    }),
    allow("NameSigningKey", ["kms:DescribeKey", "kms:GetPublicKey"], keys(account), onlyAlias(signingKeyAlias(duty))),
];

const reachCluster = ({ accountId, region }: Account, ...environments: string[]): Statement =>
    allow(
        "ReachCluster",
        ["eks:DescribeCluster"],
        environments.map((environment) => `arn:aws:eks:${region}:${accountId}:cluster/relaypacs-${environment}`),
    );

/** Versions are told by their ids; reading a value is another action. */
const describeSecrets = (account: Account, stack: Stack): Statement =>
    allow(
        "DescribeSecrets",
        ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:ListSecretVersionIds"],
        secretArnPattern(account, stack),
    );

/**
 * A preview reads its stack's state, live resources and evidence, and changes nothing. The state holds secrets, and the
 * program of a pull request can print them: an approver reads it first (`previewEnvironment`). The other stack's state
 * stays closed, so that an approval for staging is none for production.
 */
export function previewStatements(scope: Scope, stack: Stack): Statement[] {
    return [
        ...readState(scope.account, stack),
        reachCluster(scope.account, stack),
        ...describeResources(scope),
        describeSecrets(scope.account, stack),
        ...readEvidence(scope.account),
        allow("DecryptEvidence", ["kms:Decrypt"], keys(scope.account), onlyAlias("alias/relaypacs-artifacts")),
    ];
}

/** To look for drift: state and live resources, no evidence, and no value of a secret. It runs reviewed code of `main` only. */
export function driftStatements(scope: Scope, stack: Stack): Statement[] {
    return [
        ...readState(scope.account, stack),
        reachCluster(scope.account, stack),
        ...describeResources(scope),
        describeSecrets(scope.account, stack),
    ];
}

/** Stores objects in buckets that the key of the artifacts encrypts. */
const encryptArtifacts = (account: Account): Statement =>
    allow(
        "EncryptArtifacts",
        ["kms:Decrypt", "kms:GenerateDataKey"],
        keys(account),
        onlyAlias("alias/relaypacs-artifacts"),
    );

// Amazon ECR grants the login to the registry as a whole: the action knows no resource.
const logInToRegistry = allow("LogInToRegistry", ["ecr:GetAuthorizationToken"], "*");

const pullActions = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:DescribeImageScanFindings",
    "ecr:DescribeImages",
    "ecr:GetDownloadUrlForLayer",
];

/** A merge to `main` pushes images, stores assets and the release's record; it states nothing and deletes nothing. */
export function publishStatements(scope: Scope): Statement[] {
    const { account } = scope;
    return [
        logInToRegistry,
        allow(
            "PushImages",
            [
                ...pullActions,
                "ecr:CompleteLayerUpload",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            repositories(scope),
        ),
        allow(
            "StoreArtifacts",
            ["s3:PutObject"],
            [`${bucketArn(account, "build-artifacts")}/*`, `${bucketArn(account, "frontend-assets")}/*`],
        ),
        encryptArtifacts(account),
    ];
}

/**
 * States the pipeline's evidence, about images that it reads and can't push: what builds and pushes can't say that it
 * was tested.
 */
export function signStatements(scope: Scope): Statement[] {
    const { account } = scope;
    return [
        logInToRegistry,
        allow("ReadImages", pullActions, repositories(scope)),
        allow("StoreReports", ["s3:PutObject"], `${bucketArn(account, "test-reports")}/*`),
        ...stateEvidence(account, "pipeline"),
        // The token that reads the platform's repository, for its release commands.
        allow("ReadToken", ["secretsmanager:GetSecretValue"], secretArnPattern(account, "publish")),
        encryptArtifacts(account),
    ];
}

/**
 * An update changes the state of its own stack and the cluster, and reads the environment's secrets. It can't change
 * roles, keys, buckets or repositories: those change rarely, and by an administrator.
 */
function updateStatements(scope: Scope, environment: Stack): Statement[] {
    const { account } = scope;
    return [
        ...readState(account, environment),
        ...writeState(account, environment),
        ...describeResources(scope),
        reachCluster(account, environment),
        allow(
            "ReadSecrets",
            [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetResourcePolicy",
                "secretsmanager:GetSecretValue",
                "secretsmanager:ListSecretVersionIds",
            ],
            secretArnPattern(account, environment),
        ),
        allow(
            "UseSecretsKey",
            ["kms:Decrypt"],
            keys(account),
            onlyAlias(`alias/relaypacs-secrets-${environment}`, "alias/relaypacs-artifacts"),
        ),
        ...readEvidence(account),
        // What a rollback goes back to.
        allow("ReadReleases", ["s3:GetObject"], `${bucketArn(account, "build-artifacts")}/releases/*`),
    ];
}

/** A deployment updates, marks what runs, changes the environment's secrets, and states and stores what it has shown. */
export function deployStatements(scope: Scope, environment: Stack): Statement[] {
    const { account } = scope;
    return [
        ...updateStatements(scope, environment),
        allow("MarkRunningImage", ["ecr:BatchGetImage", "ecr:PutImage"], repositories(scope)),
        allow(
            "ChangeSecrets",
            ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"],
            secretArnPattern(account, environment),
        ),
        allow(
            "EncryptSecretsAndEvidence",
            ["kms:GenerateDataKey"],
            keys(account),
            onlyAlias(`alias/relaypacs-secrets-${environment}`, "alias/relaypacs-artifacts"),
        ),
        ...stateEvidence(account, environment === "prod" ? "production" : "staging"),
        allow("StoreReports", ["s3:PutObject"], `${bucketArn(account, "test-reports")}/*`),
        // Approver's page and rollback plan name the version that production runs. It is in plain text there, and the
        // secrets beside it stay closed without production's key.
        ...(environment === "staging"
            ? [allow("ReadProductionVersion", ["s3:GetObject"], inState(account, [stateObject("prod")]))]
            : []),
    ];
}

/**
 * Production's rollback updates as a deployment does, but changes no secret and no image and attests nothing
 * (specification, section 7): it waits for no approver, so it can't say that a release was approved or has run.
 */
export function rollbackStatements(scope: Scope): Statement[] {
    return updateStatements(scope, "prod");
}
