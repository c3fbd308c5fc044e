import { bucketArn, type Account } from "../../delivery/core/names";
import { allow, type Statement } from "../shared/policy-document";

export type Stack = "staging" | "prod";

/** The key that encrypts a stack's secrets in Pulumi's state; it exists before the first update, under this alias. */
export const pulumiKeyAlias = (stack: Stack): string => `alias/relaypacs-pulumi-${stack}`;

/** The object that holds a stack's state (Pulumi's layout of a bucket, version 1). */
export const stateObject = (stack: Stack): string => `.pulumi/stacks/relaypacs/${stack}.json`;

/** Every KMS key of the account; conditions say which. */
export const keys = ({ accountId, region }: Account) => `arn:aws:kms:${region}:${accountId}:key/*`;

/** The keys with these aliases. */
export const onlyAlias = (...aliases: string[]): Statement["Condition"] => ({
    "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases },
});

/** Objects of the bucket that holds the state. */
export const inState = (account: Account, patterns: readonly string[]) =>
    patterns.map((pattern) => `${bucketArn(account, "pulumi-state")}/${pattern}`);

/** The state itself, the copy of it from before the last write, and the stack's tags. */
const stateObjects = (stack: Stack): string[] => [
    `${stateObject(stack)}*`,
    `.pulumi/stacks/relaypacs/${stack}.pulumi-tags`,
];

/** Which update has the stack, what updates have done, and copies of the state. */
const recordObjects = (stack: Stack): string[] => [
    `.pulumi/locks/organization/relaypacs/${stack}/*`,
    `.pulumi/history/relaypacs/${stack}/*`,
    `.pulumi/backups/relaypacs/${stack}/*`,
];

/** What is in the state of these stacks, secrets included. Names of objects say nothing, so all may be listed. */
export const readState = (account: Account, ...stacks: Stack[]): Statement[] => [
    allow("ListPulumiState", ["s3:ListBucket", "s3:GetBucketLocation"], bucketArn(account, "pulumi-state")),
    allow(
        "ReadPulumiState",
        ["s3:GetObject"],
        inState(account, [".pulumi/meta.yaml", ...stacks.flatMap((stack) => stateObjects(stack))]),
    ),
    allow(
        "DecryptPulumiSecrets",
        ["kms:Decrypt", "kms:DescribeKey"],
        keys(account),
        onlyAlias(...stacks.map(pulumiKeyAlias)),
    ),
];

/** An update writes its own stack's objects and deletes its own lock. */
export const writeState = (account: Account, stack: Stack): Statement[] => [
    allow("ReadPulumiRecords", ["s3:GetObject"], inState(account, recordObjects(stack))),
    allow("WritePulumiState", ["s3:PutObject"], inState(account, [...stateObjects(stack), ...recordObjects(stack)])),
    allow("UnlockPulumiState", ["s3:DeleteObject"], inState(account, recordObjects(stack).slice(0, 1))),
    allow(
        "EncryptPulumiSecrets",
        ["kms:Encrypt", "kms:GenerateDataKey"],
        keys(account),
        onlyAlias(pulumiKeyAlias(stack)),
    ),
];
