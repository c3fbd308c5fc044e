import type { RepositoryEnvironmentArgs } from "@pulumi/github/repositoryEnvironment";
import type { Unwrap } from "@pulumi/pulumi";
import { environmentsWith } from "./environment-settings";
import type { EnvironmentSettings } from "./environment-settings";
import { resourcePolicy } from "../shared/policy";
import { specification } from "../shared/standards";
import { github } from "../shared/types";

export const githubEnvironmentAdmins = resourcePolicy<Unwrap<RepositoryEnvironmentArgs>, EnvironmentSettings>({
    name: "github-environment-admins",
    description: "Administrators wait for the approver too.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...specification("Section 5, Production Deployment Gates", "Human approval is blocking"),
    remediationSteps: "Set canAdminsBypass to false.",
    configSchema: {
        properties: {
            environments: environmentsWith([
                "drift-prod",
                "drift-staging",
                "preview-prod",
                "preview-staging",
                "production",
                "production-deployment",
                "production-rollback",
                "sign-evidence",
                "staging",
            ]),
        },
    },
    types: [github.environment],
    judge: ({ environment, canAdminsBypass }, findings) => {
        if (!findings.settings.environments.includes(environment ?? "")) return;
        // GitHub lets administrators pass when it is not set.
        if (canAdminsBypass !== false) findings.deviates("canAdminsBypass", canAdminsBypass, "false");
    },
});
