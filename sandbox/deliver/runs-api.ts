import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { githubAddress } from "../parts/github/part";
import { administrator, organization, relaypacs, repository } from "../parts/github/relaypacs";
import type { Instance } from "../machine/instance";
import { permissionsOfToken } from "../runner/permissions";
import type { Run } from "../runner/run";
import { githubOf } from "./github";

/** The runs of the gateway by GitHub's API, and beside them everything that the sandbox's GitHub has. */
export interface RunsApi {
    /** Without a slash at the end. It is a proxy, too, for clients that ask for a host name. */
    readonly url: string;
    /** Adds a run, which GitHub knows from its start. */
    add(run: Run): void;
    close(): Promise<void>;
}

interface Answer {
    readonly status: number;
    readonly body: unknown;
}

const web = `https://github.com/${organization}/${repository}`;
const root = `/repos/${organization}/${repository}`;

const decision = z.strictObject({
    environment_ids: z.array(z.int()).min(1),
    state: z.enum(["approved", "rejected"]),
    comment: z.string(),
});

interface Environment {
    readonly id: number;
    readonly name: string;
    readonly protection_rules: readonly {
        readonly type: string;
        readonly prevent_self_review?: boolean;
        readonly reviewers?: readonly { readonly type: string; readonly reviewer: Readonly<Record<string, string>> }[];
    }[];
}

/** The permission that a request of a job's token needs. */
export const neededPermission = (method: string, path: string): readonly [scope: string, access: "read" | "write"] => {
    if (method !== "GET") return ["contents", "write"];
    return [/\/pulls\b/.test(path) ? "pull-requests" : "contents", "read"];
};

/** Why a job's token may not do something, in GitHub's words; undefined when it may. */
export function refusal(
    permissions: Readonly<Record<string, string>>,
    method: string,
    path: string,
): string | undefined {
    const [scope, access] = neededPermission(method, path);
    const has = permissions[scope];
    return has === "write" || has === access ? undefined : "Resource not accessible by integration";
}

const answered = (body: unknown, status = 200): Answer => ({ status, body });
const failed = (status: number, message: string): Answer => ({ status, body: { message } });

