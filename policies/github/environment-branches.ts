import type { RepositoryEnvironmentArgs } from "@pulumi/github/repositoryEnvironment";
import type { Unwrap } from "@pulumi/pulumi";
import { environmentsWith } from "./environment-settings";
import type { EnvironmentSettings } from "./environment-settings";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

interface Settings extends EnvironmentSettings {
    readonly named: readonly string[];
}

/** Previews run for pull requests from any branch: their environment waits for an approver instead. */
export const githubEnvironmentBranches = resourcePolicy<Unwrap<RepositoryEnvironmentArgs>, Settings>({
    name: "github-environment-branches",
    description: "Only protected branches deploy to an environment, and take its role and secrets.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...scorecard("Branch-Protection", "Releases come from protected branches"),
    remediationSteps:
        "Set deploymentBranchPolicy with protectedBranches true and customBranchPolicies false; for an environment " +
        "without an approver the other way round, with a RepositoryEnvironmentDeploymentPolicy for its one branch.",
    configSchema: {
        properties: {
            environments: environmentsWith(["production", "staging"]),
            named: {
                ...environmentsWith([
                    ...["drift-prod", "drift-staging"],
                    ...["production-deployment", "production-rollback", "sign-evidence"],
                ]),
                description:
                    "Environments whose branches are named one by one, because no one approves what runs there",
            },
        },
    },
    types: [github.environment],
    judge: (given, findings) => {
        const { deploymentBranchPolicy: policy } = given;
        const environment = given.environment ?? "";
        const { environments, named } = findings.settings;
        const byName = named.includes(environment);
        if (!byName && !environments.includes(environment)) return;
        findings.part(() => {
            const found = policy?.protectedBranches;
            if (found !== !byName) findings.deviates("deploymentBranchPolicy.protectedBranches", found, `${!byName}`);
        });
        findings.part(() => {
            const found = policy?.customBranchPolicies;
            if ((found ?? false) !== byName)
                findings.deviates("deploymentBranchPolicy.customBranchPolicies", found, `${byName}`);
        });
    },
});
