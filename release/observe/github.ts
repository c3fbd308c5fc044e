import { z } from "zod";
import { ObserveError } from "./error";

const publicApi = "https://api.github.com/";

/** A list is read up to so many pages of 100 entries. */
const maximumPages = 50;

/**
 * A client of GitHub's REST API (https://docs.github.com/rest) for one repository: the requests that observations need.
 */
export class GitHub {
    private readonly base: string;

    /**
     * @param repository owner and name, `relaypacs/gateway`
     * @param token sent to GitHub and never printed
     * @param baseUrl as the Pulumi provider takes it; the API of a GitHub Enterprise Server is below it at `api/v3/`
     */
    constructor(
        readonly repository: string,
        private readonly token: string | undefined = process.env.GITHUB_TOKEN,
        baseUrl: string = process.env.GITHUB_BASE_URL || publicApi,
    ) {
        if (!/^[A-Za-z0-9-]+\/[\w.-]+$/.test(repository))
            throw new ObserveError(
                `The repository is "${repository}"; it must be owner/name, such as relaypacs/gateway.`,
            );
        if (!token) throw new ObserveError("GITHUB_TOKEN is not set; requests to GitHub need it.");
        const url = new URL(baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`);
        const prefixed = url.hostname.startsWith("api.") || url.pathname.endsWith("/api/v3/");
        this.base = prefixed ? url.href : new URL("api/v3/", url).href;
    }

    /** Address of the web pages, without a slash at the end. */
    get web(): string {
        return this.base === publicApi ? "https://github.com" : new URL(this.base).origin;
    }

    get organization(): string {
        return this.repository.split("/")[0] ?? "";
    }

    /** Beside the REST API: `https://api.github.com/graphql`, or `/api/graphql` of a GitHub Enterprise Server. */
    private get graphql(): string {
        return this.base === publicApi ? "graphql" : new URL("../graphql", this.base).href;
    }

    private async ask(path: string, posted?: object): Promise<{ readonly status: number; readonly body: unknown }> {
        let response: Response;
        let text: string;
        try {
            response = await fetch(new URL(path, this.base), {
                ...(posted && { method: "POST", body: JSON.stringify(posted) }),
                headers: {
                    Accept: "application/vnd.github+json",
                    Authorization: `Bearer ${this.token ?? ""}`,
                    "X-GitHub-Api-Version": "2022-11-28",
                },
                signal: AbortSignal.timeout(30_000),
            });
            text = await response.text();
        } catch (error) {
            const { cause } = error as { cause?: { code?: string } };
            throw new ObserveError(
                `GitHub can't be reached at ${this.base} (${cause?.code ?? (error as Error).name}).`,
            );
        }
        let body: unknown;
        try {
            body = JSON.parse(text);
        } catch {
            body = undefined;
        }
        return { status: response.status, body };
    }

    private parse<Shape extends z.ZodType>(shape: Shape, body: unknown, path: string): z.output<Shape> {
        const parsed = shape.safeParse(body);
        if (parsed.success) return parsed.data;
        const issue = parsed.error.issues[0];
        throw new ObserveError(
            `GitHub's response to ${path} has an unexpected format: ${issue?.path.join(".") || "it"}: ${issue?.message ?? "wrong shape"}.`,
        );
    }

    /** Reads a path. Undefined when GitHub answers 404. */
    async find<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.output<Shape> | undefined> {
        const { body, status } = await this.ask(path);
        if (status === 404) return undefined;
        if (status !== 200) {
            const said = z.object({ message: z.string() }).safeParse(body);
            throw new ObserveError(
                `GitHub answered ${status} to ${path}: ${said.success ? said.data.message : "no message"}. Does GITHUB_TOKEN allow it?`,
            );
        }
        return this.parse(shape, body, path);
    }

    /** Like `find`, but a 404 is an ObserveError. */
    async get<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.output<Shape>> {
        const found = await this.find(path, shape);
        if (found === undefined) throw new ObserveError(`GitHub has no ${path}, or GITHUB_TOKEN may not see it.`);
        return found;
    }

    /** GraphQL's id of the rule that protects branches by a pattern; undefined where there is none. */
    async branchProtection(repositoryId: string, pattern: string): Promise<string | undefined> {
        const query =
            "query($id: ID!) { node(id: $id) { ... on Repository { branchProtectionRules(first: 100) { nodes { id pattern } } } } }";
        const { body, status } = await this.ask(this.graphql, { query, variables: { id: repositoryId } });
        const rules = z.object({
            data: z.object({
                node: z
                    .object({
                        branchProtectionRules: z.object({
                            nodes: z.array(z.object({ id: z.string(), pattern: z.string() })),
                        }),
                    })
                    .nullable(),
            }),
        });
        if (status !== 200) throw new ObserveError(`GitHub answered ${status} to a query. Does GITHUB_TOKEN allow it?`);
        const { data } = this.parse(rules, body, "the query for branch protection");
        return data.node?.branchProtectionRules.nodes.find((one) => one.pattern === pattern)?.id;
    }

    /** Reads all pages of a list. */
    async list<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.output<Shape>[]> {
        const all: z.output<Shape>[] = [];
        for (let page = 1; page <= maximumPages; page += 1) {
            const separator = path.includes("?") ? "&" : "?";
            const found = await this.get(`${path}${separator}per_page=100&page=${page}`, z.array(shape));
            all.push(...found);
            if (found.length < 100) return all;
        }
        throw new ObserveError(
            `GitHub lists more than ${maximumPages * 100} entries at ${path}, the most that is read.`,
        );
    }
}

/** Owner and name of a repository by its address: `relaypacs/gateway` of `https://github.com/relaypacs/gateway`. */
export function repositoryOf(address: string): string {
    const path = URL.canParse(address) ? new URL(address).pathname.replace(/^\/|\/$|\.git$/g, "") : "";
    if (!/^[^/]+\/[^/]+$/.test(path))
        throw new ObserveError(
            `The release's repository is "${address}"; it must be an address such as https://github.com/relaypacs/gateway.`,
        );
    return path;
}