/** Serves the API of runs and of their approvals, which the sandbox's GitHub does not have, in front of it. */
export async function serveRuns(instance: Instance): Promise<RunsApi> {
    const runs = new Map<number, Run>();
    /** When a person decided about a run's environment. */
    const decidedAt = new Map<string, string>();
    const front = githubAddress(instance);
    const admin = githubOf(front, administrator);
    const environments = async () =>
        (await admin<{ environments: readonly Environment[] }>("GET", `${root.slice(1)}/environments?per_page=100`))
            .environments;

    /** Whether a person is among an environment's reviewers. */
    async function mayReview({ protection_rules }: Environment, login: string, run: Run): Promise<boolean> {
        const rule = protection_rules.find(({ type }) => type === "required_reviewers");
        if (rule === undefined || (rule.prevent_self_review === true && run.event.actor === login)) return false;
        for (const { type, reviewer } of rule.reviewers ?? []) {
            if (type === "User" && reviewer.login === login) return true;
            if (type !== "Team") continue;
            const path = `orgs/${organization}/teams/${reviewer.slug ?? ""}/memberships/${login}`;
            const found = await admin<{ state: string }>("GET", path).catch(() => undefined);
            if (found?.state === "active") return true;
        }
        return false;
    }

    async function decide(run: Run, login: string, given: unknown): Promise<Answer> {
        const parsed = decision.safeParse(given);
        if (!parsed.success) return failed(422, z.prettifyError(parsed.error));
        const { environment_ids, state, comment } = parsed.data;
        const all = await environments();
        for (const id of environment_ids) {
            const found = all.find((one) => one.id === id);
            if (found === undefined || !run.pending().some(({ environment }) => environment === found.name))
                return failed(422, "No pending deployment requests to approve or reject");
            if (!(await mayReview(found, login, run)))
                return failed(422, `${login} is not a required reviewer of ${found.name}`);
            decidedAt.set(`${run.id} ${found.name}`, new Date().toISOString());
            run.review(found.name, { approved: state === "approved", by: login, comment });
        }
        return answered([]);
    }

    const approvals = (run: Run) =>
        run.reviews.map(({ approved, by, comment = "", environment }) => ({
            state: approved ? "approved" : "rejected",
            comment,
            user: { login: by },
            environments: [{ name: environment }],
        }));

    /** What concerns runs; undefined for everything else. */
    async function own(method: string, url: URL, login: string, body: string): Promise<Answer | undefined> {
        const [, id, what] = new RegExp(`^${root}/actions/runs/(\\d+)(?:/(\\w+))?$`).exec(url.pathname) ?? [];
        if (id !== undefined) {
            const run = runs.get(Number(id));
            if (run === undefined) return failed(404, "Not Found");
            if (what === undefined)
                return answered({ id: run.id, head_sha: run.event.sha, html_url: `${web}/actions/runs/${id}` });
            if (what === "approvals") return answered(approvals(run));
            if (what !== "pending_deployments") return failed(404, "Not Found");
            if (method === "POST") return decide(run, login, JSON.parse(body));
            const waiting = run.pending().map(({ environment }) => environment);
            const all = await environments();
            return answered(
                all.filter(({ name }) => waiting.includes(name)).map(({ id, name }) => ({ environment: { id, name } })),
            );
        }
        if (url.pathname === `${root}/deployments`) {
            const name = url.searchParams.get("environment") ?? "";
            const found = [...runs.values()].filter(
                ({ event, id }) => event.sha === url.searchParams.get("sha") && decidedAt.has(`${id} ${name}`),
            );
            return answered(found.map((run) => ({ id: run.id, environment: name, sha: run.event.sha })));
        }
        const [, deployment] = new RegExp(`^${root}/deployments/(\\d+)/statuses$`).exec(url.pathname) ?? [];
        if (deployment === undefined) return undefined;
        const times = [...decidedAt].filter(([key]) => key.startsWith(`${deployment} `));
        return answered(
            times.map(([, at]) => ({
                state: "in_progress",
                created_at: at,
                log_url: `${web}/actions/runs/${deployment}/job/1`,
            })),
        );
    }

    async function answer(request: http.IncomingMessage): Promise<Answer | Response> {
        const method = request.method ?? "GET";
        const url = new URL(request.url ?? "/", front);
        url.pathname = url.pathname.replace(/^\/api\/v3(?=\/)/, "");
        const given = (request.headers.authorization ?? "").replace(/^(Bearer|token)\s+/i, "");
        const permissions = permissionsOfToken(given);
        const refused = permissions && refusal(permissions, method, url.pathname);
        if (refused) return failed(403, refused);
        const login = relaypacs.users.find(({ token }) => token === given)?.login ?? "";
        if (permissions === undefined && login === "") return failed(401, "Bad credentials");
        const body = await text(request);
        const found = await own(method, url, login, body);
        if (found) return found;
        // What a job's token may do, its repository's administrator may.
        const token = permissions === undefined ? given : administrator.token;
        return fetch(`${front}${url.pathname.startsWith("/api/") ? "" : "/api/v3"}${url.pathname}${url.search}`, {
            method,
            headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
            ...(body !== "" && { body }),
        });
    }

    const server = http.createServer((request, response) => {
        void answer(request)
            .then(async (found) => {
                const body = found instanceof Response ? await found.text() : JSON.stringify(found.body);
                const headers: Record<string, string> = { "Content-Type": "application/json; charset=utf-8" };
                const link = found instanceof Response ? found.headers.get("link") : null;
                if (link !== null) headers.Link = link;
                response.writeHead(found.status, headers);
                // Evidence names the repository by its address on GitHub.
                response.end(body.replaceAll(`${front}/${organization}/`, `https://github.com/${organization}/`));
            })
            .catch((error: unknown) => {
                response.writeHead(500).end(JSON.stringify({ message: (error as Error).message }));
            });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        add: (run) => runs.set(run.id, run),
        close: () =>
            new Promise((resolve) => {
                server.closeAllConnections();
                server.close(() => {
                    resolve();
                });
            }),
    };
}
