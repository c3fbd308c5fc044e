import { GraphQLError } from "graphql";
import { findRepository, isMember, roleOf } from "../access";
import type { World } from "../http";
import type { Repository, User } from "../store";
import { branchProtectionRuleNode, organizationNode, repositoryNode, teamNode, userNode } from "./nodes";
import type { Scope } from "./scope";

const unresolved = (what: string) => new GraphQLError(what, { extensions: { type: "NOT_FOUND" } });

export const noNode = (id: string) => unresolved(`Could not resolve to a node with the global id of '${id}'`);

const maySee = (world: World, viewer: User, repository: Repository) =>
    !repository.private || roleOf(world, viewer, repository) !== undefined;

export function repositoryWithId({ world, viewer }: Scope, id: string): Repository {
    const repository = world.data.repositories.all().find((row) => row.node_id === id);
    if (repository === undefined || !maySee(world, viewer, repository)) throw noNode(id);
    return repository;
}

function nodeWithId(scope: Scope, id: string) {
    const { world, viewer } = scope;
    const { data } = world;
    const repository = data.repositories.all().find((row) => row.node_id === id);
    if (repository && maySee(world, viewer, repository)) return repositoryNode(world, repository);
    const rule = data.protectionRules.findOneBy("node_id", id);
    const owner = rule && data.repositories.get(rule.repo_id);
    if (rule && owner && maySee(world, viewer, owner)) return branchProtectionRuleNode(world, rule);
    const user = data.users.all().find((row) => row.node_id === id);
    if (user) return userNode(user);
    const team = data.teams.all().find((row) => row.node_id === id);
    if (team && isMember(world, viewer, team.org_id)) return teamNode(world, team);
    const organization = data.organizations.all().find((row) => row.node_id === id);
    if (organization) return organizationNode(world, organization);
    throw noNode(id);
}

/** The queries that the sandbox answers. */
export const queries = {
    node: ({ id }: { id: string }, scope: Scope) => nodeWithId(scope, id),
    viewer: (_: unknown, { viewer }: Scope) => userNode(viewer),
    user: ({ login }: { login: string }, { world }: Scope) => {
        const user = world.data.users.findOneBy("login", login);
        if (user === undefined) throw unresolved(`Could not resolve to a User with the login of '${login}'.`);
        return userNode(user);
    },
    organization: ({ login }: { login: string }, { world }: Scope) => {
        const organization = world.data.organizations.findOneBy("login", login);
        if (organization === undefined) {
            throw unresolved(`Could not resolve to an Organization with the login of '${login}'.`);
        }
        return organizationNode(world, organization);
    },
    repository: ({ owner, name }: { owner: string; name: string }, { world, viewer }: Scope) => {
        const repository = findRepository(world, owner, name);
        if (repository === undefined || !maySee(world, viewer, repository)) {
            throw unresolved(`Could not resolve to a Repository with the name '${owner}/${name}'.`);
        }
        return repositoryNode(world, repository);
    },
};
