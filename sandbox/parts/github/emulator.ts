import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import type * as emulate from "emulate";
import { SandboxError } from "../../machine/part";
import { loadEmulate, loadPlugin, type Application, type Tokens } from "./emulate";
import type { GitHubSettings } from "./settings";
import { collections, nodeId, type Collections, type Row, type Store } from "./store";

/** GitHub without the front: what emulate offers, with its store. */
export interface Emulator {
    readonly data: Collections;
    /** Answers a request whose path has no `/api/v3` before it. */
    request(request: Request): Promise<Response>;
    /** Writes everything to the state file, in one step; does nothing when there is none. */
    save(): void;
    close(): Promise<void>;
}

/** emulate's GitHub plugin receives the store when it registers its routes, so the front wraps that. */
export async function startEmulator(settings: GitHubSettings): Promise<Emulator> {
    const [{ createEmulator }, plugin] = await Promise.all([loadEmulate(), loadPlugin()]);
    const { stateFile } = settings;
    const captured: { app?: Application; store?: Store; tokens?: Tokens } = {};
    const register = plugin.register.bind(plugin);
    plugin.register = (app, store, webhooks, baseUrl, tokens) => {
        Object.assign(captured, { app, store, tokens });
        register(app, store, webhooks, baseUrl, tokens);
    };
    let server: emulate.Emulator;
    try {
        server = await createEmulator({
            service: "github",
            port: settings.ports.emulator,
            baseUrl: `http://127.0.0.1:${settings.ports.front}`,
            seed: seedOf(settings),
        });
    } finally {
        plugin.register = register;
    }
    const { app, store, tokens } = captured;
    if (!app || !store || !tokens) throw new SandboxError("emulate did not register its GitHub routes");
    if (stateFile !== undefined && fs.existsSync(stateFile)) store.restore(readState(stateFile));
    const data = collections(store);
    completeSeed(data, settings);
    await addRepository(data, settings, (request) => withOwnToken(settings, tokens, request, app));
    return {
        data,
        request: (request) => withOwnToken(settings, tokens, request, app),
        save: () => {
            if (stateFile !== undefined) writeState(stateFile, store.snapshot());
        },
        close: () => server.close(),
    };
}

/** emulate counts requests by token and stops at 5,000 an hour: each request gets a token of its own. */
async function withOwnToken(
    { users }: GitHubSettings,
    tokens: Tokens,
    request: Request,
    app: Application,
): Promise<Response> {
    const given = bearerToken(request.headers.get("Authorization"));
    const owner = users.findIndex(({ token }) => token === given);
    const login = users[owner]?.login;
    if (login === undefined) return app.fetch(request);
    const token = randomUUID();
    tokens.set(token, { login, id: owner + 1, scopes: ["repo", "user", "admin:org"] });
    request.headers.set("Authorization", `Bearer ${token}`);
    try {
        return await app.fetch(request);
    } finally {
        tokens.delete(token);
    }
}

export const bearerToken = (header: string | null | undefined) => header?.replace(/^(Bearer|token)\s+/i, "").trim();

function readState(file: string): unknown {
    try {
        return JSON.parse(fs.readFileSync(file, "utf8"));
    } catch (error) {
        throw new SandboxError(
            `${file} cannot be read as GitHub's saved state (${String(error)}); remove it to start again, ` +
                "and Pulumi's state of this sandbox with it",
        );
    }
}

/**
 * Written atomically, so that a killed process leaves the last state. Not synced to the disk, which only a power cut
 * would need.
 */
function writeState(file: string, state: unknown): void {
    const next = `${file}.next`;
    fs.writeFileSync(next, JSON.stringify(state), { mode: 0o600 });
    fs.renameSync(next, file);
}

function seedOf(settings: GitHubSettings): emulate.SeedConfig {
    const { organization, users } = settings;
    return {
        tokens: {},
        github: {
            users: users.map(({ login, name }) => ({ login, name, email: `${login}@users.noreply.github.com` })),
            orgs: [
                {
                    login: organization.login,
                    name: organization.name,
                    members: users.map(({ login, role }) => ({ login, role })),
                },
            ],
        },
    };
}

/** Adds what emulate's own seed does not support. Idempotent, so that a restart with more people or teams adds them. */
function completeSeed(data: Collections, settings: GitHubSettings): void {
    const organization = data.organizations.findOneBy("login", settings.organization.login);
    if (organization === undefined) {
        throw new SandboxError(
            `the state file ${settings.stateFile ?? ""} belongs to another organisation than ${settings.organization.login}; ` +
                "remove it, or give the organisation it was made for",
        );
    }
    // The front decides on permissions; emulate must not refuse a member whom the front has allowed.
    data.organizations.update(organization.id, { default_repository_permission: "write" });
    for (const team of settings.teams) {
        const known = data.teams.findBy("org_id", organization.id).find((other) => other.slug === team.slug);
        const row = known ?? addTeam(data, organization.id, team);
        const members = new Set(data.teamMembers.findBy("team_id", row.id).map((member) => member.user_id));
        for (const login of known === undefined ? team.members : []) {
            const user = data.users.findOneBy("login", login);
            if (user === undefined || members.has(user.id)) continue;
            data.teamMembers.insert({ team_id: row.id, user_id: user.id, role: "member" });
        }
        data.teams.update(row.id, { members_count: data.teamMembers.findBy("team_id", row.id).length });
    }
}

/** Not part of emulate's seed, which a saved state replaces: a restart adds it to a state without it. */
async function addRepository(
    data: Collections,
    { organization, repository, users }: GitHubSettings,
    request: (request: Request) => Promise<Response>,
): Promise<void> {
    if (repository === undefined) return;
    if (data.repositories.findOneBy("full_name", `${organization.login}/${repository}`)) return;
    const owner = users.find(({ role }) => role === "admin");
    const response = await request(
        new Request(`http://127.0.0.1/orgs/${organization.login}/repos`, {
            method: "POST",
            headers: { Authorization: `Bearer ${owner?.token ?? ""}`, "Content-Type": "application/json" },
            body: JSON.stringify({ name: repository, private: true, auto_init: true }),
        }),
    );
    if (!response.ok)
        throw new SandboxError(
            `the repository ${repository} could not be created (${response.status}); give an admin of the organisation among users`,
        );
}

function addTeam(data: Collections, organizationId: number, team: { slug: string; name: string }) {
    const row = data.teams.insert({
        org_id: organizationId,
        slug: team.slug,
        name: team.name,
        node_id: "",
        description: null,
        privacy: "closed",
        permission: "pull",
        parent_id: null,
        members_count: 0,
        repos_count: 0,
        notification_setting: "notifications_enabled",
    });
    return data.teams.update(row.id, { node_id: nodeId("Team", row.id) }) ?? row;
}

/** Every record of the front that belongs to a repository; emulate removes its own when a repository is deleted. */
export function removeFrontRecords(data: Collections, repositoryId: number): void {
    const owned: { findBy(field: "repo_id", value: number): Row[]; delete(id: number): boolean }[] = [
        data.teamRepositories,
        data.statuses,
        data.pushes,
        data.protectionRules,
        data.rulesets,
        data.environments,
        data.deploymentPolicies,
        data.variables,
        data.secrets,
        data.publicKeys,
    ];
    for (const collection of owned) {
        for (const row of collection.findBy("repo_id", repositoryId)) collection.delete(row.id);
    }
}
