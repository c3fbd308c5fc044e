import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { healthLimit, judgeHealth, smokeTest } from "../../release/smoke-tests";

const root = path.resolve(__dirname, "../..");
const credentials = { username: "synthetic-user", password: "never-to-be-printed" };
/** Bounds that keep a failing test short. */
const quick = { timeout: 400, attempts: 2, pause: 10 };

type Handler = (request: http.IncomingMessage, body: string, response: http.ServerResponse) => void;

/** What RelayPACS answers, with some paths answered otherwise. */
function relaypacs(changed: Readonly<Record<string, Handler>> = {}) {
    const json = (response: http.ServerResponse, status: number, value: unknown) =>
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
    const handlers: Readonly<Record<string, Handler>> = {
        "GET /health": (_request, _body, response) => json(response, 200, { status: "ok" }),
        "GET /api/v1/health": (_request, _body, response) => json(response, 200, { status: "ok" }),
        "POST /api/v1/auth/login": (request, body, response) => {
            const right =
                request.headers["content-type"] === "application/json" && body === JSON.stringify(credentials);
            json(response, right ? 200 : 401, right ? { access_token: "a-token" } : { detail: body });
        },
        ...changed,
    };
    const requests: string[] = [];
    const server = http.createServer((request, response) => {
        const name = `${request.method} ${request.url}`;
        requests.push(name);
        let body = "";
        request.on("data", (part) => (body += String(part)));
        request.on("end", () => {
            const handler = handlers[name];
            if (handler) handler(request, body, response);
            else json(response, 404, {});
        });
    });
    return { server, requests };
}

const servers: http.Server[] = [];

async function serve(changed: Readonly<Record<string, Handler>> = {}) {
    const { server, requests } = relaypacs(changed);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { base: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), requests };
}

const status =
    (code: number, headers: http.OutgoingHttpHeaders = {}): Handler =>
    (_request, _body, response) =>
        response.writeHead(code, headers).end("{}");

const failures = async (changed: Readonly<Record<string, Handler>>, options = quick) => {
    const { base } = await serve(changed);
    const results = await smokeTest(base, credentials, options);
    return Object.fromEntries(
        results.filter(({ failure }) => failure !== undefined).map(({ name, failure }) => [name, failure]),
    );
};

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
}

