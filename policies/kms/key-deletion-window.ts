import type { KeyArgs } from "@pulumi/aws/kms/key";
import type { Unwrap } from "@pulumi/pulumi";
import { deletionWindow, type DeletionWindowSettings } from "../shared/deletion-window";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

export const kmsKeyDeletionWindow = resourcePolicy<Unwrap<KeyArgs>, DeletionWindowSettings>({
    name: "kms-key-deletion-window",
    description: "A key's deletion waits long enough to be noticed: with the key goes everything it encrypted.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...securityHub("KMS.3", "AWS KMS keys should not be deleted unintentionally"),
    types: [aws.key],
    ...deletionWindow("deletionWindowInDays", "Days that a key's deletion waits"),
});
