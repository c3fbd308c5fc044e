import { z } from "zod";
import { requireRoleForChange, requireViewer } from "../access";
import {
    branchTip,
    commitsBetween,
    filesOf,
    findCommit,
    mergeBase,
    mergeFiles,
    moveBranch,
    removeBranch,
    writeCommit,
    type Files,
} from "../git";
import { body, GitHubError, notFound, type Context, type Routes, type World } from "../http";
import { refreshProtectedFlags } from "../protection/rules";
import { extrasOf } from "../resources/repositories";
import type { Commit, PullRequest, Repository, User } from "../store";
import { mergeObstacles, refObstacles, isBehind, type MergeMethod } from "./obstacles";
import { recordPush } from "./pushes";
import { followBranches } from "./following";

const mergeRequest = z.object({
    merge_method: z.enum(["merge", "squash", "rebase"]).default("merge"),
    commit_title: z.string().optional(),
    commit_message: z.string().optional(),
    sha: z.string().optional(),
});

const methods = {
    merge: { field: "allow_merge_commit", refusal: "Merge commits are not allowed on this repository." },
    squash: { field: "allow_squash_merge", refusal: "Squash merges are not allowed on this repository." },
    rebase: { field: "allow_rebase_merge", refusal: "Rebase merges are not allowed on this repository." },
} as const satisfies Record<MergeMethod, unknown>;

const notMergeable = () => new GitHubError(405, "Pull Request is not mergeable");

export function pullAt(world: World, context: Context, repository: Repository): PullRequest {
    const number = Number(context.req.param("pull_number"));
    const pull = world.data.pullRequests.findBy("repo_id", repository.id).find((row) => row.number === number);
    if (pull === undefined) throw notFound();
    return pull;
}

interface Ends {
    readonly base: string;
    readonly head: Commit;
    readonly files: Files;
    readonly commits: readonly Commit[];
}

/** The two sides of a merge; undefined when both changed a file in different ways. */
function ends(world: World, repository: Repository, pull: PullRequest): Ends | undefined {
    const base = branchTip(world, repository, pull.base_ref);
    const head = findCommit(world, repository, pull.head_sha);
    if (base === undefined || head === undefined) return undefined;
    const common = mergeBase(world, repository, base, head.sha);
    const files = mergeFiles(
        filesOf(world, repository, common),
        filesOf(world, repository, findCommit(world, repository, base)),
        filesOf(world, repository, head),
    );
    return files && { base, head, files, commits: commitsBetween(world, repository, base, head.sha) };
}

export function isMergeable(world: World, repository: Repository, pull: PullRequest): boolean {
    return pull.head_repo_id === repository.id && ends(world, repository, pull) !== undefined;
}

/** Replays each commit on the base branch; a merge commit among them is left out, its changes are in the others. */
async function rebase(
    world: World,
    context: Context,
    repository: Repository,
    { base, commits }: Ends,
): Promise<string> {
    let tip = base;
    for (const commit of commits.filter(({ parent_shas }) => parent_shas.length < 2)) {
        const parent = findCommit(world, repository, commit.parent_shas[0] ?? "");
        const files = mergeFiles(
            filesOf(world, repository, parent),
            filesOf(world, repository, findCommit(world, repository, tip)),
            filesOf(world, repository, commit),
        );
        if (files === undefined) throw notMergeable();
        const author = { name: commit.author_name, email: commit.author_email, date: commit.author_date };
        tip = await writeCommit(world, context, repository, { files, parents: [tip], message: commit.message, author });
    }
    return tip;
}

function messageOf(
    world: World,
    repository: Repository,
    pull: PullRequest,
    { commits }: Ends,
    request: z.infer<typeof mergeRequest>,
): string {
    const [only] = commits;
    const single = commits.length === 1 && extrasOf(repository).squash_merge_commit_title === "COMMIT_OR_PR_TITLE";
    const organization = world.settings.organization.login;
    const fallback =
        request.merge_method === "squash"
            ? `${(single ? only?.message.split("\n")[0] : undefined) ?? pull.title} (#${pull.number})`
            : `Merge pull request #${pull.number} from ${organization}/${pull.head_ref}`;
    return [request.commit_title ?? fallback, request.commit_message].filter(Boolean).join("\n\n");
}

function close(world: World, repository: Repository, pull: PullRequest, user: User, sha: string): void {
    const now = new Date().toISOString();
    world.data.pullRequests.update(pull.id, {
        merged: true,
        merged_at: now,
        merged_by_id: user.id,
        merge_commit_sha: sha,
        state: "closed",
        closed_at: now,
        mergeable: null,
        mergeable_state: "unknown",
    });
    const issue = world.data.issues.findBy("repo_id", repository.id).find((row) => row.number === pull.number);
    if (issue) world.data.issues.update(issue.id, { state: "closed", closed_at: now, closed_by_id: user.id });
    const open = Math.max(0, repository.open_issues_count - 1);
    world.data.repositories.update(repository.id, { open_issues_count: open });
}

