import { healthPath as defaultHealthPath } from "../../delivery/core/metrics";
import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { performance } from "node:perf_hooks";
import { text } from "node:stream/consumers";

/**
 * Milliseconds in which a health check must have answered, body included (specification, stage 10: "Response time
 * <1s").
 */
export const healthLimit = 1000;

/** The result of one smoke test. */
export interface SmokeResult {
    readonly name: string;
    /** Why it failed, in one sentence; undefined when it passed. */
    readonly failure: string | undefined;
    readonly milliseconds: number;
}

/** Credentials of an environment's synthetic user, who has no access to patient data. */
export interface Credentials {
    readonly username: string;
    readonly password: string;
}

/** The smoke tests by the names that `--only` takes. */
export const smokeTestNames = ["health", "api", "login"] as const;

export interface SmokeOptions {
    /** Which tests to run; all by default. A service without the API has only its own health check. */
    readonly only?: readonly (typeof smokeTestNames)[number][];
    /** Path of the environment's health check; default `/health`. */
    readonly healthPath?: string;
    /** Milliseconds after which a request without a complete response is aborted; default 10 000. */
    readonly timeout?: number;
    /** Milliseconds after which an attempt to connect is aborted, name resolution included; default 2 000. */
    readonly connectTimeout?: number;
    /** Most attempts to connect per test; default 5. A request that got a response is never repeated. */
    readonly attempts?: number;
    /** Milliseconds between two attempts; default 2 000. */
    readonly pause?: number;
}

interface HttpResponse {
    readonly status: number;
    readonly body: string;
    readonly milliseconds: number;
}

/** No complete response. The message is one sentence for people. */
class NoResponse extends Error {
    constructor(
        sentence: string,
        readonly milliseconds: number,
    ) {
        super(sentence);
    }
}

const connectionErrors: ReadonlySet<unknown> = new Set([
    "ECONNREFUSED",
    "ECONNRESET",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "EPIPE",
]);

/** No connection in time. */
class ConnectTimeout extends Error {}

/** No complete response in time. */
class ResponseTimeout extends Error {}

interface Question {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
}

/**
 * Asks once, on a connection of its own. The time is counted from when the connection stands: a new pod's first packets
 * can be lost while its network policies are not in force yet, and the kernel sends one again after a second. That says
 * nothing of the server.
 */
async function askOnce(
    url: URL,
    { body, ...question }: Question,
    timeout: number,
    connectTimeout: number,
): Promise<HttpResponse> {
    const request = (url.protocol === "https:" ? https : http).request(url, { ...question, agent: false });
    const give = (error: Error) => () => request.destroy(error);
    let begin = performance.now();
    let timer = setTimeout(give(new ConnectTimeout(`no connection within ${connectTimeout} ms`)), connectTimeout);
    request.once("socket", (socket) =>
        socket.once("connect", () => {
            clearTimeout(timer);
            begin = performance.now();
            timer = setTimeout(give(new ResponseTimeout()), timeout);
        }),
    );
    try {
        request.end(body);
        const [response] = (await once(request, "response")) as [http.IncomingMessage];
        const content = await text(response);
        return { status: response.statusCode ?? 0, body: content, milliseconds: performance.now() - begin };
    } catch (error) {
        // What destroyed the request is the cause, also where the body then ends early.
        const cause = request.errored ?? (error as Error);
        if (cause instanceof ResponseTimeout)
            throw new NoResponse(
                `${url.pathname} gave no complete response within ${timeout} ms.`,
                performance.now() - begin,
            );
        throw cause;
    } finally {
        clearTimeout(timer);
    }
}

function codeOf(error: unknown): unknown {
    if (error instanceof ConnectTimeout) return error.message;
    // Node wraps one error for each address of a host name.
    const own = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
    return (own as { readonly code?: unknown }).code ?? (own as Error).name;
}

async function ask(
    url: URL,
    question: Question,
    { timeout, connectTimeout, attempts, pause }: Required<Omit<SmokeOptions, "only" | "healthPath">>,
): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt += 1) {
        const begin = performance.now();
        try {
            return await askOnce(url, question, timeout, connectTimeout);
        } catch (error) {
            if (error instanceof NoResponse) throw error;
            const code = codeOf(error);
            const again = error instanceof ConnectTimeout || connectionErrors.has(code);
            if (!again || attempt >= attempts)
                throw new NoResponse(
                    `${url.pathname} could not be reached (${String(code)}, attempt ${attempt} of ${attempts}).`,
                    performance.now() - begin,
                );
            await new Promise((resolve) => setTimeout(resolve, pause));
        }
    }
}

/** Why a status fails the test, or undefined. The body is never quoted, because it may repeat the credentials. */
function wrongStatus(path: string, status: number): string | undefined {
    if (status >= 500) return `${path} answered ${status}, a server error; no 5xx is accepted.`;
    return status === 200 ? undefined : `${path} answered ${status} instead of 200.`;
}

/** Why a health check fails, or undefined. The status must be 200, and the response faster than the limit. */
export function judgeHealth(path: string, status: number, milliseconds: number): string | undefined {
    const wrong = wrongStatus(path, status);
    if (wrong !== undefined) return wrong;
    return milliseconds < healthLimit
        ? undefined
        : `${path} took ${Math.ceil(milliseconds)} ms; it must answer in less than ${healthLimit} ms.`;
}

function judgeLogin(path: string, { status, body }: HttpResponse): string | undefined {
    if (status === 401 || status === 403) return `${path} refused the synthetic user (${status}).`;
    const wrong = wrongStatus(path, status);
    if (wrong !== undefined) return wrong;
    let value: unknown;
    try {
        value = JSON.parse(body);
    } catch {
        return `${path} answered 200 with a body that is not valid JSON.`;
    }
    const token = (value as { readonly access_token?: unknown } | null)?.access_token;
    return typeof token === "string" && token !== "" ? undefined : `${path} answered 200 without an access_token.`;
}

/**
 * The smoke tests of an environment (specification, stage 10): the health checks of the environment and of its API,
 * each in less than a second, and a login. A server error fails a test. A connection that fails is tried again; a
 * response counts at once.
 *
 * @param base the environment's address, such as `https://staging.relaypacs.com`
 * @returns a result per test, in that order; the promise is never rejected because of what the server does
 */
export async function smokeTest(
    base: URL,
    credentials: Credentials,
    { only = smokeTestNames, healthPath = defaultHealthPath, ...options }: SmokeOptions = {},
): Promise<SmokeResult[]> {
    const bounds = { timeout: 10_000, connectTimeout: 2_000, attempts: 5, pause: 2_000, ...options };
    const test = async (
        name: string,
        path: string,
        question: Question,
        judge: (response: HttpResponse) => string | undefined,
    ) => {
        try {
            const response = await ask(new URL(path, base), question, bounds);
            return { name, failure: judge(response), milliseconds: response.milliseconds };
        } catch (error) {
            if (!(error instanceof NoResponse)) throw error;
            return { name, failure: error.message, milliseconds: error.milliseconds };
        }
    };
    const health = (name: string, path: string) =>
        test(name, path, {}, ({ status, milliseconds }) => judgeHealth(path, status, milliseconds));
    const login = "/api/v1/auth/login";
    const tests = {
        health: () => health("health", healthPath),
        api: () => health("API health", "/api/v1/health"),
        login: () =>
            test(
                "login",
                login,
                { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(credentials) },
                (response) => judgeLogin(login, response),
            ),
    };
    const results: SmokeResult[] = [];
    for (const name of smokeTestNames) if (only.includes(name)) results.push(await tests[name]());
    return results;
}
