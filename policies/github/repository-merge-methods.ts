import type { RepositoryArgs } from "@pulumi/github/repository";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { specification } from "../shared/standards";
import { github } from "../shared/types";

export const githubRepositoryMergeMethods = resourcePolicy<Unwrap<RepositoryArgs>>({
    name: "github-repository-merge-methods",
    description: "Pull requests are squashed or rebased, never merged with a merge commit.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...specification("Section 2, Branch Protection Rules", "Require linear history (rebase or squash merge)"),
    remediationSteps: "Set allowMergeCommit to false, and leave allowSquashMerge or allowRebaseMerge on.",
    types: [github.repository],
    judge: ({ allowMergeCommit, allowSquashMerge, allowRebaseMerge }, findings) => {
        // GitHub allows all three when they are not set.
        if (allowMergeCommit !== false) findings.deviates("allowMergeCommit", allowMergeCommit, "false");
        if (allowSquashMerge === false && allowRebaseMerge === false) {
            findings.deviates("allowSquashMerge", allowSquashMerge, "true, here or for allowRebaseMerge");
        }
    },
});
