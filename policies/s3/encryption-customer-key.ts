import type { BucketServerSideEncryptionConfigurationArgs } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration";
import type { Unwrap } from "@pulumi/pulumi";
import { isNamed } from "../shared/names";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly logPattern: string;
}

/** S3 delivers access logs only to buckets that encrypt with its own keys. */
export const s3EncryptionCustomerKey = resourcePolicy<Unwrap<BucketServerSideEncryptionConfigurationArgs>, Settings>({
    name: "s3-encryption-customer-key",
    description: "Buckets encrypt with a customer managed KMS key, through a bucket key; access log buckets with S3's.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...securityHub("S3.17", "S3 general purpose buckets should be encrypted at rest with AWS KMS keys"),
    remediationSteps: "Give one rule with sseAlgorithm aws:kms, kmsMasterKeyId and bucketKeyEnabled true.",
    configSchema: {
        properties: {
            logPattern: {
                type: "string",
                format: "regex",
                minLength: 1,
                default: "\\b(access-)?logs?\\b",
                description: "Regular expression that finds access log buckets by resource name or bucket name",
            },
        },
    },
    types: [aws.bucketEncryption],
    judge: (given, findings, { name }) => {
        const { rules } = given;
        if (!rules?.length) findings.deviates("rules", rules, "one rule");
        findings.each(rules, (rule, index) => {
            const encryption = rule.applyServerSideEncryptionByDefault;
            const place = `rules[${index}]`;
            const algorithm = encryption?.sseAlgorithm;
            if (algorithm === "AES256" && isNamed(findings.settings.logPattern, name, () => given.bucket)) return;
            if (algorithm !== "aws:kms" && algorithm !== "aws:kms:dsse") {
                const property = `${place}.applyServerSideEncryptionByDefault.sseAlgorithm`;
                findings.deviates(property, algorithm, '"aws:kms" or "aws:kms:dsse"');
            }
            // Bucket keys do not exist for dual-layer encryption.
            if (rule.bucketKeyEnabled !== true && algorithm !== "aws:kms:dsse") {
                findings.deviates(`${place}.bucketKeyEnabled`, rule.bucketKeyEnabled, "true");
            }
            const key = encryption?.kmsMasterKeyId;
            if (!key || key.endsWith("alias/aws/s3")) {
                const property = `${place}.applyServerSideEncryptionByDefault.kmsMasterKeyId`;
                findings.deviates(property, key, "the ARN of a customer managed key");
            }
        });
    },
});
