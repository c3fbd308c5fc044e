import type { BranchProtectionArgs } from "@pulumi/github/branchProtection";
import type { Unwrap } from "@pulumi/pulumi";
import { branches, protects } from "./protected-branches";
import type { BranchSettings } from "./protected-branches";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

export const githubBranchProtectionAdmins = resourcePolicy<Unwrap<BranchProtectionArgs>, BranchSettings>({
    name: "github-branch-protection-admins",
    description: "The rules of a protected branch bind administrators too.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...scorecard("Branch-Protection", "Administrators are included"),
    remediationSteps: "Set enforceAdmins to true.",
    configSchema: { properties: { branches } },
    types: [github.branchProtection],
    judge: (protection, findings) => {
        if (!protects(protection, findings.settings)) return;
        if (protection.enforceAdmins !== true) findings.deviates("enforceAdmins", protection.enforceAdmins, "true");
    },
});
