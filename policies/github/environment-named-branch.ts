import type { RepositoryEnvironmentDeploymentPolicyArgs } from "@pulumi/github/repositoryEnvironmentDeploymentPolicy";
import type { Unwrap } from "@pulumi/pulumi";
import { environmentsWith } from "./environment-settings";
import type { EnvironmentSettings } from "./environment-settings";
import { show } from "../shared/findings";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

interface Settings extends EnvironmentSettings {
    readonly branches: readonly string[];
}

export const githubEnvironmentNamedBranch = resourcePolicy<Unwrap<RepositoryEnvironmentDeploymentPolicyArgs>, Settings>(
    {
        name: "github-environment-named-branch",
        description: "A branch that may deploy to an environment by name takes changes only by a review.",
        enforcementLevel: "mandatory",
        severity: "critical",
        ...scorecard("Branch-Protection", "Releases come from protected branches"),
        remediationSteps: "Set branchPattern to main, and no tagPattern.",
        configSchema: {
            properties: {
                environments: environmentsWith([
                    "drift-prod",
                    "drift-staging",
                    "production",
                    "production-deployment",
                    "production-rollback",
                    "sign-evidence",
                    "staging",
                ]),
                branches: {
                    type: "array",
                    items: { type: "string", minLength: 1 },
                    minItems: 1,
                    uniqueItems: true,
                    default: ["main"],
                    description: "Branches that may be named",
                },
            },
        },
        types: [github.environmentDeploymentPolicy],
        judge: ({ branchPattern, environment, tagPattern }, findings) => {
            const { branches, environments } = findings.settings;
            if (!environments.includes(environment ?? "")) return;
            findings.part(() => {
                if (!branches.includes(branchPattern ?? ""))
                    findings.deviates("branchPattern", branchPattern, branches.map(show).join(" or "));
            });
            if (tagPattern !== undefined) findings.deviates("tagPattern", tagPattern, "nothing");
        },
    },
);
