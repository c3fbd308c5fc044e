import { loadEmulate } from "./emulate";
import { startEmulator } from "./emulator";
import { errorResponse, forward, restPrefix, restRoutes, type App, type World } from "./http";
import { graphqlEndpoint } from "./graphql/schema";
import { oidcRoutes } from "./oidc/routes";
import { protectionRoutes } from "./protection/rest";
import { followBranches } from "./pulls/following";
import { mergeRoutes } from "./pulls/merge";
import { pushRoutes } from "./pulls/pushes";
import { pullRoutes } from "./pulls/routes";
import { actionsRoutes } from "./resources/actions";
import { environmentRoutes } from "./resources/environments";
import { repositoryRoutes } from "./resources/repositories";
import { rulesetRoutes } from "./resources/rulesets";
import { secretRoutes } from "./resources/secrets";
import { teamRoutes } from "./resources/teams";
import { variableRoutes } from "./resources/variables";
import { viewer } from "./access";
import type { GitHubSettings } from "./settings";

const graphqlPath = "/api/graphql";

/** Everything the front answers itself; the rest goes to the emulator as it is. */
function register(world: World, app: App): void {
    const routes = restRoutes(app);
    app.use(async (context, next) => {
        viewer(world, context);
        await next();
    });
    app.post(graphqlPath, graphqlEndpoint(world));
    repositoryRoutes(world, routes);
    teamRoutes(world, routes);
    environmentRoutes(world, routes);
    variableRoutes(world, routes);
    secretRoutes(world, routes);
    actionsRoutes(world, routes);
    oidcRoutes(world, routes);
    rulesetRoutes(world, routes);
    protectionRoutes(world, routes);
    pushRoutes(world, routes);
    mergeRoutes(world, routes);
    pullRoutes(world, routes);
    app.notFound((context) => forward(world, context));
    app.onError((error) => errorResponse(error));
}

/**
 * The path as the routes know it. Clients write it as on a GitHub Enterprise Server (`/api/v3/…`, `/api/graphql`) or
 * as on github.com (no prefix, `/graphql`); numbers instead of names are GitHub's own redirects.
 */
function canonicalPath(world: World, path: string): string {
    if (path === "/graphql" || path === graphqlPath) return graphqlPath;
    const rest = path.startsWith(`${restPrefix}/`) ? path.slice(restPrefix.length) : path;
    const byId = /^\/repositories\/(\d+)(\/.*)?$/.exec(rest);
    const repository = byId && world.data.repositories.get(Number(byId[1]));
    if (repository) return `${restPrefix}/repos/${repository.full_name}${byId[2] ?? ""}`;
    const byTeam = /^(?:\/organizations\/\d+\/team|\/teams)\/(\d+)(\/.*)?$/.exec(rest);
    const team = byTeam && world.data.teams.get(Number(byTeam[1]));
    const organization = team && world.data.organizations.get(team.org_id);
    if (organization) return `${restPrefix}/orgs/${organization.login}/teams/${team.slug}${byTeam[2] ?? ""}`;
    return restPrefix + rest;
}

/** Makes changes one at a time: the emulator's store has no transactions. */
function oneAtATime() {
    let last: Promise<unknown> = Promise.resolve();
    return <T>(work: () => Promise<T>): Promise<T> => {
        const result = last.then(work);
        last = result.catch(() => undefined);
        return result;
    };
}

export interface GitHub {
    /** Where clients go: `GITHUB_BASE_URL`, without a slash at its end. */
    readonly url: string;
    close(): Promise<void>;
}

const reading = new Set(["GET", "HEAD", "OPTIONS"]);

/** Starts the emulator and the front, the server that clients use. A change is on disk before its answer is sent. */
export async function startGitHub(settings: GitHubSettings): Promise<GitHub> {
    const { createEmulator, defineEmulator } = await loadEmulate();
    const emulator = await startEmulator(settings);
    const baseUrl = `http://127.0.0.1:${settings.ports.front}`;
    const world: World = { settings, emulator, data: emulator.data, baseUrl };
    const api = await createEmulator({
        service: defineEmulator({
            name: "github-api",
            state: () => ({}),
            cors: false,
            setup: ({ app }) => {
                register(world, app);
            },
        }),
        baseUrl,
        listen: false,
    });
    const change = oneAtATime();

    const answer = async (request: Request): Promise<Response> => {
        const url = new URL(request.url);
        url.pathname = canonicalPath(world, url.pathname);
        const { method, headers } = request;
        if (reading.has(method)) return api.fetch(new Request(url, { method, headers }));
        const content = await request.arrayBuffer();
        return change(async () => {
            const response = await api.fetch(new Request(url, { method, headers, body: content }));
            for (const repository of world.data.repositories.all()) followBranches(world, repository);
            emulator.save();
            return response;
        });
    };

    try {
        const front = await createEmulator({
            service: defineEmulator({
                name: "github-front",
                state: () => ({}),
                cors: false,
                setup: ({ app }) => {
                    app.notFound((context) => answer(context.req.raw));
                    app.onError((error) => errorResponse(error));
                },
            }),
            baseUrl,
            port: settings.ports.front,
        });
        return {
            url: baseUrl,
            close: async () => {
                await front.close();
                await emulator.close();
            },
        };
    } catch (error) {
        await emulator.close();
        throw error;
    }
}
