import type { BranchProtectionArgs } from "@pulumi/github/branchProtection";
import type { Unwrap } from "@pulumi/pulumi";
import { branches, protects } from "./protected-branches";
import type { BranchSettings } from "./protected-branches";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

export const githubBranchProtectionStaleReviews = resourcePolicy<Unwrap<BranchProtectionArgs>, BranchSettings>({
    name: "github-branch-protection-stale-reviews",
    description: "A push to a pull request dismisses its approvals.",
    enforcementLevel: "advisory",
    severity: "medium",
    ...scorecard("Branch-Protection", "Stale reviews are dismissed"),
    remediationSteps: "Set requiredPullRequestReviews with dismissStaleReviews true.",
    configSchema: { properties: { branches } },
    types: [github.branchProtection],
    judge: (protection, findings) => {
        if (!protects(protection, findings.settings)) return;
        const dismiss = protection.requiredPullRequestReviews?.[0]?.dismissStaleReviews;
        if (dismiss !== true) findings.deviates("requiredPullRequestReviews[0].dismissStaleReviews", dismiss, "true");
    },
});
