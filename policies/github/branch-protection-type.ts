import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

export const githubBranchProtectionType = resourcePolicy({
    name: "github-branch-protection-type",
    description: "Branches are protected by the resource that supports all six rules.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...scorecard("Branch-Protection", "Branches are protected"),
    remediationSteps: "Use github.BranchProtection: github.BranchProtectionV3 cannot require a linear history.",
    types: [github.branchProtectionV3],
    judge: (_given, findings, { type }) => {
        findings.deviates("the type", type, "github.BranchProtection");
    },
});
