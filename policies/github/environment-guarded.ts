import type { RepositoryEnvironmentArgs } from "@pulumi/github/repositoryEnvironment";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

export const githubEnvironmentGuarded = resourcePolicy<Unwrap<RepositoryEnvironmentArgs>>({
    name: "github-environment-guarded",
    description: "Not everything that anyone pushes may use an environment: it has an approver, or branches that may.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...scorecard("Branch-Protection", "Releases come from protected branches"),
    remediationSteps: "Set reviewers, or deploymentBranchPolicy.",
    types: [github.environment],
    judge: ({ deploymentBranchPolicy: policy, reviewers }, findings) => {
        if (policy?.protectedBranches === true || policy?.customBranchPolicies === true) return;
        if (reviewers?.some(({ teams, users }) => (teams?.length ?? 0) > 0 || (users?.length ?? 0) > 0)) return;
        findings.refuse(
            "reviewers and deploymentBranchPolicy are not set; accepted: an approver, or branches that may deploy.",
        );
    },
});
