import { restPrefix, type World } from "../http";
import type { Organization, Team, User } from "../store";

/** GitHub's "simple user", for a person or an organisation. */
export function accountOf(world: World, account: User | Organization, type: "User" | "Organization") {
    const url = `${world.baseUrl}${restPrefix}/users/${account.login}`;
    return {
        login: account.login,
        id: account.id,
        node_id: account.node_id,
        avatar_url: `${world.baseUrl}/avatars/u/${account.login}`,
        gravatar_id: "",
        url,
        html_url: `${world.baseUrl}/${account.login}`,
        followers_url: `${url}/followers`,
        following_url: `${url}/following{/other_user}`,
        gists_url: `${url}/gists{/gist_id}`,
        starred_url: `${url}/starred{/owner}{/repo}`,
        subscriptions_url: `${url}/subscriptions`,
        organizations_url: `${url}/orgs`,
        repos_url: `${url}/repos`,
        events_url: `${url}/events{/privacy}`,
        received_events_url: `${url}/received_events`,
        type,
        site_admin: false,
    };
}

export const userOf = (world: World, user: User) => accountOf(world, user, "User");

/** GitHub's "team simple". */
export function simpleTeamOf(world: World, team: Team) {
    const organization = world.data.organizations.get(team.org_id);
    const url = `${world.baseUrl}${restPrefix}/organizations/${team.org_id}/team/${team.id}`;
    return {
        id: team.id,
        node_id: team.node_id,
        url,
        html_url: `${world.baseUrl}/orgs/${organization?.login ?? ""}/teams/${team.slug}`,
        name: team.name,
        slug: team.slug,
        description: team.description,
        privacy: team.privacy,
        notification_setting: team.notification_setting ?? "notifications_enabled",
        permission: team.permission,
        members_url: `${url}/members{/member}`,
        repositories_url: `${url}/repos`,
        type: "organization",
        organization_id: team.org_id,
    };
}

export function teamOf(world: World, team: Team) {
    const parent = team.parent_id === null ? undefined : world.data.teams.get(team.parent_id);
    return { ...simpleTeamOf(world, team), parent: parent ? simpleTeamOf(world, parent) : null };
}
