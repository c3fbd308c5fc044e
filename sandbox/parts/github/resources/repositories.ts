import { z } from "zod";
import {
    findRepository,
    isMember,
    permissionName,
    permissionsOf,
    repositoryOf,
    requireRole,
    requireRoleForChange,
    requireViewer,
    roleNamed,
    roleOf,
    viewer,
} from "../access";
import { removeFrontRecords } from "../emulator";
import {
    body,
    forward,
    forwardJson,
    GitHubError,
    noContent,
    notFound,
    pageOf,
    restPrefix,
    validationFailed,
    type Context,
    type Routes,
    type World,
} from "../http";
import type { Repository, RepositoryExtras } from "../store";
import { accountOf, teamOf, userOf } from "./people";

const status = z.object({ status: z.enum(["enabled", "disabled"]) });

/** The settings that emulate neither keeps nor shows. */
const extrasSchema = z
    .object({
        allow_update_branch: z.boolean(),
        web_commit_signoff_required: z.boolean(),
        merge_commit_title: z.enum(["PR_TITLE", "MERGE_MESSAGE"]),
        merge_commit_message: z.enum(["PR_BODY", "PR_TITLE", "BLANK"]),
        squash_merge_commit_title: z.enum(["PR_TITLE", "COMMIT_OR_PR_TITLE"]),
        squash_merge_commit_message: z.enum(["PR_BODY", "COMMIT_MESSAGES", "BLANK"]),
        security_and_analysis: z.record(z.string(), status).nullable(),
    })
    .partial();

/** GitHub's defaults for a new repository. */
const defaults: RepositoryExtras = {
    allow_update_branch: false,
    web_commit_signoff_required: false,
    merge_commit_title: "MERGE_MESSAGE",
    merge_commit_message: "PR_TITLE",
    squash_merge_commit_title: "COMMIT_OR_PR_TITLE",
    squash_merge_commit_message: "COMMIT_MESSAGES",
    security_and_analysis: {
        secret_scanning: { status: "disabled" },
        secret_scanning_push_protection: { status: "disabled" },
    },
};

export const extrasOf = (repository: Repository): RepositoryExtras => repository.extras ?? defaults;

function view(world: World, context: Context, repository: Repository, shown: Record<string, unknown>) {
    const user = viewer(world, context);
    const role = (user && roleOf(world, user, repository)) ?? "read";
    const { security_and_analysis, ...extras } = extrasOf(repository);
    const organization = world.data.organizations.get(repository.owner_id);
    const owned = repository.owner_type === "Organization" ? organization : undefined;
    const owner = owned && accountOf(world, owned, "Organization");
    const dependabot = { status: repository.automated_security_fixes ? "enabled" : "disabled" };
    return {
        ...shown,
        ...extras,
        pushed_at: shown.pushed_at ?? repository.created_at,
        permissions: permissionsOf(role),
        network_count: 0,
        subscribers_count: 0,
        ...(owner && { owner, organization: owner }),
        ...(role === "admin" && {
            security_and_analysis: { ...security_and_analysis, dependabot_security_updates: dependabot },
        }),
    };
}

async function keepExtras(world: World, context: Context, repository: Repository): Promise<Repository> {
    const { security_and_analysis, ...given } = await body(context, extrasSchema);
    const current = extrasOf(repository);
    const extras = {
        ...current,
        ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
        security_and_analysis: { ...current.security_and_analysis, ...security_and_analysis },
    };
    return world.data.repositories.update(repository.id, { extras }) ?? repository;
}

function named(world: World, shown: Record<string, unknown>): Repository {
    const repository = world.data.repositories.get(Number(shown.id));
    if (repository === undefined) throw notFound();
    return repository;
}

const visibility = z.looseObject({
    name: z.string().min(1),
    private: z.boolean().optional(),
    visibility: z.enum(["public", "private", "internal"]).optional(),
});

/** emulate supports few settings at creation, and `private` instead of `visibility`: the rest follows as a change. */
async function create(world: World, context: Context): Promise<Response> {
    requireViewer(world, context);
    const { name, ...given } = await body(context, visibility);
    const isPrivate = given.visibility === undefined ? given.private : given.visibility !== "public";
    if (findRepository(world, context.req.param("org"), name)) {
        throw new GitHubError(422, "Repository creation failed.", [
            { resource: "Repository", code: "custom", field: "name", message: "name already exists on this account" },
        ]);
    }
    const created = await forwardJson(world, context, { body: { ...given, name, private: isPrivate ?? false } });
    const path = `/repos/${named(world, created).full_name}`;
    const shown = await forwardJson(world, context, { path, method: "PATCH", body: given });
    const repository = await keepExtras(world, context, named(world, shown));
    return Response.json(view(world, context, repository, shown), { status: 201 });
}

async function change(world: World, context: Context): Promise<Response> {
    const repository = requireRole(world, context, "admin");
    const given = await body(
        context,
        z.looseObject({ archived: z.boolean().optional(), default_branch: z.string().optional() }),
    );
    if (repository.archived && given.archived !== false) {
        throw new GitHubError(403, "Repository was archived so is read-only.");
    }
    const branches = world.data.branches.findBy("repo_id", repository.id).map(({ name }) => name);
    const { default_branch: branch } = given;
    if (branch !== undefined && branches.length > 0 && !branches.includes(branch)) {
        const message = `The branch ${branch} was not found. Please push that ref first or create it via the Git Data API.`;
        throw validationFailed("Repository", "default_branch", message);
    }
    const shown = await forwardJson(world, context);
    return Response.json(view(world, context, await keepExtras(world, context, repository), shown));
}

