import type { RepositoryEnvironmentArgs } from "@pulumi/github/repositoryEnvironment";
import type { Unwrap } from "@pulumi/pulumi";
import { environmentsWith } from "./environment-settings";
import type { EnvironmentSettings } from "./environment-settings";
import { someKnown } from "../shared/known";
import { resourcePolicy } from "../shared/policy";
import { specification } from "../shared/standards";
import { github } from "../shared/types";

/**
 * Staging deploys on every merge (section 5), and a rollback of production needs no approval (section 7). By default
 * only a release to production waits for a person, and a preview, whose program may read secrets.
 */
export const githubEnvironmentReviewers = resourcePolicy<Unwrap<RepositoryEnvironmentArgs>, EnvironmentSettings>({
    name: "github-environment-reviewers",
    description: "A deployment or a preview waits for an approver, who is never the person who started it.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...specification("Section 5, Production Deployment Gates", "Engineering Manager or Tech Lead sign-off"),
    remediationSteps: "Set reviewers to the approvers' teams or users, and preventSelfReview to true.",
    configSchema: { properties: { environments: environmentsWith(["production", "preview-prod", "preview-staging"]) } },
    types: [github.environment],
    judge: (given, findings) => {
        if (!findings.settings.environments.includes(given.environment ?? "")) return;
        findings.part(() => {
            const { reviewers } = given;
            const named = someKnown(reviewers, ({ teams, users }) => (teams?.length ?? 0) + (users?.length ?? 0) > 0);
            if (!named) findings.deviates("reviewers", reviewers, "at least one team or user");
        });
        const { preventSelfReview } = given;
        if (preventSelfReview !== true) findings.deviates("preventSelfReview", preventSelfReview, "true");
    },
});