describe("smoke tests", () => {
    afterEach(() => {
        for (const server of servers.splice(0)) {
            server.closeAllConnections();
            server.close();
        }
    });

    it("pass against a healthy environment, with one request each", async () => {
        const { base, requests } = await serve();
        const results = await smokeTest(base, credentials, quick);
        assert.deepEqual(
            results.map(({ name, failure }) => [name, failure]),
            [
                ["health", undefined],
                ["API health", undefined],
                ["login", undefined],
            ],
        );
        assert.deepEqual(requests, ["GET /health", "GET /api/v1/health", "POST /api/v1/auth/login"]);
    });

    it("accept health just below a second, and refuse exactly a second", () => {
        assert.equal(healthLimit, 1000);
        assert.equal(judgeHealth("/health", 200, 999.9), undefined);
        assert.equal(judgeHealth("/health", 200, 1000), "/health took 1000 ms; it must answer in less than 1000 ms.");
        assert.match(judgeHealth("/health", 200, 1000.1) ?? "", /took 1001 ms/);
    });

    for (const [name, place] of [
        ["health", "/health"],
        ["API health", "/api/v1/health"],
    ] as const)
        it(`measure until the last byte of ${name}`, async () => {
            const found = await failures(
                {
                    [`GET ${place}`]: (_request, _body, response) => {
                        response.writeHead(200).write("{");
                        setTimeout(() => response.end("}"), healthLimit + 20);
                    },
                },
                { ...quick, timeout: 5000 },
            );
            assert.deepEqual(Object.keys(found), [name]);
            const [before, after] = String(found[name]).split(/ took \d+ ms; /);
            assert.deepEqual([before, after], [place, "it must answer in less than 1000 ms."]);
        });

    it("ask for health where the environment has it", async () => {
        const { base, requests } = await serve({ "GET /ready": status(503) });
        const [health] = await smokeTest(base, credentials, { ...quick, healthPath: "/ready" });
        assert.equal(health?.failure, "/ready answered 503, a server error; no 5xx is accepted.");
        assert.ok(!requests.includes("GET /health"));
    });

    it("fail on a server error anywhere, without asking again", async () => {
        const { base, requests } = await serve({
            "GET /health": status(503),
            "GET /api/v1/health": status(500),
            "POST /api/v1/auth/login": status(502),
        });
        const results = await smokeTest(base, credentials, quick);
        assert.deepEqual(
            results.map(({ failure }) => failure),
            [
                "/health answered 503, a server error; no 5xx is accepted.",
                "/api/v1/health answered 500, a server error; no 5xx is accepted.",
                "/api/v1/auth/login answered 502, a server error; no 5xx is accepted.",
            ],
        );
        assert.equal(requests.length, 3);
    });

    it("fail on a redirect and on a path that is missing", async () => {
        assert.deepEqual(
            await failures({
                "GET /health": status(302, { Location: "/api/v1/health" }),
                "GET /api/v1/health": status(404),
            }),
            {
                health: "/health answered 302 instead of 200.",
                "API health": "/api/v1/health answered 404 instead of 200.",
            },
        );
    });

    for (const [what, handler, sentence] of [
        ["refused", status(401), "/api/v1/auth/login refused the synthetic user (401)."],
        ["without a token", status(200), "/api/v1/auth/login answered 200 without an access_token."],
        [
            "with an empty token",
            (_request, _body, response) => response.end('{"access_token": ""}'),
            "/api/v1/auth/login answered 200 without an access_token.",
        ],
        [
            "with a page instead of JSON",
            (_request, _body, response) => response.end("<html>"),
            "/api/v1/auth/login answered 200 with a body that is no JSON.",
        ],
        [
            "with null",
            (_request, _body, response) => response.end("null"),
            "/api/v1/auth/login answered 200 without an access_token.",
        ],
    ] satisfies [string, Handler, string][])
        it(`fail on a login ${what}`, async () => {
            assert.deepEqual(await failures({ "POST /api/v1/auth/login": handler }), { login: sentence });
        });

    it("give up a request that hangs, once", async () => {
        const { base, requests } = await serve({ "GET /health": () => undefined });
        const results = await smokeTest(base, credentials, quick);
        assert.equal(results[0]!.failure, "/health gave no complete answer within 400 ms.");
        assert.equal(requests.filter((name) => name === "GET /health").length, 1);
        assert.equal(results[1]!.failure, undefined);
    });

    it("try a connection again, and stop after the last attempt", async () => {
        const base = new URL(`http://127.0.0.1:${await freePort()}`);
        const results = await smokeTest(base, credentials, quick);
        assert.deepEqual(
            results.map(({ failure }) => failure),
            ["/health", "/api/v1/health", "/api/v1/auth/login"].map(
                (at) => `${at} could not be reached (ECONNREFUSED, attempt 2 of 2).`,
            ),
        );
    });

    it("pass when the environment can be connected to in time", async () => {
        const port = await freePort();
        const { server } = relaypacs();
        servers.push(server);
        const pending = smokeTest(new URL(`http://127.0.0.1:${port}`), credentials, {
            ...quick,
            attempts: 50,
            pause: 20,
        });
        setTimeout(() => server.listen(port, "127.0.0.1"), 60);
        assert.deepEqual(
            (await pending).map(({ failure }) => failure),
            [undefined, undefined, undefined],
        );
    });
});

