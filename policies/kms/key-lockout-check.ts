import type { KeyArgs } from "@pulumi/aws/kms/key";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

export const kmsKeyLockoutCheck = resourcePolicy<Unwrap<KeyArgs>>({
    name: "kms-key-lockout-check",
    description: "A key is enabled, and the safety check of its policy, which prevents a lockout, is not bypassed.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...nist("SC-12", "Cryptographic Key Establishment and Management"),
    remediationSteps: "Leave bypassPolicyLockoutSafetyCheck and isEnabled out.",
    types: [aws.key],
    judge: ({ bypassPolicyLockoutSafetyCheck, isEnabled }, findings) => {
        if (bypassPolicyLockoutSafetyCheck === true) {
            findings.deviates("bypassPolicyLockoutSafetyCheck", bypassPolicyLockoutSafetyCheck, "false, or not set");
        }
        if (isEnabled === false) findings.deviates("isEnabled", isEnabled, "true, or not set");
    },
});
