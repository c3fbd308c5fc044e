import type { Resource } from "./pending";

/** What only AWS or GitHub knows about what an update may have made. Undefined: there is none. */
export interface Account {
    /** The number of the AWS account. */
    number(): Promise<string>;
    /** Keys of the customer that are enabled, with their descriptions. */
    keys(): Promise<readonly { readonly id: string; readonly description: string }[]>;
    /** @param secret name or ARN */
    secret(secret: string): Promise<{ readonly arn: string; readonly currentVersion: string | undefined } | undefined>;
    /** @param repositoryId GraphQL's id of the repository */
    branchProtection(repositoryId: string, pattern: string): Promise<string | undefined>;
    deploymentPolicy(repository: string, environment: string, pattern: string): Promise<string | undefined>;
    ruleset(repository: string, name: string): Promise<string | undefined>;
}

interface Context {
    readonly account: Account;
    /** What the state has already. */
    readonly taken: ReadonlySet<string>;
}

type Inputs = Readonly<Record<string, unknown>>;

function text(inputs: Inputs, key: string): string {
    const value = inputs[key];
    if (typeof value !== "string" || value === "") throw new Error(`its ${key} is not in the state`);
    return value;
}

/** Providers call a resource by some of its inputs. */
const named =
    (...keys: readonly string[]) =>
    (inputs: Inputs) =>
        keys.map((key) => text(inputs, key)).join(":");

/** Kinds whose id follows from their inputs (the section "Import" of each in the providers' references). */
const fromInputs: Readonly<Record<string, (inputs: Inputs) => string>> = {
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": named("repository"),
    "aws:ecr/repository:Repository": named("name"),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": named("repository"),
    "aws:iam/role:Role": named("name"),
    "aws:iam/rolePolicy:RolePolicy": named("role", "name"),
    "aws:kms/alias:Alias": named("name"),
    "aws:s3/bucket:Bucket": named("bucket"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": named("bucket"),
    "aws:s3/bucketLogging:BucketLogging": named("bucket"),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": named("bucket"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": named("bucket"),
    "aws:s3/bucketPolicy:BucketPolicy": named("bucket"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": named("bucket"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": named("bucket"),
    "aws:s3/bucketVersioning:BucketVersioning": named("bucket"),
    "aws:secretsmanager/secretPolicy:SecretPolicy": named("secretArn"),
    "aws:secretsmanager/secretRotation:SecretRotation": named("secretId"),
    "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": named("repository", "environment", "secretName"),
    "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable": named(
        "repository",
        "environment",
        "variableName",
    ),
    "github:index/actionsSecret:ActionsSecret": named("repository", "secretName"),
    "github:index/actionsVariable:ActionsVariable": named("repository", "variableName"),
    "github:index/branch:Branch": named("repository", "branch"),
    "github:index/repository:Repository": named("name"),
    "github:index/repositoryEnvironment:RepositoryEnvironment": named("repository", "environment"),
};

/** Kinds of which AWS or GitHub makes the id. */
const lookedUp: Readonly<Record<string, (inputs: Inputs, context: Context) => Promise<string | undefined>>> = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": async (inputs, { account }) =>
        `arn:aws:iam::${await account.number()}:oidc-provider/${text(inputs, "url").replace(/^https:\/\//, "")}`,
    "aws:kms/key:Key": async (inputs, { account, taken }) => {
        const description = text(inputs, "description");
        const found = (await account.keys()).filter((key) => key.description === description && !taken.has(key.id));
        if (found.length > 1)
            throw new Error(
                `${String(found.length)} keys that the state does not have are described as "${description}"; schedule the deletion of all but one`,
            );
        return found[0]?.id;
    },
    "aws:secretsmanager/secret:Secret": async (inputs, { account }) =>
        (await account.secret(text(inputs, "name")))?.arn,
    "aws:secretsmanager/secretVersion:SecretVersion": async (inputs, { account, taken }) => {
        const secret = await account.secret(text(inputs, "secretId"));
        const id = secret?.currentVersion && `${secret.arn}|${secret.currentVersion}`;
        return id && !taken.has(id) ? id : undefined;
    },
    "github:index/branchProtection:BranchProtection": (inputs, { account }) =>
        account.branchProtection(text(inputs, "repositoryId"), text(inputs, "pattern")),
    "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy": async (
        inputs,
        { account },
    ) => {
        const [repository, environment] = [text(inputs, "repository"), text(inputs, "environment")];
        const pattern = text(inputs, inputs.branchPattern === undefined ? "tagPattern" : "branchPattern");
        const id = await account.deploymentPolicy(repository, environment, pattern);
        return id && `${repository}:${environment}:${id}`;
    },
    "github:index/repositoryRuleset:RepositoryRuleset": (inputs, { account }) =>
        account.ruleset(text(inputs, "repository"), text(inputs, "name")),
};

/** Kinds that exist once in a repository: making them again changes nothing. */
const repeatable = new Set(["github:index/repositoryVulnerabilityAlerts:RepositoryVulnerabilityAlerts"]);

/** The engine's own: they exist in the state alone. */
const isOwn = (type: string) => type.startsWith("pulumi:");

function objectName(inputs: Inputs): string {
    const metadata = (inputs.metadata ?? {}) as Inputs;
    const name = text(metadata, "name");
    return typeof metadata.namespace === "string" ? `${metadata.namespace}/${name}` : name;
}

/**
 * What the provider calls a resource, if it was made.
 *
 * @returns undefined where it was not made, or where making it again does no harm
 * @throws Error, one sentence, for a kind that is not known and for what can't be told
 */
export async function identityOf({ type, inputs = {} }: Resource, context: Context): Promise<string | undefined> {
    if (isOwn(type) || repeatable.has(type)) return undefined;
    if (type.startsWith("kubernetes:")) return objectName(inputs);
    const fixed = fromInputs[type];
    if (fixed) return fixed(inputs);
    const asked = lookedUp[type];
    if (!asked) throw new Error("it is of a kind whose ids are not known here");
    return asked(inputs, context);
}
