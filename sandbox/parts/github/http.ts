import type * as emulate from "emulate";
import { z } from "zod";
import type { Emulator } from "./emulator";
import type { GitHubSettings } from "./settings";
import type { Collections } from "./store";

export type App = emulate.EmulatorContext<object>["app"];
export type Context = Parameters<Parameters<App["get"]>[1]>[0];
type Answer = Response | Promise<Response>;

/** What every route of the front works with. */
export interface World {
    readonly settings: GitHubSettings;
    readonly emulator: Emulator;
    readonly data: Collections;
    /** The front's own address, without a slash at its end. */
    readonly baseUrl: string;
}

/** An answer that is not a success, in GitHub's words. */
export class GitHubError extends Error {
    constructor(
        readonly status: number,
        message: string,
        /** GitHub's `errors` array: what is wrong with which field. */
        readonly errors?: readonly (string | { resource: string; code: string; field?: string; message?: string })[],
    ) {
        super(message);
    }
}

export const notFound = () => new GitHubError(404, "Not Found");

export const validationFailed = (resource: string, field: string, message: string) =>
    new GitHubError(422, "Validation Failed", [{ resource, code: "custom", field, message }]);

export function errorResponse(error: unknown): Response {
    const status = error instanceof GitHubError ? error.status : statusOf(error);
    const message = error instanceof Error ? error.message : "Internal Server Error";
    const errors = error instanceof GitHubError ? error.errors : undefined;
    const body = {
        message,
        ...(errors && { errors }),
        documentation_url: "https://docs.github.com/rest",
        status: String(status),
    };
    return Response.json(body, { status });
}

function statusOf(error: unknown): number {
    const status: unknown = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
    return typeof status === "number" && status >= 400 && status <= 599 ? status : 500;
}

export const restPrefix = "/api/v3";

/** Registers routes by the paths of GitHub's own reference. */
export function restRoutes(app: App) {
    type Handler = (context: Context) => Answer;
    const at = (method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE") => (path: string, handler: Handler) => {
        app.on(method, restPrefix + path, handler);
    };
    return { get: at("GET"), post: at("POST"), put: at("PUT"), patch: at("PATCH"), delete: at("DELETE") };
}

export type Routes = ReturnType<typeof restRoutes>;

/**
 * The validated body. GitHub answers 400 to a body that is not valid JSON, and 422 to JSON that does not match the
 * schema.
 */
export async function body<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
    const text = await context.req.raw.clone().text();
    let value: unknown;
    try {
        value = text === "" ? {} : JSON.parse(text);
    } catch {
        throw new GitHubError(400, "Problems parsing JSON");
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issues = parsed.error.issues.map(({ path, message }) => `For '${path.join("/")}', ${message}.`);
    throw new GitHubError(422, `Invalid request.\n\n${issues.join("\n")}`);
}

export interface Change {
    /** Path and query without the prefix; the request's own unless given. */
    readonly path?: string;
    readonly body?: unknown;
    readonly method?: string;
}

/** Forwards the request to the emulator. An error status is thrown as an error. */
export async function forward(world: World, context: Context, change: Change = {}): Promise<Response> {
    const { raw } = context.req;
    const url = new URL(raw.url);
    const target = change.path ?? url.pathname.replace(restPrefix, "") + url.search;
    const method = change.method ?? raw.method;
    const given = change.body === undefined ? await raw.clone().text() : JSON.stringify(change.body);
    const headers = new Headers(raw.headers);
    headers.delete("content-length");
    return world.emulator.request(
        new Request(new URL(target, world.baseUrl), {
            method,
            headers,
            ...(given !== "" && method !== "GET" && method !== "HEAD" && { body: given }),
        }),
    );
}

/** The emulator's answer as JSON, or its error thrown. */
export async function forwardJson<T = Record<string, unknown>>(
    world: World,
    context: Context,
    change: Change = {},
): Promise<T> {
    const response = await forward(world, context, change);
    const text = await response.text();
    const value = (text === "" ? {} : JSON.parse(text)) as T & { message?: string };
    if (!response.ok) throw new GitHubError(response.status, value.message ?? response.statusText);
    return value;
}

export const noContent = () => new Response(null, { status: 204 });

/** One page of a list, with GitHub's `Link` header (`per_page` 30 by default, at most 100). */
export function pageOf<T>(context: Context, items: readonly T[]) {
    const number = (name: string, fallback: number) => {
        const given = Number(context.req.query(name) ?? fallback);
        return Number.isInteger(given) && given > 0 ? given : fallback;
    };
    const size = Math.min(number("per_page", 30), 100);
    const page = number("page", 1);
    const last = Math.max(1, Math.ceil(items.length / size));
    const link = (target: number, relation: string) => {
        const url = new URL(context.req.url);
        url.searchParams.set("page", String(target));
        return `<${url.href}>; rel="${relation}"`;
    };
    const links = [
        ...(page > 1 ? [link(page - 1, "prev"), link(1, "first")] : []),
        ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
    ];
    if (links.length > 0) context.header("Link", links.join(", "));
    return items.slice((page - 1) * size, page * size);
}
