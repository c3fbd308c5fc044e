import type { BranchProtectionArgs } from "@pulumi/github/branchProtection";
import type { Unwrap } from "@pulumi/pulumi";
import { branches, protects } from "./protected-branches";
import type { BranchSettings } from "./protected-branches";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

interface Settings extends BranchSettings {
    readonly minimumApprovals: number;
}

export const githubBranchProtectionReviews = resourcePolicy<Unwrap<BranchProtectionArgs>, Settings>({
    name: "github-branch-protection-reviews",
    description: "Nothing reaches a protected branch but by a pull request that somebody else has approved.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...scorecard("Code-Review", "Changes are reviewed before they are merged"),
    remediationSteps: "Set requiredPullRequestReviews with requiredApprovingReviewCount 1 or more, and no bypassers.",
    configSchema: {
        properties: {
            branches,
            minimumApprovals: { type: "integer", minimum: 1, maximum: 6, default: 1, description: "Least approvals" },
        },
    },
    types: [github.branchProtection],
    judge: (protection, findings) => {
        const { settings } = findings;
        if (!protects(protection, settings)) return;
        const reviews = protection.requiredPullRequestReviews?.[0];
        findings.part(() => {
            const count = reviews?.requiredApprovingReviewCount;
            if ((count ?? 0) >= settings.minimumApprovals && (count ?? 0) <= 6) return;
            const property = "requiredPullRequestReviews[0].requiredApprovingReviewCount";
            findings.deviates(property, count, `${settings.minimumApprovals} to 6`);
        });
        findings.part(() => {
            const bypassers = reviews?.pullRequestBypassers;
            if (bypassers?.length) {
                findings.deviates("requiredPullRequestReviews[0].pullRequestBypassers", bypassers, "nobody");
            }
        });
    },
});
