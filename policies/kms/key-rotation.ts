import type { KeyArgs } from "@pulumi/aws/kms/key";
import type { Unwrap } from "@pulumi/pulumi";
import type { Unvalidated } from "../shared/unvalidated";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly tag: string;
}

/** Remediated: rotation keeps the key's id and everything encrypted before stays readable. */
export const kmsKeyRotation = resourcePolicy<Unwrap<KeyArgs>, Settings>({
    name: "kms-key-rotation",
    description:
        "Symmetric encryption keys rotate every year. KMS cannot rotate other keys: a tag names the runbook by which " +
        "people do.",
    enforcementLevel: "remediate",
    severity: "medium",
    ...securityHub("KMS.4", "AWS KMS key rotation should be enabled"),
    remediationSteps:
        "Set enableKeyRotation to true, and rotationPeriodInDays to 365 or less. For a key that KMS cannot rotate, write " +
        "the runbook and name it in the tag.",
    configSchema: {
        properties: {
            tag: {
                type: "string",
                minLength: 1,
                default: "relaypacs:rotation",
                description: "Tag that names the runbook of a key that KMS cannot rotate",
            },
        },
    },
    types: [aws.key],
    judge: (key, findings) => {
        const { enableKeyRotation, rotationPeriodInDays } = key;
        if (!isRotatable(key)) {
            findings.part(() => {
                if (enableKeyRotation !== true) return;
                findings.deviates("enableKeyRotation", enableKeyRotation, "not set, since KMS cannot rotate this key");
            });
            const { tag } = findings.settings;
            const runbook = key.tags?.[tag];
            if (typeof runbook === "string" && /^docs\/runbooks\/[a-z0-9-]+\.md$/.test(runbook)) return;
            findings.deviates(`tags["${tag}"]`, runbook, "the runbook of its rotation, as docs/runbooks/NAME.md");
            return;
        }
        if (enableKeyRotation !== true) findings.deviates("enableKeyRotation", enableKeyRotation, "true");
        if (rotationPeriodInDays && rotationPeriodInDays > 365) {
            findings.deviates("rotationPeriodInDays", rotationPeriodInDays, "90 to 365 days");
        }
    },
    remediate: (key) => {
        if (!isRotatable(key) || key.enableKeyRotation === true) return false;
        key.enableKeyRotation = true;
        return true;
    },
});

type KeyKind = Pick<Unwrap<KeyArgs>, "keyUsage" | "customerMasterKeySpec" | "customKeyStoreId">;

/** KMS rotates symmetric encryption keys whose material it made (AWS KMS developer guide, "Rotate AWS KMS keys"). */
function isRotatable({ keyUsage, customerMasterKeySpec, customKeyStoreId }: Unvalidated<KeyKind>): boolean {
    const encrypts = (keyUsage ?? "ENCRYPT_DECRYPT") === "ENCRYPT_DECRYPT";
    return encrypts && (customerMasterKeySpec ?? "SYMMETRIC_DEFAULT") === "SYMMETRIC_DEFAULT" && !customKeyStoreId;
}
