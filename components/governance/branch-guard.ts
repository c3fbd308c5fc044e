import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";

export interface BranchGuardArgs {
    readonly repositoryId: pulumi.Input<string>;
    readonly branch: string;
    /** Status checks that must pass. */
    readonly requiredChecks: readonly string[];
    /**
     * The one user (`/login`) or GitHub App (its node id) that moves the branch without a pull request.
     *
     * @default no one
     */
    readonly mirror?: string | undefined;
}

/**
 * The branch protection of the specification's section 2: one approval, required checks, up to date with its base,
 * pull requests only, linear history. The rules apply to administrators as well, and history can't be rewritten. A
 * mirror, where there is one, is exempt only from the pull request and its review: what it pushes has passed the checks.
 */
export class BranchGuard extends pulumi.ComponentResource {
    constructor(name: string, args: BranchGuardArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:governance:BranchGuard", name, {}, options);
        new github.BranchProtection(
            name,
            {
                repositoryId: args.repositoryId,
                pattern: args.branch,
                enforceAdmins: true,
                requiredLinearHistory: true,
                allowsForcePushes: false,
                allowsDeletions: false,
                requireConversationResolution: true,
                requiredPullRequestReviews: [
                    {
                        requiredApprovingReviewCount: 1,
                        dismissStaleReviews: true,
                        requireLastPushApproval: true,
                        ...(args.mirror !== undefined && { pullRequestBypassers: [args.mirror] }),
                    },
                ],
                requiredStatusChecks: [{ strict: true, contexts: [...args.requiredChecks] }],
            },
            { parent: this },
        );
        this.registerOutputs();
    }
}
