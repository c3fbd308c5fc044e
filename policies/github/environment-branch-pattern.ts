import type { RepositoryEnvironmentDeploymentPolicyArgs } from "@pulumi/github/repositoryEnvironmentDeploymentPolicy";
import type { Unwrap } from "@pulumi/pulumi";
import { hasWildcard } from "../shared/documents";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

export const githubEnvironmentBranchPattern = resourcePolicy<Unwrap<RepositoryEnvironmentDeploymentPolicyArgs>>({
    name: "github-environment-branch-pattern",
    description: "Branches and tags that may use an environment are named: anyone may push one that fits a pattern.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...scorecard("Branch-Protection", "Releases come from protected branches"),
    remediationSteps: "Set branchPattern or tagPattern to one name.",
    types: [github.environmentDeploymentPolicy],
    judge: (given, findings) => {
        for (const property of ["branchPattern", "tagPattern"] as const) {
            findings.part(() => {
                const pattern = given[property];
                if (pattern && (hasWildcard(pattern) || pattern.includes("["))) {
                    findings.deviates(property, pattern, "one name, without wildcards");
                }
            });
        }
    },
});
