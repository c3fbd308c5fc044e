import { kmsKeyDeletionWindow } from "./key-deletion-window";
import { kmsKeyLockoutCheck } from "./key-lockout-check";
import { kmsKeyPolicyPrincipals } from "./key-policy-principals";
import { kmsKeyRotation } from "./key-rotation";

export const kmsPolicies = [kmsKeyDeletionWindow, kmsKeyLockoutCheck, kmsKeyPolicyPrincipals, kmsKeyRotation];
