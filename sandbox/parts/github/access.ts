import { bearerToken } from "./emulator";
import { GitHubError, notFound, type Context, type World } from "./http";
import { roles, type Repository, type Role, type User } from "./store";

const rank = (role: Role | undefined) => (role === undefined ? -1 : roles.indexOf(role));

/** Names of the same roles in GitHub's older vocabulary, which several endpoints still take and give. */
const permissionNames: Record<Role, string> = {
    read: "pull",
    triage: "triage",
    write: "push",
    maintain: "maintain",
    admin: "admin",
};

export const permissionName = (role: Role) => permissionNames[role];

export function roleNamed(name: string): Role | undefined {
    return roles.find((role) => role === name || permissionNames[role] === name);
}

/** The `permissions` object of a role. */
export function permissionsOf(role: Role) {
    const at = (least: Role) => rank(role) >= rank(least);
    return { admin: at("admin"), maintain: at("maintain"), push: at("write"), triage: at("triage"), pull: at("read") };
}

/** The user whose token the request carries; undefined without one. An unknown token is refused, as on GitHub. */
export function viewer(world: World, context: Context): User | undefined {
    const token = bearerToken(context.req.header("Authorization"));
    if (token === undefined) return undefined;
    const owner = world.settings.users.find((user) => user.token === token);
    const user = owner && world.data.users.findOneBy("login", owner.login);
    if (user === undefined) throw new GitHubError(401, "Bad credentials");
    return user;
}

export function requireViewer(world: World, context: Context): User {
    const user = viewer(world, context);
    if (user === undefined) throw new GitHubError(401, "Requires authentication");
    return user;
}

/** The team in which emulate stores an organisation's members; its maintainers own the organisation. */
const membersTeam = (world: World, organizationId: number) =>
    world.data.teams.findBy("org_id", organizationId).find((team) => team.slug === "members");

export function isMember(world: World, user: User, organizationId: number): boolean {
    const team = membersTeam(world, organizationId);
    return (
        team !== undefined && world.data.teamMembers.findBy("team_id", team.id).some((row) => row.user_id === user.id)
    );
}

export function isOwner(world: World, user: User, organizationId: number): boolean {
    const team = membersTeam(world, organizationId);
    if (team === undefined) return false;
    const rows = world.data.teamMembers.findBy("team_id", team.id);
    return rows.some((row) => row.user_id === user.id && row.role === "maintainer");
}

/** The highest role that ownership, the organisation's base permission, teams and collaboration give together. */
export function roleOf(world: World, user: User, repository: Repository): Role | undefined {
    if (repository.owner_type === "User") {
        if (repository.owner_id === user.id) return "admin";
    } else if (isOwner(world, user, repository.owner_id)) {
        return "admin";
    }
    const { data, settings } = world;
    const found: (Role | undefined)[] = [];
    if (repository.owner_type === "Organization" && isMember(world, user, repository.owner_id)) {
        found.push(roleNamed(settings.organization.basePermission));
    }
    const memberships = new Set(data.teamMembers.findBy("user_id", user.id).map((row) => row.team_id));
    for (const link of data.teamRepositories.findBy("repo_id", repository.id)) {
        if (memberships.has(link.team_id)) found.push(link.role ?? "read");
    }
    for (const row of data.collaborators.findBy("repo_id", repository.id)) {
        if (row.user_id === user.id) found.push(roleNamed(row.permission));
    }
    return found.reduce((best, role) => (rank(role) > rank(best) ? role : best), undefined);
}

export const mayWrite = (world: World, user: User, repository: Repository) =>
    rank(roleOf(world, user, repository)) >= rank("write");

export const isAdministrator = (world: World, user: User, repository: Repository) =>
    roleOf(world, user, repository) === "admin";

export function findRepository(world: World, owner: string, name: string): Repository | undefined {
    const fullName = `${owner}/${name}`.toLowerCase();
    return world.data.repositories.all().find((repository) => repository.full_name.toLowerCase() === fullName);
}

/** The repository of the path, if the request may see it; else 404, as for one that does not exist. */
export function repositoryOf(world: World, context: Context): Repository {
    const user = viewer(world, context);
    const repository = findRepository(world, context.req.param("owner"), context.req.param("repo"));
    if (repository === undefined) throw notFound();
    if (repository.private && (user === undefined || roleOf(world, user, repository) === undefined)) throw notFound();
    return repository;
}

/** The repository of the path, for a user with at least this role on it. */
export function requireRole(world: World, context: Context, least: Role): Repository {
    const repository = repositoryOf(world, context);
    const role = roleOf(world, requireViewer(world, context), repository);
    if (rank(role) < rank(least)) {
        throw new GitHubError(
            403,
            least === "admin" ? "Must have admin rights to Repository." : "Must have push access to repository",
        );
    }
    return repository;
}

/** The repository of the path, for a change, which an archived repository does not allow. */
export function requireRoleForChange(world: World, context: Context, least: Role): Repository {
    const repository = requireRole(world, context, least);
    if (repository.archived) throw new GitHubError(403, "Repository was archived so is read-only.");
    return repository;
}
