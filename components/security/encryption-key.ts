import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../shared/policy-document";
import { tags, type Account } from "../../delivery/core/names";

export interface EncryptionKeyArgs {
    readonly account: Account;
    readonly environment: string;
    /** What the key encrypts; becomes the alias `alias/relaypacs-<purpose>`. */
    readonly purpose: string;
    readonly description: pulumi.Input<string>;
}

/**
 * A customer-managed KMS key with yearly rotation (AWS FSBP KMS.4) and the longest deletion window, under an alias.
 * Its policy delegates access to IAM, so a role can decrypt only if its own policy names the key.
 */
export class EncryptionKey extends pulumi.ComponentResource {
    readonly arn: pulumi.Output<string>;
    readonly alias: string;

    constructor(name: string, args: EncryptionKeyArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:security:EncryptionKey", name, {}, options);
        const key = new aws.kms.Key(
            name,
            {
                description: args.description,
                enableKeyRotation: true,
                deletionWindowInDays: 30,
                policy: policyDocument([
                    {
                        Sid: "AccessIsGovernedByIam",
                        Effect: "Allow",
                        Principal: { AWS: `arn:aws:iam::${args.account.accountId}:root` },
                        Action: "kms:*",
                        Resource: "*",
                    },
                ]),
                tags: tags(args.environment),
            },
            { parent: this, protect: true },
        );
        this.alias = `alias/relaypacs-${args.purpose}`;
        new aws.kms.Alias(name, { name: this.alias, targetKeyId: key.keyId }, { parent: this });
        this.arn = key.arn;
        this.registerOutputs({ arn: this.arn, alias: this.alias });
    }
}
