import { z } from "zod";
import { repositoryOf, requireRoleForChange, requireViewer, viewer } from "../access";
import { branchTip, findCommit } from "../git";
import { body, forward, forwardJson, GitHubError, pageOf, type Context, type Routes, type World } from "../http";
import { userOf } from "../resources/people";
import { listNames, ruleFor } from "../protection/rules";
import { nodeId, type PullRequest, type Repository, type Status } from "../store";
import { isBehind, mergeObstacles } from "./obstacles";
import { isMergeable, pullAt } from "./merge";

/** The state of a pull request (GraphQL: `MergeStateStatus`). */
function mergeState(world: World, context: Context, repository: Repository, pull: PullRequest): string {
    const user = viewer(world, context);
    if (pull.state === "closed" || user === undefined) return "unknown";
    if (!isMergeable(world, repository, pull)) return "dirty";
    if (pull.draft) return "draft";
    const rule = ruleFor(world, repository, pull.base_ref);
    const method = repository.allow_squash_merge ? "squash" : repository.allow_rebase_merge ? "rebase" : "merge";
    const obstacles = mergeObstacles(world, repository, pull, user, method);
    if (obstacles.length === 0) return "clean";
    return obstacles.length === 1 && rule?.requiresStrictStatusChecks && isBehind(world, repository, pull)
        ? "behind"
        : "blocked";
}

function assertBranchExists(world: World, repository: Repository, name: string, field: "head" | "base"): void {
    const own = name.split(":").at(-1) ?? name;
    if (branchTip(world, repository, own) !== undefined) return;
    throw new GitHubError(422, "Validation Failed", [{ resource: "PullRequest", field, code: "invalid" }]);
}

const approves = z.looseObject({ event: z.string().optional() });

/** GitHub refuses a review by the pull request's own author. */
async function assertNoSelfReview(world: World, context: Context): Promise<void> {
    const repository = repositoryOf(world, context);
    const { event } = await body(context, approves);
    const pull = pullAt(world, context, repository);
    if (pull.user_id !== requireViewer(world, context).id) return;
    if (event === "APPROVE")
        throw new GitHubError(422, "Unprocessable Entity", ["Can not approve your own pull request"]);
    if (event === "REQUEST_CHANGES") {
        throw new GitHubError(422, "Unprocessable Entity", ["Can not request changes on your own pull request"]);
    }
}

const statusRequest = z.object({
    state: z.enum(["error", "failure", "pending", "success"]),
    context: z.string().min(1).default("default"),
    description: z.string().nullish(),
    target_url: z.string().nullish(),
});

function statusView(world: World, repository: Repository, status: Status) {
    const creator = world.data.users.get(status.user_id);
    return {
        url: `${world.baseUrl}/repos/${repository.full_name}/statuses/${status.sha}`,
        avatar_url: creator ? userOf(world, creator).avatar_url : null,
        id: status.id,
        node_id: nodeId("StatusContext", status.id),
        state: status.state,
        description: status.description,
        target_url: status.target_url,
        context: status.context,
        created_at: status.created_at,
        updated_at: status.updated_at,
        creator: creator ? userOf(world, creator) : null,
    };
}

/** Commit statuses (https://docs.github.com/rest/commits/statuses); emulate has check runs only. */
function statusRoutes(world: World, routes: Routes): void {
    routes.post("/repos/:owner/:repo/statuses/:sha", async (context) => {
        const repository = requireRoleForChange(world, context, "write");
        const sha = context.req.param("sha");
        const given = await body(context, statusRequest);
        if (!world.data.commits.findBy("sha", sha).some((commit) => commit.repo_id === repository.id)) {
            throw new GitHubError(422, `No commit found for SHA: ${sha}`);
        }
        const status = world.data.statuses.insert({
            repo_id: repository.id,
            sha,
            user_id: requireViewer(world, context).id,
            state: given.state,
            context: given.context,
            description: given.description ?? null,
            target_url: given.target_url ?? null,
        });
        return Response.json(statusView(world, repository, status), { status: 201 });
    });
    routes.get("/repos/:owner/:repo/commits/:ref/statuses", (context) => {
        const repository = repositoryOf(world, context);
        const ref = context.req.param("ref");
        const sha = branchTip(world, repository, ref) ?? ref;
        const statuses = world.data.statuses.findBy("sha", sha).filter((status) => status.repo_id === repository.id);
        return Response.json(
            pageOf(
                context,
                statuses.reverse().map((status) => statusView(world, repository, status)),
            ),
        );
    });
}

/** GitHub's behaviour that emulate's pull requests and reviews lack. */
export function pullRoutes(world: World, routes: Routes): void {
    const path = "/repos/:owner/:repo/pulls";
    routes.post(path, async (context) => {
        const repository = repositoryOf(world, context);
        const { head, base } = await body(context, z.looseObject({ head: z.string(), base: z.string() }));
        assertBranchExists(world, repository, head, "head");
        assertBranchExists(world, repository, base, "base");
        return forward(world, context);
    });
    routes.get(`${path}/:pull_number`, async (context) => {
        const repository = repositoryOf(world, context);
        const pull = pullAt(world, context, repository);
        const open = pull.state === "open";
        world.data.pullRequests.update(pull.id, {
            mergeable: open ? isMergeable(world, repository, pull) : null,
            mergeable_state: mergeState(world, context, repository, pull),
        });
        return Response.json(await forwardJson(world, context));
    });
    routes.post(`${path}/:pull_number/reviews`, async (context) => {
        await assertNoSelfReview(world, context);
        return forward(world, context);
    });
    routes.post(`${path}/:pull_number/reviews/:review_id/events`, async (context) => {
        await assertNoSelfReview(world, context);
        return forward(world, context);
    });
    routes.put(`${path}/:pull_number/reviews/:review_id/dismissals`, (context) => {
        const repository = requireRoleForChange(world, context, "write");
        const user = requireViewer(world, context);
        const rule = ruleFor(world, repository, pullAt(world, context, repository).base_ref);
        if (rule?.restrictsReviewDismissals && !listNames(world, rule.reviewDismissalActorIds, user)) {
            requireRoleForChange(world, context, "admin");
        }
        return forward(world, context);
    });
    // Emulate has no list of the pull requests of a commit.
    routes.get("/repos/:owner/:repo/commits/:sha/pulls", async (context) => {
        const repository = repositoryOf(world, context);
        const sha = context.req.param("sha");
        if (findCommit(world, repository, sha) === undefined)
            throw new GitHubError(422, `No commit found for SHA: ${sha}`);
        const found = world.data.pullRequests
            .findBy("repo_id", repository.id)
            .filter((pull) => pull.merge_commit_sha === sha || pull.head_sha === sha);
        const views = found.map(({ number }) =>
            forwardJson(world, context, { path: `/repos/${repository.full_name}/pulls/${number}` }),
        );
        return Response.json(pageOf(context, await Promise.all(views)));
    });
    statusRoutes(world, routes);
}