describe("release/smoke.ts", () => {
    const run = (args: readonly string[], variables: Record<string, string> = {}) =>
        execa(process.execPath, ["-r", "ts-node/register", "release/smoke.ts", ...args], {
            cwd: root,
            env: { SMOKE_USERNAME: credentials.username, SMOKE_PASSWORD: credentials.password, ...variables },
            reject: false,
            all: true,
        });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "smoke-"));

    after(() => {
        fs.rmSync(folder, { recursive: true });
    });
    afterEach(() => {
        for (const server of servers.splice(0)) server.close();
    });

    it("exits with 0 and writes a JUnit report", async () => {
        const { base } = await serve();
        const junit = path.join(folder, "pass.xml");
        const result = await run([base.href, "--junit", junit]);
        assert.equal(result.exitCode, 0, result.all);
        assert.match(result.stdout, /^✔ health \(\d+ ms\)\n✔ API health \(\d+ ms\)\n✔ login \(\d+ ms\)$/);
        const report = fs.readFileSync(junit, "utf8");
        assert.match(report, /<testsuites tests="3" failures="0" errors="0" time="\d+\.\d{3}">/);
        assert.equal(report.match(/<testcase /g)?.length, 3);
    });

    it("runs the tests that are asked for, and needs no password where nobody logs in", async () => {
        const { base, requests } = await serve();
        const result = await run([base.href, "--only", "health"], { SMOKE_USERNAME: "", SMOKE_PASSWORD: "" });
        assert.equal(result.exitCode, 0, result.all);
        assert.match(result.stdout, /^✔ health \(\d+ ms\)$/);
        assert.deepEqual(requests, ["GET /health"]);
    });

    it("asks for health where it is told to", async () => {
        const { base, requests } = await serve({ "GET /ready": status(200) });
        const result = await run([base.href, "--only", "health", "--health-path", "/ready"]);
        assert.equal(result.exitCode, 0, result.all);
        assert.deepEqual(requests, ["GET /ready"]);
    });

    it("exits with 1, names each failure and prints no credential, whatever the server says", async () => {
        const { base } = await serve({
            "POST /api/v1/auth/login": (_request, body, response) => response.writeHead(401).end(body),
        });
        const junit = path.join(folder, "fail.xml");
        const result = await run([base.href, "--junit", junit]);
        assert.equal(result.exitCode, 1);
        assert.match(result.stdout, /✖ login \(\d+ ms\): \/api\/v1\/auth\/login refused the synthetic user \(401\)\./);
        const report = fs.readFileSync(junit, "utf8");
        assert.match(
            report,
            /failures="1"[^]*<failure message="\/api\/v1\/auth\/login refused the synthetic user \(401\)\."\/>/,
        );
        for (const text of [result.all, report]) assert.ok(!text.includes(credentials.password));
    });

    for (const [what, args, variables, message] of [
        ["no password", ["http://127.0.0.1:1"], { SMOKE_PASSWORD: "" }, /SMOKE_PASSWORD is not set/],
        ["no address", [], {}, /missing required argument 'address'/],
        ["no URL", ["staging"], {}, /It must be an address such as/],
        [
            "a name that only begins like the cluster's",
            ["http://backend.prod.svc.example.com"],
            {},
            /It must begin with https:/,
        ],
        ["plain HTTP to the world", ["http://staging.relaypacs.com"], {}, /It must begin with https:/],
        ["credentials in the address", ["https://me:hidden@localhost"], {}, /the address must not hold credentials/],
        ["an unknown test", ["http://127.0.0.1:1", "--only", "logout"], {}, /Allowed choices are health, api, login/],
        [
            "another server's health",
            ["http://127.0.0.1:1", "--health-path", "//example.com"],
            {},
            /It must be a path of/,
        ],
        ["no attempt", ["http://127.0.0.1:1", "--attempts", "0"], {}, /whole number from 1/],
    ] satisfies [string, string[], Record<string, string>, RegExp][])
        it(`exits with 2 on ${what}`, async () => {
            const result = await run(args, variables);
            assert.equal(result.exitCode, 2, result.all);
            assert.match(result.stderr, message);
            assert.ok(!result.all.includes("hidden"));
        });
});
