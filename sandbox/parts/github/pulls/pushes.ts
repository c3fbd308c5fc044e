import { z } from "zod";
import { requireRoleForChange, requireViewer } from "../access";
import { branchTip } from "../git";
import { body, forward, GitHubError, type Context, type Routes, type World } from "../http";
import { refreshProtectedFlags } from "../protection/rules";
import type { Repository } from "../store";
import { pendingCommit, refObstacles, type RefChange } from "./obstacles";

const violations = (rules: readonly string[]) => `Repository rule violations found\n\n${rules.join("\n\n")}\n\n`;

/** Refuses a push as GitHub does: 422 for a ref, and 409 with the message's beginning for a file. */
function assertAllowed(world: World, context: Context, repository: Repository, change: RefChange, file?: string): void {
    const { rules, protection } = refObstacles(world, repository, requireViewer(world, context), change);
    const message = rules.length > 0 ? violations(rules) : protection.join(" ");
    if (message === "") return;
    if (file === undefined) throw new GitHubError(422, message);
    throw new GitHubError(409, rules.length > 0 ? message : `${file}: ${message}`);
}

function refAt(world: World, repository: Repository, ref: string): string | undefined {
    return world.data.refs.findBy("repo_id", repository.id).find((row) => row.ref === ref)?.sha;
}

/** Records who moved a branch, once the emulator has moved it. */
export function recordPush(world: World, context: Context, repository: Repository, branch: string): void {
    const sha = branchTip(world, repository, branch);
    const pushes = world.data.pushes.findBy("repo_id", repository.id).filter((push) => push.branch === branch);
    if (sha === undefined || pushes.at(-1)?.sha === sha) return;
    for (const push of pushes) world.data.pushes.delete(push.id);
    world.data.pushes.insert({ repo_id: repository.id, branch, sha, user_id: requireViewer(world, context).id });
}

async function push(world: World, context: Context, repository: Repository, ref: string): Promise<Response> {
    const response = await forward(world, context);
    const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
    if (response.ok && branch !== undefined) {
        recordPush(world, context, repository, branch);
        refreshProtectedFlags(world, repository);
    }
    return response;
}

const fullName = (ref: string) => (ref.startsWith("refs/") ? ref : `refs/${ref}`);

/** Every way to move a ref from outside a pull request: Git references and file contents. */
export function pushRoutes(world: World, routes: Routes): void {
    const refs = "/repos/:owner/:repo/git/refs";
    routes.post(refs, async (context) => {
        const repository = requireRoleForChange(world, context, "write");
        const { ref, sha } = await body(context, z.looseObject({ ref: z.string(), sha: z.string() }));
        if (refAt(world, repository, ref) === undefined) assertAllowed(world, context, repository, { ref, to: sha });
        return push(world, context, repository, ref);
    });
    routes.patch(`${refs}/:ref{.+}`, async (context) => {
        const repository = requireRoleForChange(world, context, "write");
        const ref = fullName(context.req.param("ref"));
        const { sha } = await body(context, z.looseObject({ sha: z.string(), force: z.boolean().default(false) }));
        const from = refAt(world, repository, ref);
        if (from === undefined) throw new GitHubError(422, "Reference does not exist");
        assertAllowed(world, context, repository, { ref, from, to: sha });
        return push(world, context, repository, ref);
    });
    routes.delete(`${refs}/:ref{.+}`, (context) => {
        const repository = requireRoleForChange(world, context, "write");
        const ref = fullName(context.req.param("ref"));
        const from = refAt(world, repository, ref);
        if (from === undefined) throw new GitHubError(422, "Reference does not exist");
        assertAllowed(world, context, repository, { ref, from });
        return push(world, context, repository, ref);
    });

    const contents = "/repos/:owner/:repo/contents/:path{.+}";
    const file = (verb: string) => async (context: Context) => {
        const repository = requireRoleForChange(world, context, "write");
        const given = await body(context, z.looseObject({ branch: z.string().optional(), sha: z.string().optional() }));
        const branch = given.branch ?? repository.default_branch;
        const from = branchTip(world, repository, branch);
        const isEmpty = world.data.branches.findBy("repo_id", repository.id).length === 0;
        if (from === undefined && !isEmpty) throw new GitHubError(404, `Branch ${branch} not found`);
        const ref = `refs/heads/${branch}`;
        const doing = verb === "put" ? (given.sha === undefined ? "create" : "update") : verb;
        assertAllowed(world, context, repository, { ref, from, to: pendingCommit }, `Could not ${doing} file`);
        return push(world, context, repository, ref);
    };
    routes.put(contents, file("put"));
    routes.delete(contents, file("delete"));
}
