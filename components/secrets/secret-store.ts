import { randomBytes } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../shared/policy-document";
import { EncryptionKey } from "../security/encryption-key";
import { secretName, tags, type Account } from "../../delivery/core/names";
import { currentVersion } from "../../delivery/core/secret-versions";

/** One entry of the store. */
export interface StoredSecret {
    readonly description: string;
    /**
     * The first value, and a new one when it changes; without one, 48 random bytes are generated when the entry is
     * created, and kept from then on. What the store holds now may be newer.
     */
    readonly value: pulumi.Input<string> | undefined;
    /** Whether the rotation function can rotate it; what a third party issues is replaced by hand. */
    readonly rotated: boolean;
}

/** What the store holds now for an entry: the version with the stage AWSCURRENT, written by this program or by a rotation. */
export interface CurrentSecret {
    /** Known in previews, too. Unknown while an update is about to write a new one. */
    readonly versionId: pulumi.Output<string>;
    /** The value of that version, a Pulumi secret. In a preview, whose role may read no value, the configuration's. */
    readonly value: pulumi.Output<string>;
}

export interface SecretStoreArgs {
    readonly account: Account;
    readonly environment: string;
    readonly secrets: Readonly<Record<string, StoredSecret>>;
    /** Roles that update this environment: the only pipeline roles that may read. */
    readonly readerArns: readonly string[];
    /** Roles outside the pipeline that read values, too: the rotation function's, and those that people take. */
    readonly otherReaderArns: readonly string[];
    readonly rotation: {
        readonly functionArn: pulumi.Input<string>;
        /** Days between two rotations. */
        readonly days: number;
    };
}

/**
 * One environment's secrets in AWS Secrets Manager (specification, section 1): encrypted by a key of the environment,
 * readable only by the roles that update it and those that the settings name, with a rotation schedule (AWS FSBP SecretsManager.1). Values are always
 * Pulumi secrets, so state, outputs and logs hold only ciphertext.
 *
 * Once an entry exists, the store is ahead of the configuration: what runs is made from its current version, so that an
 * update brings what a rotation has written, and never an older value.
 */
export class SecretStore extends pulumi.ComponentResource {
    /** What the store holds now, by entry. */
    readonly current: Readonly<Record<string, CurrentSecret>>;
    readonly arns: Readonly<Record<string, pulumi.Output<string>>>;

    constructor(name: string, args: SecretStoreArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:secrets:SecretStore", name, {}, options);
        const key = new EncryptionKey(
            `${name}-key`,
            {
                ...args,
                purpose: `secrets-${args.environment}`,
                description: `Encrypts RelayPACS secrets of ${args.environment}`,
            },
            { parent: this },
        );
        const current: Record<string, CurrentSecret> = {};
        const arns: Record<string, pulumi.Output<string>> = {};
        for (const [entry, specification] of Object.entries(args.secrets)) {
            const stored = this.entry(`${name}-${entry}`, entry, specification, key, args);
            current[entry] = stored.current;
            arns[entry] = stored.arn;
        }
        this.current = current;
        this.arns = arns;
        this.registerOutputs({ arns });
    }

    private entry(
        name: string,
        entry: string,
        specification: StoredSecret,
        key: EncryptionKey,
        args: SecretStoreArgs,
    ): { current: CurrentSecret; arn: pulumi.Output<string> } {
        const child = { parent: this };
        const secret = new aws.secretsmanager.Secret(
            name,
            {
                name: secretName(args.environment, entry),
                description: specification.description,
                kmsKeyId: key.arn,
                recoveryWindowInDays: 30,
                tags: {
                    ...tags(args.environment),
                    "relaypacs:rotation": specification.rotated
                        ? "automatic"
                        : `by hand, every ${args.rotation.days} days`,
                },
            },
            { parent: this, protect: true },
        );
        const generated = specification.value === undefined;
        const version = new aws.secretsmanager.SecretVersion(
            name,
            {
                secretId: secret.id,
                secretString: pulumi.secret(specification.value ?? randomBytes(48).toString("base64url")),
            },
            {
                parent: this,
                // Deleting a version means to take its stages away, which a rotation may have given to another one.
                retainOnDelete: true,
                // Every run generates a new value; only the first is used.
                ...(generated && { ignoreChanges: ["secretString"] }),
            },
        );
        new aws.secretsmanager.SecretPolicy(
            name,
            { secretArn: secret.arn, blockPublicPolicy: true, policy: this.policy(args) },
            child,
        );
        if (specification.rotated) {
            new aws.secretsmanager.SecretRotation(
                name,
                {
                    secretId: secret.id,
                    rotationLambdaArn: args.rotation.functionArn,
                    rotateImmediately: false,
                    rotationRules: { automaticallyAfterDays: args.rotation.days },
                },
                { parent: this, dependsOn: version },
            );
        }
        return { current: this.readCurrent(secret, version), arn: secret.arn };
    }

    /** Asks the store once the configuration's value is in it. */
    private readCurrent(secret: aws.secretsmanager.Secret, version: aws.secretsmanager.SecretVersion): CurrentSecret {
        const asked = { parent: this };
        const versionId = pulumi.all([secret.id, secret.name, version.versionId]).apply(async ([secretId, name]) => {
            const { versions } = await aws.secretsmanager.getSecretVersions({ secretId }, asked);
            const id = currentVersion(versions);
            if (id === undefined) throw new Error(`${name} has no version with the stage AWSCURRENT.`);
            return id;
        });
        const value = pulumi.runtime.isDryRun()
            ? version.secretString.apply((text) => text ?? "")
            : pulumi.all([secret.id, versionId]).apply(async ([secretId, id]) => {
                  const read = await aws.secretsmanager.getSecretVersion({ secretId, versionId: id }, asked);
                  return read.secretString;
              });
        return { versionId, value: pulumi.secret(value) };
    }

    /** A denial of IAM is final: no policy of a role, not even an administrator's, lets another one read a value. */
    private policy({ account, otherReaderArns, readerArns }: SecretStoreArgs): string {
        return policyDocument([
            {
                Sid: "RefuseOtherAccounts",
                Effect: "Deny",
                Principal: "*",
                Action: "secretsmanager:*",
                Resource: "*",
                Condition: { StringNotEquals: { "aws:PrincipalAccount": account.accountId } },
            },
            {
                Sid: "RefuseOtherReaders",
                Effect: "Deny",
                Principal: "*",
                Action: "secretsmanager:GetSecretValue",
                Resource: "*",
                Condition: { ArnNotEquals: { "aws:PrincipalArn": [...readerArns, ...otherReaderArns] } },
            },
            {
                Sid: "Deployment",
                Effect: "Allow",
                Principal: { AWS: readerArns },
                Action: [
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:ListSecretVersionIds",
                ],
                Resource: "*",
            },
        ]);
    }
}
