import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";

export interface BranchGuardArgs {
    readonly repositoryId: pulumi.Input<string>;
    readonly branch: string;
    /** Status checks that must pass. */
    readonly requiredChecks: readonly string[];
}

/**
 * The branch protection of the specification's section 2: one approval, required checks, up to date with its base,
 * pull requests only, linear history. The rules bind administrators as well, and history can't be rewritten.
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
                    { requiredApprovingReviewCount: 1, dismissStaleReviews: true, requireLastPushApproval: true },
                ],
                requiredStatusChecks: [{ strict: true, contexts: [...args.requiredChecks] }],
            },
            { parent: this },
        );
        this.registerOutputs();
    }
}
