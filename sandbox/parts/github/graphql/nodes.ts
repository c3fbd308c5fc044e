import type { World } from "../http";
import { actorNamed } from "../protection/rules";
import {
    nodeId,
    type Comment,
    type Organization,
    type ProtectionRule,
    type PullRequest,
    type Repository,
    type Team,
    type User,
} from "../store";

interface PageArguments {
    readonly first?: number | null;
    readonly after?: string | null;
}

/** One page of a connection; a cursor is the place of the element before it. */
export function connection<T>(items: readonly T[], { first, after }: PageArguments) {
    const start = after ? Number(Buffer.from(after, "base64").toString()) + 1 : 0;
    const end = Math.min(items.length, start + (first ?? 100));
    const cursor = (index: number) => Buffer.from(String(index)).toString("base64");
    const nodes = items.slice(start, end);
    return {
        totalCount: items.length,
        nodes,
        edges: nodes.map((node, index) => ({ node, cursor: cursor(start + index) })),
        pageInfo: {
            hasNextPage: end < items.length,
            hasPreviousPage: start > 0,
            startCursor: nodes.length > 0 ? cursor(start) : null,
            endCursor: nodes.length > 0 ? cursor(end - 1) : null,
        },
    };
}

export const userNode = (user: User) => ({
    __typename: "User",
    id: user.node_id,
    databaseId: user.id,
    login: user.login,
    name: user.name,
});

export const teamNode = (world: World, team: Team) => ({
    __typename: "Team",
    id: team.node_id,
    databaseId: team.id,
    name: team.name,
    slug: team.slug,
    members: (page: PageArguments) =>
        connection(
            world.data.teamMembers.findBy("team_id", team.id).flatMap((member) => {
                const user = world.data.users.get(member.user_id);
                return user ? [userNode(user)] : [];
            }),
            page,
        ),
});

export const organizationNode = (world: World, organization: Organization) => ({
    __typename: "Organization",
    id: organization.node_id,
    databaseId: organization.id,
    login: organization.login,
    name: organization.name,
    team: ({ slug }: { slug: string }) => {
        const team = world.data.teams.findBy("org_id", organization.id).find((row) => row.slug === slug);
        return team ? teamNode(world, team) : null;
    },
});

const actorNode = (world: World, id: string) => {
    const actor = actorNamed(world, id);
    if (actor === undefined) return null;
    return actor.type === "User" ? userNode(actor.row) : teamNode(world, actor.row);
};

export function branchProtectionRuleNode(world: World, rule: ProtectionRule): Record<string, unknown> {
    const { id, node_id, repo_id, creator_id, created_at: _, updated_at: __, ...settings } = rule;
    const repository = world.data.repositories.get(repo_id);
    const creator = world.data.users.get(creator_id);
    const allowances = (type: string, ids: readonly string[]) => (page: PageArguments) =>
        connection(
            ids.map((actor) => ({
                id: nodeId(type, `${id}:${actor}`),
                actor: actorNode(world, actor),
                branchProtectionRule: branchProtectionRuleNode(world, rule),
            })),
            page,
        );
    return {
        __typename: "BranchProtectionRule",
        ...settings,
        id: node_id,
        databaseId: id,
        creator: creator ? userNode(creator) : null,
        repository: repository ? repositoryNode(world, repository) : null,
        requiresDeployments: false,
        requiredDeploymentEnvironments: [],
        requiredStatusChecks: settings.requiredStatusCheckContexts.map((context) => ({ context, app: null })),
        pushAllowances: allowances("PushAllowance", rule.pushActorIds),
        reviewDismissalAllowances: allowances("ReviewDismissalAllowance", rule.reviewDismissalActorIds),
        bypassForcePushAllowances: allowances("BypassForcePushAllowance", rule.bypassForcePushActorIds),
        bypassPullRequestAllowances: allowances("BypassPullRequestAllowance", rule.bypassPullRequestActorIds),
    };
}

export const threadNode = (comment: Comment) => ({
    __typename: "PullRequestReviewThread",
    id: nodeId("PullRequestReviewThread", comment.id),
    isResolved: comment.resolved === true,
});

/** Comments that opened a conversation on the code of a pull request. */
export const threadsOf = (world: World, pull: PullRequest) =>
    world.data.comments
        .findBy("repo_id", pull.repo_id)
        .filter(
            (row) => row.comment_type === "review" && row.pull_number === pull.number && row.in_reply_to_id === null,
        );

const pullRequestNode = (world: World, pull: PullRequest) => ({
    __typename: "PullRequest",
    id: pull.node_id,
    databaseId: pull.id,
    number: pull.number,
    title: pull.title,
    state: pull.merged ? "MERGED" : pull.state.toUpperCase(),
    merged: pull.merged,
    headRefOid: pull.head_sha,
    reviewThreads: (page: PageArguments) => connection(threadsOf(world, pull).map(threadNode), page),
});

export const repositoryNode = (world: World, repository: Repository): Record<string, unknown> => ({
    __typename: "Repository",
    id: repository.node_id,
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: repository.full_name,
    isPrivate: repository.private,
    isArchived: repository.archived,
    mergeCommitAllowed: repository.allow_merge_commit,
    squashMergeAllowed: repository.allow_squash_merge,
    rebaseMergeAllowed: repository.allow_rebase_merge,
    deleteBranchOnMerge: repository.delete_branch_on_merge,
    branchProtectionRules: (page: PageArguments) =>
        connection(
            world.data.protectionRules
                .findBy("repo_id", repository.id)
                .map((rule) => branchProtectionRuleNode(world, rule)),
            page,
        ),
    pullRequest: ({ number }: { number: number }) => {
        const pull = world.data.pullRequests.findBy("repo_id", repository.id).find((row) => row.number === number);
        return pull ? pullRequestNode(world, pull) : null;
    },
});
