/** The AWS account and region that a stack works in. */
export interface Account {
    /** 12 digits. */
    readonly accountId: string;
    /** For example `us-east-1`. */
    readonly region: string;
}

/**
 * Names and ARNs that follow from the settings alone. They are plain strings, so that policies can judge them in the
 * first preview, and so that two stacks agree on them without reading each other's state.
 */
export const tags = (environment: string): Record<string, string> => ({
    "relaypacs:managed-by": "pulumi",
    "relaypacs:environment": environment,
});

export const registryHost = ({ accountId, region }: Account): string => `${accountId}.dkr.ecr.${region}.amazonaws.com`;

export const repositoryName = (service: string): string => `relaypacs/${service}`;

export const repositoryArn = ({ accountId, region }: Account, service: string): string =>
    `arn:aws:ecr:${region}:${accountId}:repository/${repositoryName(service)}`;

/** An image by digest: a tag can be moved, a digest can't. */
export const imageReference = (account: Account, service: string, digest: string): string =>
    `${registryHost(account)}/${repositoryName(service)}@${digest}`;

export const roleNames = [
    "preview-staging",
    "preview-prod",
    "drift-staging",
    "drift-prod",
    "publish",
    "sign-evidence",
    "deploy-staging",
    "deploy-prod",
    "rollback-prod",
] as const;

export type RoleName = (typeof roleNames)[number];

export const roleName = (role: RoleName): string => `relaypacs-${role}`;

export const roleArn = ({ accountId }: Account, role: RoleName): string =>
    `arn:aws:iam::${accountId}:role/${roleName(role)}`;

/** Address of a repository on GitHub, as evidence names the source of a release. */
export const repositoryAddress = ({ name, owner }: { readonly owner: string; readonly name: string }): string =>
    `https://github.com/${owner}/${name}`;

/** Issuer of the tokens that GitHub Actions presents, without scheme. */
export const githubIssuer = "token.actions.githubusercontent.com";

export const identityProviderArn = ({ accountId }: Account): string =>
    `arn:aws:iam::${accountId}:oidc-provider/${githubIssuer}`;

export type BucketPurpose =
    | "build-artifacts"
    | "test-reports"
    | "frontend-assets"
    | "evidence"
    | "access-logs"
    | "database-backups"
    | "pulumi-state";

/** Bucket names are unique across all accounts of a partition, hence account and region in them. */
export const bucketName = ({ accountId, region }: Account, purpose: BucketPurpose): string =>
    `relaypacs-${purpose}-${accountId}-${region}`;

export const bucketArn = (account: Account, purpose: BucketPurpose): string =>
    `arn:aws:s3:::${bucketName(account, purpose)}`;

export const secretName = (environment: string, secret: string): string => `relaypacs/${environment}/${secret}`;

/** Secrets Manager appends six random characters to a secret's ARN. */
export const secretArnPattern = ({ accountId, region }: Account, environment: string): string =>
    `arn:aws:secretsmanager:${region}:${accountId}:secret:relaypacs/${environment}/*`;

export const namespaceName = (environment: string): string => `relaypacs-${environment}`;

/** Annotation of a pod: the digest of its image, `sha256:…`. Prometheus labels the pod's samples with it. */
export const imageDigestAnnotation = "relaypacs.com/image-digest";

/** Label of a pod and its ReplicaSet by which Argo Rollouts tells colours apart (Argo Rollouts 1.9). */
export const templateHashLabel = "rollouts-pod-template-hash";

/** GitHub's name of an environment; the stack is `prod`, the environment `production` (specification, section 6). */
export const githubEnvironment = (environment: string): string => (environment === "prod" ? "production" : environment);

/**
 * GitHub environment of the gateway from which production is updated, once someone has approved the release in the
 * environment `production`. They are two, because a job that waits for an approver holds the lock of its concurrency group.
 */
export const deploymentEnvironment = "production-deployment";

/** GitHub environment of the gateway in which production goes back, without an approver (specification, section 7). */
export const rollbackEnvironment = "production-rollback";

/** GitHub environment of the gateway in which the pipeline's evidence is signed. Its subject is no other job's. */
export const signingEnvironment = "sign-evidence";

/** GitHub environment of this program's repository in which a stack is previewed, once an approver has looked. */
export const previewEnvironment = (stack: "staging" | "prod"): `preview-${"staging" | "prod"}` => `preview-${stack}`;

/** GitHub environment of this program's repository in which `main` looks for drift of a stack, without an approver. */
export const driftEnvironment = (stack: "staging" | "prod"): `drift-${"staging" | "prod"}` => `drift-${stack}`;

/** Kubernetes group of the role that updates an environment. */
export const deployersGroup = (environment: string): string => `relaypacs:deployers-${environment}`;

/** Kubernetes group of the role that only goes back in an environment. */
export const rollbackGroup = (environment: string): string => `relaypacs:rollback-${environment}`;

/**
 * One user (`/login`) or one GitHub App (its node id, also as GitHub wrote it before 2021), as branch protection names
 * actors. A team is neither: it has any number of members.
 */
export const singleActor = /^(?:\/[A-Za-z0-9][A-Za-z0-9_-]{0,38}|A_[\w-]+|MDM6QXBw[\w+/]+=*)$/;
