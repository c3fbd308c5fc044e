import { healthPath as defaultHealthPath } from "../../delivery/core/metrics";
import * as net from "node:net";
import { performance } from "node:perf_hooks";

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
    "UND_ERR_CONNECT_TIMEOUT",
    "UND_ERR_SOCKET",
]);

/** No connection in time. */
class ConnectTimeout extends Error {}

/**
 * Opens a connection and closes it. The request that follows measures the server: a new pod's first packets can be lost
 * while its network policies are not in force yet.
 */
async function connect({ protocol, hostname, port }: URL, timeout: number): Promise<void> {
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const socket = net.connect({ host, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) });
    let timer: NodeJS.Timeout | undefined;
    try {
        await new Promise<void>((resolve, reject) => {
            socket.once("connect", resolve).once("error", reject);
            timer = setTimeout(() => {
                reject(new ConnectTimeout(`no connection within ${timeout} ms`));
            }, timeout);
        });
    } finally {
        clearTimeout(timer);
        // A late error of a socket that is no longer waited for.
        socket.on("error", () => undefined).destroy();
    }
}

function codeOf(error: unknown): unknown {
    if (error instanceof ConnectTimeout) return error.message;
    const own = (error as { readonly code?: unknown }).code;
    if (typeof own === "string") return own;
    const cause = (error as Error).cause;
    return (cause as { readonly code?: unknown } | undefined)?.code ?? (error as Error).name;
}

async function ask(
    url: URL,
    init: RequestInit,
    { timeout, connectTimeout, attempts, pause }: Required<Omit<SmokeOptions, "only" | "healthPath">>,
): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt += 1) {
        let begin = performance.now();
        const elapsed = () => performance.now() - begin;
        try {
            await connect(url, connectTimeout);
            begin = performance.now();
            const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(timeout) });
            const body = await response.text();
            return { status: response.status, body, milliseconds: elapsed() };
        } catch (error) {
            if ((error as Error).name === "TimeoutError")
                throw new NoResponse(`${url.pathname} gave no complete response within ${timeout} ms.`, elapsed());
            const code = codeOf(error);
            const again = error instanceof ConnectTimeout || connectionErrors.has(code);
            if (!again || attempt >= attempts)
                throw new NoResponse(
                    `${url.pathname} could not be reached (${String(code)}, attempt ${attempt} of ${attempts}).`,
                    elapsed(),
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
        init: RequestInit,
        judge: (response: HttpResponse) => string | undefined,
    ) => {
        try {
            const response = await ask(new URL(path, base), init, bounds);
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
