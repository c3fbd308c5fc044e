import type { Row } from "./records";

/** The records that the front adds to the emulator's. */

/** A commit status; emulate supports check runs only. */
export interface Status extends Row {
    repo_id: number;
    sha: string;
    context: string;
    state: "error" | "failure" | "pending" | "success";
    description: string | null;
    target_url: string | null;
    user_id: number;
}

/** The user who last moved a branch, which "require approval of the most recent push" needs. */
export interface Push extends Row {
    repo_id: number;
    branch: string;
    sha: string;
    user_id: number;
}

/** A branch protection rule, with the names of GraphQL's `BranchProtectionRule`; actors are node ids. */
export interface ProtectionRule extends Row {
    repo_id: number;
    node_id: string;
    pattern: string;
    creator_id: number;
    allowsDeletions: boolean;
    allowsForcePushes: boolean;
    blocksCreations: boolean;
    dismissesStaleReviews: boolean;
    isAdminEnforced: boolean;
    lockAllowsFetchAndMerge: boolean;
    lockBranch: boolean;
    requireLastPushApproval: boolean;
    requiredApprovingReviewCount: number;
    requiredStatusCheckContexts: string[];
    requiresApprovingReviews: boolean;
    requiresCodeOwnerReviews: boolean;
    requiresCommitSignatures: boolean;
    requiresConversationResolution: boolean;
    requiresLinearHistory: boolean;
    requiresStatusChecks: boolean;
    requiresStrictStatusChecks: boolean;
    restrictsPushes: boolean;
    restrictsReviewDismissals: boolean;
    pushActorIds: string[];
    reviewDismissalActorIds: string[];
    bypassForcePushActorIds: string[];
    bypassPullRequestActorIds: string[];
}

export interface BypassActor {
    actor_id?: number | null | undefined;
    actor_type: string;
    bypass_mode?: "always" | "pull_request" | "exempt" | undefined;
}

export interface Ruleset extends Row {
    repo_id: number;
    node_id: string;
    name: string;
    target: "branch" | "tag";
    enforcement: "disabled" | "active" | "evaluate";
    bypass_actors: BypassActor[];
    conditions: { ref_name: { include: string[]; exclude: string[] } };
    rules: { type: string; parameters?: Record<string, unknown> | undefined }[];
}

export interface Environment extends Row {
    repo_id: number;
    name: string;
    wait_timer: number;
    prevent_self_review: boolean;
    can_admins_bypass: boolean;
    reviewers: { type: "User" | "Team"; id: number }[];
    deployment_branch_policy: { protected_branches: boolean; custom_branch_policies: boolean } | null;
}

export interface DeploymentPolicy extends Row {
    repo_id: number;
    environment_id: number;
    name: string;
    type: "branch" | "tag";
}

/** `environment_id` is 0 for what belongs to the whole repository. */
interface Scoped extends Row {
    repo_id: number;
    environment_id: number;
}

export interface Variable extends Scoped {
    name: string;
    value: string;
}

export interface Secret extends Scoped {
    name: string;
    /** A libsodium sealed box in Base64. Its private key was discarded, so that no one can read the value again. */
    encrypted_value: string;
    key_id: string;
}

export interface PublicKey extends Scoped {
    key_id: string;
    key: string;
}
