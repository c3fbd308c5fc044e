import { z } from "zod";
import { findRepository, isMember, isOwner, permissionsOf, requireViewer, roleNamed, roleOf } from "../access";
import {
    body,
    forward,
    forwardJson,
    GitHubError,
    noContent,
    notFound,
    pageOf,
    validationFailed,
    type Context,
    type Routes,
    type World,
} from "../http";
import type { Organization, Repository, Team } from "../store";
import { accountOf, teamOf } from "./people";

/** emulate keeps an organisation's members in a team that GitHub does not have. */
const membersTeam = "members";

function organizationOf(world: World, context: Context): Organization {
    const organization = world.data.organizations.findOneBy("login", context.req.param("org"));
    if (organization === undefined) throw notFound();
    return organization;
}

function requireOwner(world: World, context: Context): Organization {
    const organization = organizationOf(world, context);
    if (!isOwner(world, requireViewer(world, context), organization.id)) {
        throw new GitHubError(403, "You must be an admin of the organization.");
    }
    return organization;
}

function requireMember(world: World, context: Context): Organization {
    const organization = organizationOf(world, context);
    if (!isMember(world, requireViewer(world, context), organization.id)) throw notFound();
    return organization;
}

function teamNamed(world: World, organization: Organization, slug: string): Team {
    const team = world.data.teams.findBy("org_id", organization.id).find((row) => row.slug === slug);
    if (team === undefined || team.slug === membersTeam) throw notFound();
    return team;
}

function fullTeamOf(world: World, organization: Organization, team: Team) {
    const account = accountOf(world, organization, "Organization");
    const { data } = world;
    return {
        ...teamOf(world, team),
        members_count: data.teamMembers.findBy("team_id", team.id).length,
        repos_count: data.teamRepositories.findBy("team_id", team.id).length,
        created_at: team.created_at,
        updated_at: team.updated_at,
        organization: {
            ...account,
            name: organization.name ?? organization.login,
            description: null,
            hooks_url: `${account.url}/hooks`,
            issues_url: `${account.url}/issues`,
            members_url: `${account.url}/members{/member}`,
            public_members_url: `${account.url}/public_members{/member}`,
            has_organization_projects: true,
            has_repository_projects: true,
            public_repos: 0,
            public_gists: 0,
            followers: 0,
            following: 0,
            created_at: organization.created_at,
            updated_at: organization.updated_at,
            archived_at: null,
        },
    };
}

const settings = z.looseObject({
    notification_setting: z.enum(["notifications_enabled", "notifications_disabled"]).optional(),
});

/** The repository at the end of a team's path, to which the viewer must be allowed to give access. */
function teamRepository(world: World, context: Context, organization: Organization) {
    const team = teamNamed(world, organization, context.req.param("team_slug"));
    const repository = findRepository(world, context.req.param("owner"), context.req.param("repo"));
    if (repository === undefined) throw notFound();
    const link = world.data.teamRepositories.findBy("team_id", team.id).find((row) => row.repo_id === repository.id);
    return { team, repository, link };
}

function requireGrantable(world: World, context: Context, repository: Repository): void {
    if (roleOf(world, requireViewer(world, context), repository) !== "admin") {
        throw new GitHubError(403, "Must have admin rights to Repository.");
    }
}