function collaboratorsOf(world: World, repository: Repository, affiliation: string) {
    return world.data.collaborators.findBy("repo_id", repository.id).flatMap((row) => {
        const user = world.data.users.get(row.user_id);
        const role = roleNamed(row.permission);
        if (user === undefined || role === undefined) return [];
        if (affiliation === "outside" && isMember(world, user, repository.owner_id)) return [];
        return [{ ...userOf(world, user), permissions: permissionsOf(role), role_name: role }];
    });
}

function collaboratorRoutes(world: World, routes: Routes): void {
    const path = "/repos/:owner/:repo/collaborators";
    routes.get(path, (context) => {
        const repository = requireRole(world, context, "write");
        const affiliation = context.req.query("affiliation") ?? "all";
        return Response.json(pageOf(context, collaboratorsOf(world, repository, affiliation)));
    });
    routes.put(`${path}/:username`, async (context) => {
        requireRoleForChange(world, context, "admin");
        const { permission } = await body(context, z.looseObject({ permission: z.string().default("push") }));
        const role = roleNamed(permission);
        if (role === undefined) throw validationFailed("Collaborator", "permission", `${permission} is unknown`);
        // emulate answers 201 with an incomplete invitation; here users accept at once, which GitHub reports with 204.
        await forwardJson(world, context, { body: { permission: permissionName(role) } });
        return noContent();
    });
    routes.delete(`${path}/:username`, (context) => {
        requireRoleForChange(world, context, "admin");
        return forward(world, context);
    });
    routes.get(`${path}/:username/permission`, (context) => {
        const repository = requireRole(world, context, "write");
        const user = world.data.users.findOneBy("login", context.req.param("username"));
        if (user === undefined) throw notFound();
        const role = roleOf(world, user, repository);
        const permission = role === "maintain" ? "write" : role === "triage" ? "read" : (role ?? "none");
        const permissions = role && permissionsOf(role);
        const shown = { ...userOf(world, user), ...(permissions && { permissions }), role_name: role ?? "none" };
        return Response.json({ permission, role_name: role ?? "none", user: shown });
    });
    routes.get("/repos/:owner/:repo/invitations", (context) => {
        requireRole(world, context, "admin");
        return Response.json([]);
    });
    routes.get("/repos/:owner/:repo/teams", (context) => {
        const repository = requireRole(world, context, "write");
        const teams = world.data.teamRepositories.findBy("repo_id", repository.id).flatMap((link) => {
            const team = world.data.teams.get(link.team_id);
            const role = link.role ?? "read";
            if (team === undefined) return [];
            return [{ ...teamOf(world, team), permission: permissionName(role), permissions: permissionsOf(role) }];
        });
        return Response.json(pageOf(context, teams));
    });
}

function securityRoutes(world: World, routes: Routes): void {
    const alerts = "/repos/:owner/:repo/vulnerability-alerts";
    const fixes = "/repos/:owner/:repo/automated-security-fixes";
    const set = (change: Partial<Repository>) => (context: Context) => {
        const repository = requireRoleForChange(world, context, "admin");
        if (change.automated_security_fixes && !repository.vulnerability_alerts) {
            throw new GitHubError(422, "Vulnerability alerts must be enabled to configure automated security fixes.");
        }
        world.data.repositories.update(repository.id, change);
        return noContent();
    };
    routes.get(alerts, (context) => {
        if (!requireRole(world, context, "admin").vulnerability_alerts) {
            throw new GitHubError(404, "Vulnerability alerts are disabled.");
        }
        return noContent();
    });
    routes.put(alerts, set({ vulnerability_alerts: true }));
    routes.delete(alerts, set({ vulnerability_alerts: false, automated_security_fixes: false }));
    routes.get(fixes, (context) => {
        const { automated_security_fixes: enabled = false } = requireRole(world, context, "admin");
        return Response.json({ enabled, paused: false });
    });
    routes.put(fixes, set({ automated_security_fixes: true }));
    routes.delete(fixes, set({ automated_security_fixes: false }));
}

/** Repositories (https://docs.github.com/rest/repos): emulate's, with the settings and the roles that it lacks. */
export function repositoryRoutes(world: World, routes: Routes): void {
    const path = "/repos/:owner/:repo";
    routes.post("/orgs/:org/repos", (context) => create(world, context));
    routes.get(path, async (context) => {
        const repository = repositoryOf(world, context);
        return Response.json(view(world, context, repository, await forwardJson(world, context)));
    });
    routes.patch(path, (context) => change(world, context));
    routes.delete(path, async (context) => {
        const repository = requireRole(world, context, "admin");
        await forwardJson(world, context);
        removeFrontRecords(world.data, repository.id);
        return noContent();
    });
    const administered = (context: Context) => {
        requireRoleForChange(world, context, "admin");
        return forward(world, context);
    };
    routes.put(`${path}/topics`, administered);
    routes.post(`${path}/transfer`, administered);
    routes.post(`${path}/hooks`, administered);
    routes.patch(`${path}/hooks/:hook_id`, administered);
    routes.delete(`${path}/hooks/:hook_id`, administered);
    collaboratorRoutes(world, routes);
    securityRoutes(world, routes);
}

export const repositoryUrl = (world: World, repository: Repository) =>
    `${world.baseUrl}${restPrefix}/repos/${repository.full_name}`;
