import { isAdministrator, mayWrite } from "../access";
import { branchTip, commitsBetween, contains } from "../git";
import type { World } from "../http";
import { listNames, ruleFor } from "../protection/rules";
import { rulesOn } from "../resources/rulesets";
import type { ProtectionRule, PullRequest, Repository, Review, User } from "../store";
import { checksObstacle } from "./checks";
import { missingCodeOwners } from "./codeowners";

export type MergeMethod = "merge" | "squash" | "rebase";

/** The last verdict of every reviewer with write access other than the author; comments do not count. */
function verdicts(world: World, repository: Repository, pull: PullRequest): { user: User; review: Review }[] {
    const latest = new Map<number, Review>();
    for (const review of world.data.reviews.findBy("repo_id", repository.id)) {
        if (review.pull_number !== pull.number || review.state === "COMMENTED" || review.state === "PENDING") continue;
        latest.set(review.user_id, review);
    }
    return [...latest.values()].flatMap((review) => {
        const user = world.data.users.get(review.user_id);
        if (user === undefined || user.id === pull.user_id || !mayWrite(world, user, repository)) return [];
        return [{ user, review }];
    });
}

/** The user who moved the head branch last; the author when none was recorded. */
function lastPusher(world: World, repository: Repository, pull: PullRequest): number {
    const pushes = world.data.pushes.findBy("repo_id", repository.id).filter((push) => push.branch === pull.head_ref);
    return pushes.at(-1)?.user_id ?? pull.user_id;
}

function reviewObstacles(world: World, repository: Repository, pull: PullRequest, rule: ProtectionRule): string[] {
    if (!rule.requiresApprovingReviews) return [];
    const all = verdicts(world, repository, pull);
    const approvals = all.filter(({ review }) => review.state === "APPROVED");
    const obstacles: string[] = [];
    const count = rule.requiredApprovingReviewCount;
    if (approvals.length < count) {
        const what = count === 1 ? "review is" : "reviews are";
        obstacles.push(`At least ${count} approving ${what} required by reviewers with write access.`);
    }
    if (all.some(({ review }) => review.state === "CHANGES_REQUESTED")) {
        obstacles.push("Changes have been requested by a reviewer with write access.");
    }
    if (rule.requireLastPushApproval && approvals.length >= count && count > 0) {
        const pusher = lastPusher(world, repository, pull);
        const fresh = approvals.some(({ user, review }) => user.id !== pusher && review.commit_id === pull.head_sha);
        if (!fresh) obstacles.push("New changes require approval from someone other than the last pusher.");
    }
    if (rule.requiresCodeOwnerReviews) {
        const owners = missingCodeOwners(
            world,
            repository,
            pull,
            approvals.map(({ user }) => user),
        );
        if (owners.length > 0)
            obstacles.push(`Waiting on code owner review from ${owners.join(" and/or ").replaceAll("@", "")}.`);
    }
    return obstacles;
}

function hasOpenConversation(world: World, repository: Repository, pull: PullRequest): boolean {
    return world.data.comments
        .findBy("repo_id", repository.id)
        .some(
            (comment) =>
                comment.comment_type === "review" &&
                comment.pull_number === pull.number &&
                comment.in_reply_to_id === null &&
                comment.resolved !== true,
        );
}

const mayPush = (world: World, repository: Repository, user: User, rule: ProtectionRule) =>
    !rule.restrictsPushes || isAdministrator(world, user, repository) || listNames(world, rule.pushActorIds, user);

const mayIgnore = (world: World, repository: Repository, user: User, rule: ProtectionRule) =>
    !rule.isAdminEnforced && isAdministrator(world, user, repository);

/**
 * Whether a user is exempt from pull requests and their reviews, even where administrators are included. All other
 * requirements apply.
 */
const mayBypassReview = (world: World, user: User, rule: ProtectionRule) =>
    listNames(world, rule.bypassPullRequestActorIds, user);

const notAuthorised =
    "You're not authorized to push to this branch. " +
    "Visit https://docs.github.com/articles/about-protected-branches/ for more information.";