function teamRepositoryRoutes(world: World, routes: Routes): void {
    const path = "/orgs/:org/teams/:team_slug/repos";
    const shownRepository = async (
        context: Context,
        repository: Repository,
        role: NonNullable<ReturnType<typeof roleNamed>>,
    ) => ({
        ...(await forwardJson(world, context, { path: `/repos/${repository.full_name}`, method: "GET" })),
        permissions: permissionsOf(role),
        role_name: role,
    });
    routes.get(path, async (context) => {
        const team = teamNamed(world, requireMember(world, context), context.req.param("team_slug"));
        const shown = pageOf(context, world.data.teamRepositories.findBy("team_id", team.id)).map(async (link) => {
            const repository = world.data.repositories.get(link.repo_id);
            return repository ? [await shownRepository(context, repository, link.role ?? "read")] : [];
        });
        return Response.json((await Promise.all(shown)).flat());
    });
    routes.get(`${path}/:owner/:repo`, async (context) => {
        const { repository, link } = teamRepository(world, context, requireMember(world, context));
        if (link === undefined) throw notFound();
        return Response.json(await shownRepository(context, repository, link.role ?? "read"));
    });
    routes.put(`${path}/:owner/:repo`, async (context) => {
        const { team, repository, link } = teamRepository(world, context, requireMember(world, context));
        requireGrantable(world, context, repository);
        const { permission } = await body(context, z.looseObject({ permission: z.string().default("pull") }));
        const role = roleNamed(permission);
        if (role === undefined) throw validationFailed("Team", "permission", `${permission} is unknown`);
        if (link) world.data.teamRepositories.update(link.id, { role });
        else world.data.teamRepositories.insert({ team_id: team.id, repo_id: repository.id, role });
        return noContent();
    });
    routes.delete(`${path}/:owner/:repo`, (context) => {
        const { repository, link } = teamRepository(world, context, requireMember(world, context));
        requireGrantable(world, context, repository);
        if (link) world.data.teamRepositories.delete(link.id);
        return noContent();
    });
}

/** Teams (https://docs.github.com/rest/teams), by slug; paths by number are rewritten before. */
export function teamRoutes(world: World, routes: Routes): void {
    const path = "/orgs/:org/teams";
    routes.get(path, (context) => {
        const organization = requireMember(world, context);
        const teams = world.data.teams.findBy("org_id", organization.id).filter((team) => team.slug !== membersTeam);
        return Response.json(
            pageOf(
                context,
                teams.map((team) => teamOf(world, team)),
            ),
        );
    });
    routes.post(path, async (context) => {
        const organization = requireOwner(world, context);
        const { notification_setting = "notifications_enabled" } = await body(context, settings);
        const { id } = await forwardJson<{ id: number }>(world, context);
        const team = world.data.teams.update(id, { notification_setting });
        if (team === undefined) throw notFound();
        return Response.json(fullTeamOf(world, organization, team), { status: 201 });
    });
    routes.get(`${path}/:team_slug`, (context) => {
        const organization = requireMember(world, context);
        const team = teamNamed(world, organization, context.req.param("team_slug"));
        return Response.json(fullTeamOf(world, organization, team));
    });
    routes.patch(`${path}/:team_slug`, async (context) => {
        const organization = requireOwner(world, context);
        const { id } = teamNamed(world, organization, context.req.param("team_slug"));
        const { notification_setting } = await body(context, settings);
        await forwardJson(world, context);
        const team = world.data.teams.update(id, notification_setting === undefined ? {} : { notification_setting });
        if (team === undefined) throw notFound();
        return Response.json(fullTeamOf(world, organization, team));
    });
    routes.delete(`${path}/:team_slug`, async (context) => {
        const team = teamNamed(world, requireOwner(world, context), context.req.param("team_slug"));
        await forwardJson(world, context);
        for (const link of world.data.teamRepositories.findBy("team_id", team.id)) {
            world.data.teamRepositories.delete(link.id);
        }
        return noContent();
    });
    for (const method of ["put", "delete"] as const) {
        routes[method](`${path}/:team_slug/memberships/:username`, (context) => {
            requireOwner(world, context);
            return forward(world, context);
        });
        routes[method]("/orgs/:org/memberships/:username", (context) => {
            requireOwner(world, context);
            return forward(world, context);
        });
    }
    routes.delete("/orgs/:org/members/:username", (context) => {
        requireOwner(world, context);
        return forward(world, context);
    });
    routes.patch("/orgs/:org", (context) => {
        requireOwner(world, context);
        return forward(world, context);
    });
    for (const keys of ["keys", "gpg_keys"]) {
        routes.get(`/users/:username/${keys}`, (context) => {
            if (world.data.users.findOneBy("login", context.req.param("username")) === undefined) throw notFound();
            return Response.json([]);
        });
    }
    teamRepositoryRoutes(world, routes);
}
