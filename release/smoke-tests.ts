import { performance } from "node:perf_hooks";

/** Milliseconds in which a health check must have answered, body included (specification, stage 10: "Response time <1s"). */
export const healthLimit = 1000;

/** What a smoke test found. */
export interface SmokeResult {
    readonly name: string;
    /** Why it did not pass, one sentence; undefined when it passed. */
    readonly failure: string | undefined;
    readonly milliseconds: number;
}

/** The synthetic user of an environment. No real person's, and no patient's data behind it. */
export interface Credentials {
    readonly username: string;
    readonly password: string;
}

/** The smoke tests by the names that `--only` takes. */
export const smokeTestNames = ["health", "api", "login"] as const;

export interface SmokeOptions {
    /** Which tests; all by default. A service without the API behind it has its health to show and no more. */
    readonly only?: readonly (typeof smokeTestNames)[number][];
    /** Where the environment's health is asked for; default `/health`. */
    readonly healthPath?: string;
    /** Milliseconds until a request without a complete answer is given up; default 10 000. */
    readonly timeout?: number;
    /** Most connections tried per test, where none comes about; default 5. An answer is never asked for twice. */
    readonly attempts?: number;
    /** Milliseconds between two of them; default 2 000. */
    readonly pause?: number;
}

interface Answer {
    readonly status: number;
    readonly body: string;
    readonly milliseconds: number;
}

/** No answer, with a sentence for people. */
class NoAnswer extends Error {
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

function codeOf(error: unknown): unknown {
    const cause = (error as Error).cause;
    return (cause as { readonly code?: unknown } | undefined)?.code ?? (error as Error).name;
}

async function ask(
    url: URL,
    init: RequestInit,
    { timeout, attempts, pause }: Required<Omit<SmokeOptions, "only" | "healthPath">>,
): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
        const begin = performance.now();
        const elapsed = () => performance.now() - begin;
        try {
            const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(timeout) });
            const body = await response.text();
            return { status: response.status, body, milliseconds: elapsed() };
        } catch (error) {
            if ((error as Error).name === "TimeoutError")
                throw new NoAnswer(`${url.pathname} gave no complete answer within ${timeout} ms.`, elapsed());
            const code = codeOf(error);
            if (!connectionErrors.has(code) || attempt >= attempts)
                throw new NoAnswer(
                    `${url.pathname} could not be reached (${String(code)}, attempt ${attempt} of ${attempts}).`,
                    elapsed(),
                );
            await new Promise((resolve) => setTimeout(resolve, pause));
        }
    }
}

/** Why a status is no pass, or undefined. The body is never quoted: it may repeat what was sent. */
function wrongStatus(path: string, status: number): string | undefined {
    if (status >= 500) return `${path} answered ${status}, a server error; no 5xx is accepted.`;
    return status === 200 ? undefined : `${path} answered ${status} instead of 200.`;
}

/** The verdict on a health check: 200, and faster than the limit; exactly the limit is too slow. */
export function judgeHealth(path: string, status: number, milliseconds: number): string | undefined {
    const wrong = wrongStatus(path, status);
    if (wrong !== undefined) return wrong;
    return milliseconds < healthLimit
        ? undefined
        : `${path} took ${Math.ceil(milliseconds)} ms; it must answer in less than ${healthLimit} ms.`;
}

function judgeLogin(path: string, { status, body }: Answer): string | undefined {
    if (status === 401 || status === 403) return `${path} refused the synthetic user (${status}).`;
    const wrong = wrongStatus(path, status);
    if (wrong !== undefined) return wrong;
    let answer: unknown;
    try {
        answer = JSON.parse(body);
    } catch {
        return `${path} answered 200 with a body that is no JSON.`;
    }
    const token = (answer as { readonly access_token?: unknown } | null)?.access_token;
    return typeof token === "string" && token !== "" ? undefined : `${path} answered 200 without an access_token.`;
}

/**
 * The smoke tests of an environment (specification, stage 10): its health and the API's, each in less than a second, a login.
 * A server error in any of them fails it. A connection that does not come about is tried again; an answer counts at once.
 *
 * @param base the environment's address, such as `https://staging.relaypacs.com`
 * @returns a result per test, in that order; the promise is never rejected because of what the server does
 */
export async function smokeTest(
    base: URL,
    credentials: Credentials,
    { only = smokeTestNames, healthPath = "/health", ...options }: SmokeOptions = {},
): Promise<SmokeResult[]> {
    const bounds = { timeout: 10_000, attempts: 5, pause: 2_000, ...options };
    const test = async (
        name: string,
        path: string,
        init: RequestInit,
        judge: (answer: Answer) => string | undefined,
    ) => {
        try {
            const answer = await ask(new URL(path, base), init, bounds);
            return { name, failure: judge(answer), milliseconds: answer.milliseconds };
        } catch (error) {
            if (!(error instanceof NoAnswer)) throw error;
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
                (answer) => judgeLogin(login, answer),
            ),
    };
    const results: SmokeResult[] = [];
    for (const name of smokeTestNames) if (only.includes(name)) results.push(await tests[name]());
    return results;
}
