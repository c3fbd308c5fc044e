/** The emulator's records, as far as the front reads or writes them. */

export interface Row {
    readonly id: number;
    readonly created_at: string;
    readonly updated_at: string;
}

/** A role on a repository, in rising order. */
export const roles = ["read", "triage", "write", "maintain", "admin"] as const;
export type Role = (typeof roles)[number];

export interface User extends Row {
    login: string;
    node_id: string;
    name: string | null;
    email: string | null;
}

export interface Organization extends Row {
    login: string;
    node_id: string;
    name: string | null;
    default_repository_permission: string;
}

export interface Team extends Row {
    org_id: number;
    slug: string;
    name: string;
    node_id: string;
    description: string | null;
    privacy: "closed" | "secret";
    permission: string;
    parent_id: number | null;
    members_count: number;
    repos_count: number;
    /** Added by the front. */
    notification_setting?: "notifications_enabled" | "notifications_disabled";
}

export interface TeamMember extends Row {
    team_id: number;
    user_id: number;
    role: "member" | "maintainer";
}

export interface TeamRepository extends Row {
    team_id: number;
    repo_id: number;
    /** Added by the front. */
    role?: Role;
}

export interface Collaborator extends Row {
    repo_id: number;
    user_id: number;
    permission: string;
}

/** How the subject of a repository's OIDC tokens is made. */
export interface SubjectClaim {
    use_default: boolean;
    include_claim_keys?: string[];
    use_immutable_subject: boolean;
}

export interface ActionsSettings {
    enabled: boolean;
    allowed_actions: "all" | "local_only" | "selected";
    sha_pinning_required: boolean;
    selected: { github_owned_allowed: boolean; verified_allowed: boolean; patterns_allowed: string[] };
    workflow: { default_workflow_permissions: "read" | "write"; can_approve_pull_request_reviews: boolean };
    access_level: "none" | "user" | "organization";
    subject_claim: SubjectClaim;
}

/** Settings that emulate does not know; the front keeps them on the repository's record. */
export interface RepositoryExtras {
    allow_update_branch: boolean;
    web_commit_signoff_required: boolean;
    merge_commit_title: string;
    merge_commit_message: string;
    squash_merge_commit_title: string;
    squash_merge_commit_message: string;
    security_and_analysis: Record<string, { status: string }>;
}

export interface Repository extends Row {
    node_id: string;
    name: string;
    full_name: string;
    owner_id: number;
    owner_type: "User" | "Organization";
    private: boolean;
    archived: boolean;
    default_branch: string;
    allow_merge_commit: boolean;
    allow_squash_merge: boolean;
    allow_rebase_merge: boolean;
    delete_branch_on_merge: boolean;
    open_issues_count: number;
    extras?: RepositoryExtras;
    actions?: ActionsSettings;
    vulnerability_alerts?: boolean;
    automated_security_fixes?: boolean;
}

export interface Branch extends Row {
    repo_id: number;
    name: string;
    sha: string;
    protected: boolean;
}

export interface Ref extends Row {
    repo_id: number;
    ref: string;
    sha: string;
}

export interface Commit extends Row {
    repo_id: number;
    sha: string;
    tree_sha: string;
    parent_shas: string[];
    message: string;
    author_name: string;
    author_email: string;
    author_date: string;
    user_id: number | null;
}

export interface TreeEntry {
    path: string;
    mode: string;
    type: "blob" | "tree" | "commit";
    sha: string;
}

export interface Tree extends Row {
    repo_id: number;
    sha: string;
    tree: TreeEntry[];
}

export interface Blob extends Row {
    repo_id: number;
    sha: string;
    content: string;
    encoding: string;
}

export interface PullRequest extends Row {
    repo_id: number;
    number: number;
    node_id: string;
    title: string;
    body: string | null;
    state: "open" | "closed";
    draft: boolean;
    user_id: number;
    head_ref: string;
    head_sha: string;
    head_repo_id: number;
    base_ref: string;
    base_sha: string;
    base_repo_id: number;
    merged: boolean;
    merged_at: string | null;
    merged_by_id: number | null;
    merge_commit_sha: string | null;
    closed_at: string | null;
    mergeable: boolean | null;
    mergeable_state: string;
    commits: number;
}

export interface Issue extends Row {
    repo_id: number;
    number: number;
    state: "open" | "closed";
    is_pull_request: boolean;
    closed_at: string | null;
    closed_by_id: number | null;
}

export interface Review extends Row {
    repo_id: number;
    pull_number: number;
    user_id: number;
    state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";
    commit_id: string;
    submitted_at: string | null;
}

export interface Comment extends Row {
    repo_id: number;
    pull_number: number | null;
    in_reply_to_id: number | null;
    comment_type: string;
    /** Added by the front: the conversation that this comment opened is resolved. */
    resolved?: boolean;
}

export interface CheckRun extends Row {
    repo_id: number;
    head_sha: string;
    name: string;
    status: string;
    conclusion: string | null;
}
