import type { SecretArgs } from "@pulumi/aws/secretsmanager/secret";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

export const secretsmanagerSecretCustomerKey = resourcePolicy<Unwrap<SecretArgs>>({
    name: "secretsmanager-secret-customer-key",
    description: "Secrets are encrypted with a customer managed KMS key, whose policy says who may decrypt.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...nist("SC-28(1)", "Protection of Information at Rest: Cryptographic Protection"),
    remediationSteps: "Set kmsKeyId to the ARN of a customer managed key.",
    types: [aws.secret],
    judge: ({ kmsKeyId, replicas }, findings) => {
        if (!kmsKeyId || kmsKeyId.endsWith("alias/aws/secretsmanager")) {
            findings.deviates("kmsKeyId", kmsKeyId, "the ARN of a customer managed key");
        }
        findings.each(replicas, (replica, index) => {
            if (replica.kmsKeyId) return;
            findings.deviates(`replicas[${index}].kmsKeyId`, replica.kmsKeyId, "the ARN of a customer managed key");
        });
    },
});
