import type { RepositoryDeployKeyArgs } from "@pulumi/github/repositoryDeployKey";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

export const githubDeployKeyReadOnly = resourcePolicy<Unwrap<RepositoryDeployKeyArgs>>({
    name: "github-deploy-key-read-only",
    description: "A deploy key reads: a key that writes would pass every rule about pull requests.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...scorecard("Branch-Protection", "Changes reach branches by pull requests only"),
    remediationSteps: "Set readOnly to true, or leave it out.",
    types: [github.deployKey],
    judge: ({ readOnly }, findings) => {
        if (readOnly === false) findings.deviates("readOnly", readOnly, "true, or not set");
    },
});
