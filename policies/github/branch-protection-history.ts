import type { BranchProtectionArgs } from "@pulumi/github/branchProtection";
import type { Unwrap } from "@pulumi/pulumi";
import { branches, protects } from "./protected-branches";
import type { BranchSettings } from "./protected-branches";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

export const githubBranchProtectionHistory = resourcePolicy<Unwrap<BranchProtectionArgs>, BranchSettings>({
    name: "github-branch-protection-history",
    description: "The history of a protected branch is linear, and no one rewrites or deletes it.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...scorecard("Branch-Protection", "Force pushes and deletion are prevented"),
    remediationSteps: "Set requiredLinearHistory to true, and leave allowsForcePushes and allowsDeletions out.",
    configSchema: { properties: { branches } },
    types: [github.branchProtection],
    judge: (protection, findings) => {
        if (!protects(protection, findings.settings)) return;
        findings.part(() => {
            const linear = protection.requiredLinearHistory;
            if (linear !== true) findings.deviates("requiredLinearHistory", linear, "true");
        });
        for (const property of ["allowsForcePushes", "allowsDeletions"] as const) {
            findings.part(() => {
                const given = protection[property];
                if (given === true) findings.deviates(property, given, "false, or not set");
            });
        }
        findings.part(() => {
            const bypassers = protection.forcePushBypassers;
            if (bypassers?.length) findings.deviates("forcePushBypassers", bypassers, "no one");
        });
    },
});
