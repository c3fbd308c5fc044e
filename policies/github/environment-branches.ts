import type { RepositoryEnvironmentArgs } from "@pulumi/github/repositoryEnvironment";
import type { Unwrap } from "@pulumi/pulumi";
import { environmentsWith } from "./environment-settings";
import type { EnvironmentSettings } from "./environment-settings";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

/** Pull requests preview, and come from any branch: the environment for that waits for a person instead. */
export const githubEnvironmentBranches = resourcePolicy<Unwrap<RepositoryEnvironmentArgs>, EnvironmentSettings>({
    name: "github-environment-branches",
    description: "Only protected branches deploy to an environment, and take its role and secrets.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...scorecard("Branch-Protection", "Releases come from protected branches"),
    remediationSteps: "Set deploymentBranchPolicy with protectedBranches true and customBranchPolicies false.",
    configSchema: { properties: { environments: environmentsWith(["production", "production-rollback", "staging"]) } },
    types: [github.environment],
    judge: ({ environment, deploymentBranchPolicy: policy }, findings) => {
        if (!findings.settings.environments.includes(environment ?? "")) return;
        findings.part(() => {
            const given = policy?.protectedBranches;
            if (given !== true) findings.deviates("deploymentBranchPolicy.protectedBranches", given, "true");
        });
        findings.part(() => {
            const given = policy?.customBranchPolicies;
            if (given === true) findings.deviates("deploymentBranchPolicy.customBranchPolicies", given, "false");
        });
    },
});
