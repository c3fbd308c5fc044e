import type { BranchProtectionArgs } from "@pulumi/github/branchProtection";
import type { Unwrap } from "@pulumi/pulumi";
import { singleActor } from "../../delivery/core/names";
import { branches, matches, protects } from "./protected-branches";
import type { BranchSettings } from "./protected-branches";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

interface Settings extends BranchSettings {
    readonly minimumApprovals: number;
    readonly mirrors: readonly string[];
}

export const githubBranchProtectionReviews = resourcePolicy<Unwrap<BranchProtectionArgs>, Settings>({
    name: "github-branch-protection-reviews",
    description:
        "Changes reach a protected branch only by a pull request that someone else has approved; one actor may move a branch that mirrors a deployment.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...scorecard("Code-Review", "Changes are reviewed before they are merged"),
    remediationSteps:
        "Set requiredPullRequestReviews with requiredApprovingReviewCount 1 or more, and no bypassers; at most one on staging.",
    configSchema: {
        properties: {
            branches,
            minimumApprovals: {
                type: "integer",
                minimum: 1,
                maximum: 6,
                default: 1,
                description: "Minimum number of approvals",
            },
            mirrors: {
                type: "array",
                items: { type: "string", minLength: 1 },
                uniqueItems: true,
                default: ["staging"],
                description: "Branches that one user or app may move without a pull request",
            },
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
            if (!bypassers?.length) return;
            const reached = settings.branches.filter((name) => matches(protection.pattern, name));
            const mirrored = reached.every((name) => settings.mirrors.includes(name));
            // The actor is read only where one is accepted: on other branches, any unknown one is too many.
            if (mirrored && bypassers.length === 1 && singleActor.test(bypassers[0] ?? "")) return;
            const accepted = mirrored ? "at most one user (/login) or app (its node id)" : "no one";
            findings.deviates("requiredPullRequestReviews[0].pullRequestBypassers", bypassers, accepted);
        });
    },
});
