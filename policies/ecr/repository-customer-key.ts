import type { RepositoryArgs } from "@pulumi/aws/ecr/repository";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

export const ecrRepositoryCustomerKey = resourcePolicy<Unwrap<RepositoryArgs>>({
    name: "ecr-repository-customer-key",
    description: "Container images are encrypted with a customer managed KMS key.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...securityHub("ECR.5", "ECR repositories should be encrypted with customer managed AWS KMS keys"),
    remediationSteps:
        'Set encryptionConfigurations to one entry with encryptionType "KMS" and kmsKey the ARN of a customer managed ' +
        "key. A repository's encryption cannot change: this replaces the repository.",
    types: [aws.ecrRepository],
    judge: ({ encryptionConfigurations }, findings) => {
        const encryption = encryptionConfigurations?.[0];
        const type = encryption?.encryptionType;
        if (type !== "KMS" && type !== "KMS_DSSE") {
            findings.deviates("encryptionConfigurations[0].encryptionType", type, '"KMS" or "KMS_DSSE"');
        }
        findings.part(() => {
            const key = encryption?.kmsKey;
            if (!key) findings.deviates("encryptionConfigurations[0].kmsKey", key, "the ARN of a customer managed key");
        });
    },
});
