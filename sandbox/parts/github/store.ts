import type {
    DeploymentPolicy,
    Environment,
    ProtectionRule,
    PublicKey,
    Push,
    Ruleset,
    Secret,
    Status,
    Variable,
} from "./additions";
import type {
    Blob,
    Branch,
    CheckRun,
    Collaborator,
    Comment,
    Commit,
    Issue,
    Organization,
    PullRequest,
    Ref,
    Repository,
    Review,
    Row,
    Team,
    TeamMember,
    TeamRepository,
    Tree,
    User,
} from "./records";

export * from "./additions";
export * from "./records";

export type New<T extends Row> = Omit<T, keyof Row>;

/** The part of emulate's `Collection` that the front uses. */
export interface Collection<T extends Row> {
    insert(data: New<T>): T;
    get(id: number): T | undefined;
    findBy(field: keyof T, value: string | number): T[];
    findOneBy(field: keyof T, value: string | number): T | undefined;
    update(id: number, data: Partial<T>): T | undefined;
    delete(id: number): boolean;
    all(): T[];
}

/** The part of emulate's `Store` that the front uses. */
export interface Store {
    collection<T extends Row>(name: string, indexes?: readonly string[]): Collection<T>;
    snapshot(): unknown;
    restore(snapshot: unknown): void;
}

/** All records, in the emulator's own store, so that one snapshot holds everything. */
export function collections(store: Store) {
    return {
        users: store.collection<User>("github.users", ["login"]),
        organizations: store.collection<Organization>("github.orgs", ["login"]),
        teams: store.collection<Team>("github.teams", ["org_id", "slug"]),
        teamMembers: store.collection<TeamMember>("github.team_members", ["team_id", "user_id"]),
        teamRepositories: store.collection<TeamRepository>("github.team_repos", ["team_id", "repo_id"]),
        repositories: store.collection<Repository>("github.repos", ["owner_id", "full_name"]),
        collaborators: store.collection<Collaborator>("github.collaborators", ["repo_id", "user_id"]),
        branches: store.collection<Branch>("github.branches", ["repo_id"]),
        refs: store.collection<Ref>("github.refs", ["repo_id"]),
        commits: store.collection<Commit>("github.commits", ["repo_id", "sha"]),
        trees: store.collection<Tree>("github.trees", ["repo_id", "sha"]),
        blobs: store.collection<Blob>("github.blobs", ["repo_id", "sha"]),
        pullRequests: store.collection<PullRequest>("github.pull_requests", ["repo_id", "number"]),
        issues: store.collection<Issue>("github.issues", ["repo_id", "number"]),
        reviews: store.collection<Review>("github.reviews", ["repo_id", "pull_number"]),
        comments: store.collection<Comment>("github.comments", ["repo_id"]),
        checkRuns: store.collection<CheckRun>("github.check_runs", ["repo_id", "head_sha"]),
        statuses: store.collection<Status>("front.statuses", ["repo_id", "sha"]),
        pushes: store.collection<Push>("front.pushes", ["repo_id"]),
        protectionRules: store.collection<ProtectionRule>("front.protection_rules", ["repo_id", "node_id"]),
        rulesets: store.collection<Ruleset>("front.rulesets", ["repo_id"]),
        environments: store.collection<Environment>("front.environments", ["repo_id"]),
        deploymentPolicies: store.collection<DeploymentPolicy>("front.deployment_policies", [
            "repo_id",
            "environment_id",
        ]),
        variables: store.collection<Variable>("front.variables", ["repo_id"]),
        secrets: store.collection<Secret>("front.secrets", ["repo_id"]),
        publicKeys: store.collection<PublicKey>("front.public_keys", ["repo_id"]),
    };
}

export type Collections = ReturnType<typeof collections>;

/** A node id in emulate's own form, for its records and the front's alike. */
export function nodeId(type: string, id: number | string): string {
    return Buffer.from(`0:${type}${id}`).toString("base64").replace(/=+$/, "");
}
