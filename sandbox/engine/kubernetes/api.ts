import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { ApiError, CancelledError, fieldConflicts, UnreachableError } from "./errors";
import type { Bag } from "./values";

export interface ApiRequest {
    readonly method: "GET" | "POST" | "PATCH" | "DELETE";
    /** Begins with a slash. */
    readonly path: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly body?: Bag;
    /** @default application/json */
    readonly contentType?: string;
    /** Seconds for which failures that pass by themselves are tried again. @default 30 */
    readonly patience?: number;
}

export interface Answer {
    readonly text: string;
    /** What the server wants a person to know (`Warning` headers): deprecations, violations of pod security, … */
    readonly warnings: readonly string[];
}

const passing = new Set([429, 500, 502, 503, 504]);
const passingNetwork = new Set(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "EAI_AGAIN", "UND_ERR_SOCKET"]);

/**
 * Requests to one API server with a kubeconfig's credentials, as plain JSON: the typed clients of
 * `@kubernetes/client-node` drop fields that they do not know.
 */
export class Api {
    private agent: http.Agent | undefined;

    constructor(
        private readonly config: KubeConfig,
        /** For messages: where the kubeconfig came from. */
        private readonly source: string,
        private readonly timeoutSeconds: number,
        private readonly signal: AbortSignal,
    ) {}

    get contextNamespace(): string {
        return this.config.getContextObject(this.config.getCurrentContext())?.namespace ?? "";
    }

    /** Sends a request and reads the JSON answer. @throws ApiError, UnreachableError, CancelledError */
    async json(request: ApiRequest): Promise<Bag> {
        return JSON.parse((await this.send(request)).text) as Bag;
    }

    /**
     * Sends a request; what passes by itself is tried again with growing pauses: lost connections, too many requests,
     * a server that starts or elects, and a write that lost a race.
     */
    async send(request: ApiRequest): Promise<Answer> {
        const end = Date.now() + (request.patience ?? 30) * 1000;
        for (let pause = 200; ; pause = Math.min(pause * 2, 5000)) {
            try {
                return await this.once(request);
            } catch (error) {
                const after = error instanceof ApiError ? error.retryAfterSeconds * 1000 : 0;
                const wait = Math.max(after, pause) * (0.75 + Math.random() / 2);
                if (!passes(error) || Date.now() + wait > end) throw error;
                await sleep(wait, undefined, { signal: this.signal }).catch(() => {
                    throw new CancelledError();
                });
            }
        }
    }

    private async once(request: ApiRequest): Promise<Answer> {
        if (this.signal.aborted) throw new CancelledError();
        const server = this.config.getCurrentCluster()?.server ?? "";
        const url = new URL(server.replace(/\/$/, "") + request.path);
        for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, value);
        const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
        try {
            const { agent, headers, auth } = await this.credentials();
            return await exchange(
                url,
                {
                    method: request.method,
                    agent,
                    ...(auth === undefined ? {} : { auth }),
                    headers: {
                        ...headers,
                        Accept: "application/json",
                        "User-Agent": "pulumi-kubernetes",
                        ...(body && {
                            "Content-Type": request.contentType ?? "application/json",
                            "Content-Length": body.length,
                        }),
                    },
                    timeout: this.timeoutSeconds * 1000,
                    signal: this.signal,
                },
                body,
            );
        } catch (error) {
            if (error instanceof ApiError) throw error;
            if (this.signal.aborted) throw new CancelledError();
            throw new UnreachableError(
                `the cluster at ${server} (context ${JSON.stringify(this.config.getCurrentContext())} of ${this.source}) ` +
                    `cannot be reached: ${networkReason(error)}`,
                { cause: error },
            );
        }
    }

    /** Tokens may be renewed between requests; connections are kept. */
    private async credentials(): Promise<Pick<https.RequestOptions, "agent" | "headers" | "auth">> {
        const options: https.RequestOptions = {};
        await this.config.applyToHTTPSOptions(options);
        if (!this.agent && options.agent instanceof http.Agent) {
            this.agent = options.agent;
            Object.assign(this.agent, { keepAlive: true, maxSockets: 32 });
        }
        return { agent: this.agent, headers: options.headers, auth: options.auth };
    }
}

function exchange(url: URL, options: https.RequestOptions, body: Buffer | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
        const request = (url.protocol === "http:" ? http : https).request(url, options, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.once("error", reject);
            response.once("end", () => {
                const text = Buffer.concat(chunks).toString();
                const code = response.statusCode ?? 0;
                if (code >= 400) reject(new ApiError(code, statusOf(text, response.headers["retry-after"])));
                else resolve({ text, warnings: warningsOf(response.rawHeaders) });
            });
        });
        request.once("error", reject);
        request.once("timeout", () => {
            request.destroy(new Error("no answer came in time"));
        });
        request.end(body);
    });
}

function statusOf(text: string, retryAfter: string | undefined): Bag {
    try {
        return JSON.parse(text) as Bag;
    } catch {
        const details = retryAfter === undefined ? {} : { retryAfterSeconds: Number(retryAfter) || 0 };
        return { message: text.trim().slice(0, 500), details };
    }
}

/** `Warning: 299 - "text"`, section 5.5 of RFC 7234. */
function warningsOf(headers: readonly string[]): string[] {
    return headers.flatMap((header, index) => {
        if (index % 2 === 0 || headers[index - 1]?.toLowerCase() !== "warning") return [];
        const quoted = /^\d{3} \S+ "((?:[^"\\]|\\.)*)"/.exec(header)?.[1];
        return quoted === undefined ? [] : [quoted.replace(/\\(.)/g, "$1")];
    });
}

function passes(error: unknown): boolean {
    if (error instanceof ApiError) {
        return passing.has(error.code) || (error.reason === "Conflict" && fieldConflicts(error).length === 0);
    }
    const code = error instanceof UnreachableError ? codeOf(error.cause) : "";
    return passingNetwork.has(code);
}

const codeOf = (error: unknown): string =>
    typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";

function networkReason(error: unknown): string {
    if (error instanceof AggregateError) return error.errors.map((inner) => (inner as Error).message).join("; ");
    return error instanceof Error ? error.message : String(error);
}
