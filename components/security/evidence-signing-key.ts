import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../shared/policy-document";
import { roleArn, tags, type Account } from "../../delivery/core/names";
import { signingDuties, signingKeyAlias, type SigningDuty } from "../identity/signing-duties";

/** The runbook for the rotation, which AWS KMS can't perform; the policy `kms-key-rotation` requires this tag. */
export const manualRotation = { "relaypacs:rotation": "docs/runbooks/rotate-an-evidence-key.md" };

export interface EvidenceSigningKeyArgs {
    readonly account: Account;
    readonly environment: string;
    readonly duty: SigningDuty;
    /**
     * Names of the existing keys, oldest first. A rotation adds one, and removes the first when no evidence that it signed
     * counts any more.
     *
     * @default ["1"]
     */
    readonly generations?: readonly string[];
    /**
     * The generation that signs. While a new key is not trusted yet, this is the one before it.
     *
     * @default the last of `generations`
     */
    readonly current?: string;
}

/** Everything that administers a key except `kms:CreateGrant`, which would let a grantee sign. */
const administration = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];

/**
 * The KMS keys that sign release evidence for one duty (DSSE, ECDSA on P-256 with SHA-256), and the alias of the one that
 * signs now. They never leave KMS. Their policy allows one role to sign; unlike with encryption keys, no IAM policy of
 * the account can add another.
 */
export class EvidenceSigningKey extends pulumi.ComponentResource {
    readonly alias: string;
    /**
     * ARNs by generation. An operator reads the public halves from KMS and pins them in `relaypacs:trustedKeys` of each
     * stack. The program does not read them: otherwise, anyone who may change a key's policy or an alias in AWS could
     * decide what counts as evidence, without a review.
     */
    readonly arns: Readonly<Record<string, pulumi.Output<string>>>;

    constructor(name: string, args: EvidenceSigningKeyArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:security:EvidenceSigningKey", name, {}, options);
        const generations = args.generations ?? ["1"];
        const current = args.current ?? generations.at(-1);
        const keys = new Map(generations.map((one) => [one, this.key(`${name}-${one}`, args)]));
        const signing = current === undefined ? undefined : keys.get(current);
        if (signing === undefined)
            throw new Error(
                `The evidence key ${name} signs with generation ${current ?? "none"}; its generations are ` +
                    `${generations.join(", ") || "none"}. Name one of them.`,
            );
        this.alias = signingKeyAlias(args.duty);
        new aws.kms.Alias(name, { name: this.alias, targetKeyId: signing.keyId }, { parent: this });
        this.arns = Object.fromEntries([...keys].map(([generation, key]) => [generation, key.arn]));
        this.registerOutputs({ alias: this.alias, arns: this.arns });
    }

    private key(name: string, { account, duty, environment }: EvidenceSigningKeyArgs): aws.kms.Key {
        const signer = { AWS: roleArn(account, signingDuties[duty].role) };
        return new aws.kms.Key(
            name,
            {
                description: `Signs RelayPACS release evidence: ${duty}`,
                customerMasterKeySpec: "ECC_NIST_P256",
                keyUsage: "SIGN_VERIFY",
                deletionWindowInDays: 30,
                policy: policyDocument([
                    {
                        Sid: "AdministrationIsGovernedByIam",
                        Effect: "Allow",
                        Principal: { AWS: `arn:aws:iam::${account.accountId}:root` },
                        Action: administration,
                        Resource: "*",
                    },
                    {
                        Sid: "Sign",
                        Effect: "Allow",
                        Principal: signer,
                        Action: ["kms:Sign"],
                        Resource: "*",
                        Condition: { StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256" } },
                    },
                    {
                        Sid: "NameTheKey",
                        Effect: "Allow",
                        Principal: signer,
                        Action: ["kms:DescribeKey", "kms:GetPublicKey"],
                        Resource: "*",
                    },
                ]),
                tags: { ...tags(environment), ...manualRotation },
            },
            { parent: this, protect: true },
        );
    }
}
