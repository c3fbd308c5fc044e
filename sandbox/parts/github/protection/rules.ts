import { minimatch } from "minimatch";
import { GitHubError, type World } from "../http";
import { nodeId, type New, type ProtectionRule, type Repository, type Team, type User } from "../store";

export type RuleSettings = Omit<New<ProtectionRule>, "repo_id" | "node_id" | "creator_id" | "pattern">;

/** A rule without requirements; every rule refuses force pushes and deletions unless it allows them. */
export const emptyRule: RuleSettings = {
    allowsDeletions: false,
    allowsForcePushes: false,
    blocksCreations: false,
    dismissesStaleReviews: false,
    isAdminEnforced: false,
    lockAllowsFetchAndMerge: false,
    lockBranch: false,
    requireLastPushApproval: false,
    requiredApprovingReviewCount: 0,
    requiredStatusCheckContexts: [],
    requiresApprovingReviews: false,
    requiresCodeOwnerReviews: false,
    requiresCommitSignatures: false,
    requiresConversationResolution: false,
    requiresLinearHistory: false,
    requiresStatusChecks: false,
    requiresStrictStatusChecks: false,
    restrictsPushes: false,
    restrictsReviewDismissals: false,
    pushActorIds: [],
    reviewDismissalActorIds: [],
    bypassForcePushActorIds: [],
    bypassPullRequestActorIds: [],
};

/** `*` stops at a slash, as in Ruby's `File.fnmatch` with `FNM_PATHNAME`, which GitHub matches with. */
export const matchesPattern = (name: string, pattern: string) =>
    minimatch(name, pattern, { dot: true, nocomment: true, nonegate: true });

export const rulesOf = (world: World, repository: Repository) =>
    world.data.protectionRules.findBy("repo_id", repository.id);

/** The rule that applies to a branch: the one with its exact name, else the oldest whose pattern matches. */
export function ruleFor(world: World, repository: Repository, branch: string): ProtectionRule | undefined {
    const rules = rulesOf(world, repository);
    return rules.find((rule) => rule.pattern === branch) ?? rules.find((rule) => matchesPattern(branch, rule.pattern));
}

function assertFree(world: World, repository: Repository, pattern: string, except?: number): void {
    if (rulesOf(world, repository).some((rule) => rule.pattern === pattern && rule.id !== except)) {
        throw new GitHubError(422, `Name already protected: ${pattern}`);
    }
}

/** emulate lists branches with a `protected` flag of its own, which must agree with the rules. */
export function refreshProtectedFlags(world: World, repository: Repository): void {
    for (const branch of world.data.branches.findBy("repo_id", repository.id)) {
        const isProtected = ruleFor(world, repository, branch.name) !== undefined;
        if (branch.protected !== isProtected) world.data.branches.update(branch.id, { protected: isProtected });
    }
}

export function addRule(
    world: World,
    repository: Repository,
    creator: User,
    pattern: string,
    settings: Partial<RuleSettings>,
): ProtectionRule {
    assertFree(world, repository, pattern);
    const row = world.data.protectionRules.insert({
        ...emptyRule,
        ...settings,
        repo_id: repository.id,
        node_id: "",
        creator_id: creator.id,
        pattern,
    });
    const rule = world.data.protectionRules.update(row.id, { node_id: nodeId("BranchProtectionRule", row.id) }) ?? row;
    refreshProtectedFlags(world, repository);
    return rule;
}

export function changeRule(
    world: World,
    repository: Repository,
    rule: ProtectionRule,
    change: Partial<RuleSettings> & { pattern?: string },
): ProtectionRule {
    if (change.pattern !== undefined) assertFree(world, repository, change.pattern, rule.id);
    const changed = world.data.protectionRules.update(rule.id, change) ?? rule;
    refreshProtectedFlags(world, repository);
    return changed;
}

export function removeRule(world: World, repository: Repository, rule: ProtectionRule): void {
    world.data.protectionRules.delete(rule.id);
    refreshProtectedFlags(world, repository);
}

export type Actor = { type: "User"; row: User } | { type: "Team"; row: Team };

export function actorNamed(world: World, id: string): Actor | undefined {
    const user = world.data.users.all().find((row) => row.node_id === id);
    if (user) return { type: "User", row: user };
    const team = world.data.teams.all().find((row) => row.node_id === id);
    return team && { type: "Team", row: team };
}

/** True when the list names the user or a team of theirs. */
export function listNames(world: World, ids: readonly string[], user: User): boolean {
    return ids.some((id) => {
        const actor = actorNamed(world, id);
        if (actor === undefined) return false;
        if (actor.type === "User") return actor.row.id === user.id;
        return world.data.teamMembers.findBy("team_id", actor.row.id).some((member) => member.user_id === user.id);
    });
}
