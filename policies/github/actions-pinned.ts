import type { ActionsRepositoryPermissionsArgs } from "@pulumi/github/actionsRepositoryPermissions";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

export const githubActionsPinned = resourcePolicy<Unwrap<ActionsRepositoryPermissionsArgs>>({
    name: "github-actions-pinned",
    description: "Workflows use chosen actions, pinned to a commit.",
    enforcementLevel: "advisory",
    severity: "medium",
    ...scorecard("Pinned-Dependencies", "Actions are pinned by hash"),
    remediationSteps: 'Set allowedActions to "selected" or "local_only", and shaPinningRequired to true.',
    types: [github.actionsPermissions],
    judge: ({ allowedActions, enabled, shaPinningRequired }, findings) => {
        if (enabled === false) return;
        if (allowedActions !== "selected" && allowedActions !== "local_only") {
            findings.deviates("allowedActions", allowedActions, '"selected" or "local_only"');
        }
        if (shaPinningRequired !== true) findings.deviates("shaPinningRequired", shaPinningRequired, "true");
    },
});
