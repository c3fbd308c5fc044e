import type { SecretArgs } from "@pulumi/aws/secretsmanager/secret";
import type { Unwrap } from "@pulumi/pulumi";
import { deletionWindow, type DeletionWindowSettings } from "../shared/deletion-window";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

export const secretsmanagerSecretRecoveryWindow = resourcePolicy<Unwrap<SecretArgs>, DeletionWindowSettings>({
    name: "secretsmanager-secret-recovery-window",
    description: "A deleted secret can be brought back for some days.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...nist("CP-9", "System Backup"),
    types: [aws.secret],
    ...deletionWindow("recoveryWindowInDays", "Days for which a deleted secret can be brought back"),
});
