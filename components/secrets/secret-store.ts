import { randomBytes } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../shared/policy-document";
import { EncryptionKey } from "../security/encryption-key";
import { secretName, tags, type Account } from "../../delivery/core/names";

/** One entry of the store. */
export interface StoredSecret {
    readonly description: string;
    /** The value; without one, 48 random bytes are generated when the entry is created, and kept from then on. */
    readonly value: pulumi.Input<string> | undefined;
    /** Whether the rotation function can rotate it; what a third party issues is replaced by hand. */
    readonly rotated: boolean;
}

export interface SecretStoreArgs {
    readonly account: Account;
    readonly environment: string;
    readonly secrets: Readonly<Record<string, StoredSecret>>;
    /** Roles that update this environment: the only pipeline roles that may read. */
    readonly readerArns: readonly string[];
    readonly rotation: {
        readonly functionArn: pulumi.Input<string>;
        /** Days between two rotations. */
        readonly days: number;
    };
}

/**
 * One environment's secrets in AWS Secrets Manager (specification, section 1): encrypted by a key of the environment,
 * readable only by the roles that update it, with a rotation schedule (AWS FSBP SecretsManager.1). Values are always
 * Pulumi secrets, so state, outputs and logs hold only ciphertext.
 */
export class SecretStore extends pulumi.ComponentResource {
    /** Values by entry, always Pulumi secrets; known once the entry exists. */
    readonly values: Readonly<Record<string, pulumi.Output<string>>>;
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
        const values: Record<string, pulumi.Output<string>> = {};
        const arns: Record<string, pulumi.Output<string>> = {};
        for (const [entry, specification] of Object.entries(args.secrets)) {
            const secret = this.entry(`${name}-${entry}`, entry, specification, key, args);
            values[entry] = secret.value;
            arns[entry] = secret.arn;
        }
        this.values = values;
        this.arns = arns;
        this.registerOutputs({ arns });
    }

    private entry(
        name: string,
        entry: string,
        specification: StoredSecret,
        key: EncryptionKey,
        args: SecretStoreArgs,
    ): { value: pulumi.Output<string>; arn: pulumi.Output<string> } {
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
            // Every run generates a new value; only the first is used.
            { parent: this, ...(generated && { ignoreChanges: ["secretString"] }) },
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
        return { value: pulumi.secret(version.secretString.apply((value) => value ?? "")), arn: secret.arn };
    }

    private policy({ account, readerArns }: SecretStoreArgs): string {
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
                Sid: "Deployment",
                Effect: "Allow",
                Principal: { AWS: readerArns },
                Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
                Resource: "*",
            },
        ]);
    }
}