function assertMayMerge(
    world: World,
    repository: Repository,
    pull: PullRequest,
    user: User,
    request: z.infer<typeof mergeRequest>,
): void {
    if (pull.merged || pull.state === "closed") throw notMergeable();
    if (pull.draft) throw new GitHubError(405, "Pull Request is still a draft");
    if (request.sha !== undefined && request.sha !== pull.head_sha) {
        throw new GitHubError(409, "Head branch was modified. Review and try the merge again.");
    }
    const { field, refusal } = methods[request.merge_method];
    if (!repository[field]) throw new GitHubError(405, refusal);
    const obstacles = mergeObstacles(world, repository, pull, user, request.merge_method);
    if (obstacles.length > 0) throw new GitHubError(405, obstacles.join(" "));
}

/**
 * Merges a pull request (https://docs.github.com/rest/pulls/pulls#merge-a-pull-request). Implemented here, because the
 * emulator answers 422 to everything and overwrites newer files of the base with the head's.
 */
async function merge(world: World, context: Context): Promise<Response> {
    const repository = requireRoleForChange(world, context, "write");
    const user = requireViewer(world, context);
    const pull = pullAt(world, context, repository);
    const request = await body(context, mergeRequest);
    assertMayMerge(world, repository, pull, user, request);
    const both = pull.head_repo_id === repository.id ? ends(world, repository, pull) : undefined;
    if (both === undefined || both.commits.length === 0) throw notMergeable();
    const message = messageOf(world, repository, pull, both, request);
    const parents = request.merge_method === "merge" ? [both.base, both.head.sha] : [both.base];
    const sha =
        request.merge_method === "rebase"
            ? await rebase(world, context, repository, both)
            : await writeCommit(world, context, repository, { files: both.files, parents, message });
    moveBranch(world, repository, pull.base_ref, sha);
    recordPush(world, context, repository, pull.base_ref);
    close(world, repository, pull, user, sha);
    const ref = `refs/heads/${pull.head_ref}`;
    const kept = refObstacles(world, repository, user, { ref, from: pull.head_sha });
    if (repository.delete_branch_on_merge && kept.rules.length + kept.protection.length === 0) {
        removeBranch(world, repository, pull.head_ref);
        refreshProtectedFlags(world, repository);
    }
    followBranches(world, repository);
    return Response.json({ sha, merged: true, message: "Pull Request successfully merged" });
}

/** Brings the base branch into the head branch (…#update-a-pull-request-branch). */
async function updateBranch(world: World, context: Context): Promise<Response> {
    const repository = requireRoleForChange(world, context, "write");
    const pull = pullAt(world, context, repository);
    const { expected_head_sha } = await body(context, z.object({ expected_head_sha: z.string().optional() }));
    if (expected_head_sha !== undefined && expected_head_sha !== pull.head_sha) {
        throw new GitHubError(422, "expected_head_sha does not match the pull request's head");
    }
    if (pull.state === "closed" || !isBehind(world, repository, pull)) {
        throw new GitHubError(422, "There are no new commits on the base branch.");
    }
    const both = ends(world, repository, pull);
    if (both === undefined) throw new GitHubError(422, "merge conflict between base and head");
    const ref = `refs/heads/${pull.head_ref}`;
    const change = { ref, from: both.head.sha, to: both.head.sha };
    const { rules, protection } = refObstacles(world, repository, requireViewer(world, context), change);
    if (rules.length + protection.length > 0) throw new GitHubError(422, [...rules, ...protection].join(" "));
    const sha = await writeCommit(world, context, repository, {
        files: both.files,
        parents: [both.head.sha, both.base],
        message: `Merge branch '${pull.base_ref}' into ${pull.head_ref}`,
    });
    moveBranch(world, repository, pull.head_ref, sha);
    recordPush(world, context, repository, pull.head_ref);
    followBranches(world, repository);
    const url = `${world.baseUrl}/repos/${repository.full_name}/pulls/${pull.number}`;
    return Response.json({ message: "Updating pull request branch.", url }, { status: 202 });
}

export function mergeRoutes(world: World, routes: Routes): void {
    routes.put("/repos/:owner/:repo/pulls/:pull_number/merge", (context) => merge(world, context));
    routes.put("/repos/:owner/:repo/pulls/:pull_number/update-branch", (context) => updateBranch(world, context));
}