/** The reasons of the base branch's rules against this merge, in GitHub's wording; empty when it is allowed. */
export function mergeObstacles(
    world: World,
    repository: Repository,
    pull: PullRequest,
    user: User,
    method: MergeMethod,
): string[] {
    const obstacles: string[] = [];
    const base = branchTip(world, repository, pull.base_ref);
    const commits = base === undefined ? [] : commitsBetween(world, repository, base, pull.head_sha);
    const ref = rulesOn(world, repository, user, `refs/heads/${pull.base_ref}`);
    const keepsMerges = method === "merge" || (method === "rebase" && commits.length === 0);
    if (ref.has("update")) obstacles.push("Cannot update this protected ref.");
    if (ref.has("required_linear_history") && keepsMerges)
        obstacles.push("This branch must not contain merge commits.");

    const rule = ruleFor(world, repository, pull.base_ref);
    if (rule === undefined || mayIgnore(world, repository, user, rule)) return obstacles;
    if (rule.lockBranch) obstacles.push("Cannot change this locked branch");
    if (!mayPush(world, repository, user, rule)) obstacles.push(notAuthorised);
    if (rule.requiresStatusChecks) {
        const checks = checksObstacle(world, repository, pull.head_sha, rule.requiredStatusCheckContexts);
        if (checks !== undefined) obstacles.push(checks);
        if (rule.requiresStrictStatusChecks && isBehind(world, repository, pull)) {
            obstacles.push("The head branch is not up to date with the base branch.");
        }
    }
    // A user who may push without a pull request may also merge one without an approval.
    if (!mayBypassReview(world, user, rule)) obstacles.push(...reviewObstacles(world, repository, pull, rule));
    if (rule.requiresConversationResolution && hasOpenConversation(world, repository, pull)) {
        obstacles.push("A conversation must be resolved before this pull request can be merged.");
    }
    if (rule.requiresLinearHistory && keepsMerges) obstacles.push("This branch must not contain merge commits.");
    if (rule.requiresCommitSignatures && method === "rebase") {
        obstacles.push("Base branch requires signed commits. Rebase merges cannot be automatically signed by GitHub");
    }
    return obstacles;
}

export function isBehind(world: World, repository: Repository, pull: PullRequest): boolean {
    const base = branchTip(world, repository, pull.base_ref);
    return base !== undefined && !contains(world, repository, pull.head_sha, base);
}

/** A change to a ref from outside a pull request. Absent `from`: it is created; absent `to`: deleted. */
export interface RefChange {
    readonly ref: string;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
}

/** `to` is unknown while the commit is not written yet: a file that is about to be put on a branch. */
export const pendingCommit = "";

export interface RefObstacles {
    /** What rulesets say. */
    readonly rules: string[];
    /** What branch protection says. */
    readonly protection: string[];
}

function isForced(world: World, repository: Repository, { from, to }: RefChange): boolean {
    return Boolean(from && to) && !contains(world, repository, to ?? "", from ?? "");
}

function bringsMerges(world: World, repository: Repository, { from, to }: RefChange): boolean {
    if (!to || !from) return false;
    return commitsBetween(world, repository, from, to).some((commit) => commit.parent_shas.length > 1);
}

/** The reasons of rulesets and branch protection against a push, in GitHub's wording. */
export function refObstacles(world: World, repository: Repository, user: User, change: RefChange): RefObstacles {
    const types = rulesOn(world, repository, user, change.ref);
    const created = change.from === undefined;
    const deleted = change.to === undefined;
    const rules: string[] = [];
    if (created && types.has("creation")) rules.push("Cannot create ref due to creations being restricted.");
    if (deleted && types.has("deletion")) rules.push("Cannot delete this protected ref.");
    if (!created && !deleted) {
        if (types.has("update")) rules.push("Cannot update this protected ref.");
        if (types.has("non_fast_forward") && isForced(world, repository, change))
            rules.push("Cannot force-push to this branch");
    }
    if (!deleted && types.has("required_signatures")) rules.push("Commits must have verified signatures.");
    if (types.has("required_linear_history") && bringsMerges(world, repository, change)) {
        rules.push("This branch must not contain merge commits.");
    }
    return { rules, protection: protectionObstacles(world, repository, user, change) };
}

function protectionObstacles(world: World, repository: Repository, user: User, change: RefChange): string[] {
    const branch = /^refs\/heads\/(.+)$/.exec(change.ref)?.[1];
    const rule = branch === undefined ? undefined : ruleFor(world, repository, branch);
    if (rule === undefined) return [];
    if (change.to === undefined) return rule.allowsDeletions ? [] : ["Cannot delete this branch"];
    const mayForce = rule.allowsForcePushes || listNames(world, rule.bypassForcePushActorIds, user);
    const forced = isForced(world, repository, change) && !mayForce ? ["Cannot force-push to this branch"] : [];
    if (mayIgnore(world, repository, user, rule)) return forced;
    if (change.from === undefined) {
        const restricted = rule.restrictsPushes && rule.blocksCreations && !mayPush(world, repository, user, rule);
        return restricted ? [notAuthorised] : [];
    }
    const checks = rule.requiresStatusChecks
        ? checksObstacle(world, repository, change.to, rule.requiredStatusCheckContexts)
        : undefined;
    return [
        ...forced,
        ...(rule.lockBranch ? ["Cannot change this locked branch"] : []),
        ...(mayPush(world, repository, user, rule) ? [] : [notAuthorised]),
        ...(rule.requiresApprovingReviews && !mayBypassReview(world, user, rule)
            ? ["Changes must be made through a pull request."]
            : []),
        ...(checks === undefined ? [] : [checks]),
        ...(rule.requiresLinearHistory && bringsMerges(world, repository, change)
            ? ["This branch must not contain merge commits."]
            : []),
        ...(rule.requiresCommitSignatures ? ["Commits must have verified signatures."] : []),
    ];
}
