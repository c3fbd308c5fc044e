import { secretsmanagerPolicyPrincipals } from "./policy-principals";
import { secretsmanagerPolicyReaders } from "./policy-readers";
import { secretsmanagerRotationSchedule } from "./rotation-schedule";
import { secretsmanagerSecretCustomerKey } from "./secret-customer-key";
import { secretsmanagerSecretRecoveryWindow } from "./secret-recovery-window";
import { secretsmanagerSecretRotation } from "./secret-rotation";
import { secretsmanagerVersionSecretValue } from "./version-secret-value";

export const secretsmanagerPolicies = [
    secretsmanagerPolicyPrincipals,
    secretsmanagerPolicyReaders,
    secretsmanagerRotationSchedule,
    secretsmanagerSecretCustomerKey,
    secretsmanagerSecretRecoveryWindow,
    secretsmanagerSecretRotation,
    secretsmanagerVersionSecretValue,
];
