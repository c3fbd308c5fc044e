import type { WorkflowRepositoryPermissionsArgs } from "@pulumi/github/workflowRepositoryPermissions";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

export const githubWorkflowPermissions = resourcePolicy<Unwrap<WorkflowRepositoryPermissionsArgs>>({
    name: "github-workflow-permissions",
    description: "The token of a workflow reads by default, and approves no pull request.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...scorecard("Token-Permissions", "Workflow tokens are read-only by default"),
    remediationSteps: 'Set defaultWorkflowPermissions to "read" and canApprovePullRequestReviews to false.',
    types: [github.workflowPermissions],
    judge: ({ canApprovePullRequestReviews, defaultWorkflowPermissions }, findings) => {
        if (defaultWorkflowPermissions !== "read") {
            findings.deviates("defaultWorkflowPermissions", defaultWorkflowPermissions, '"read"');
        }
        if (canApprovePullRequestReviews === true) {
            findings.deviates("canApprovePullRequestReviews", canApprovePullRequestReviews, "false, or not set");
        }
    },
});
