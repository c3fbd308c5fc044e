import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { healthLimit, judgeHealth, smokeTest, type SmokeResult } from "../../../release/smoke/smoke-tests";
import { compiled } from "../../support/build";
import { projectRoot } from "../../support/project";

const credentials = { username: "synthetic-user", password: "never-to-be-printed" };
/** Short timeouts, so that tests of failures are quick. */
const quick = { timeout: 400, attempts: 2, pause: 10 };

type Handler = (request: http.IncomingMessage, body: string, response: http.ServerResponse) => void;

/** A server that answers as RelayPACS does, with other handlers for some paths. */
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

/** A port without a server. */
async function freePort(): Promise<number> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
}

describe("The smoke tests", () => {
    afterEach(() => {
        for (const server of servers.splice(0)) {
            server.closeAllConnections();
            server.close();
        }
    });

    it("should pass against a healthy environment, with one request each", async () => {
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

    it("should accept a health check just below a second, and refuse exactly a second", () => {
        assert.equal(healthLimit, 1000);
        assert.equal(judgeHealth("/health", 200, 999.9), undefined);
        assert.equal(judgeHealth("/health", 200, 1000), "/health took 1000 ms; it must answer in less than 1000 ms.");
        assert.match(judgeHealth("/health", 200, 1000.1) ?? "", /took 1001 ms/);
    });

    for (const [name, place] of [
        ["health", "/health"],
        ["API health", "/api/v1/health"],
    ] as const)
        it(`should measure until the last byte of ${name}`, async () => {
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

    it("should check health at the path that they are given", async () => {
        const { base, requests } = await serve({ "GET /ready": status(503) });
        const [health] = await smokeTest(base, credentials, { ...quick, healthPath: "/ready" });
        assert.equal(health?.failure, "/ready answered 503, a server error; no 5xx is accepted.");
        assert.ok(!requests.includes("GET /health"));
    });

    it("should fail on a server error anywhere, without a second request", async () => {
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

    it("should fail on a redirect and on a missing path", async () => {
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
        ["that is refused", status(401), "/api/v1/auth/login refused the synthetic user (401)."],
        ["without a token", status(200), "/api/v1/auth/login answered 200 without an access_token."],
        [
            "with an empty token",
            (_request, _body, response) => response.end('{"access_token": ""}'),
            "/api/v1/auth/login answered 200 without an access_token.",
        ],
        [
            "with a page instead of JSON",
            (_request, _body, response) => response.end("<html>"),
            "/api/v1/auth/login answered 200 with a body that is not valid JSON.",
        ],
        [
            "whose response is null",
            (_request, _body, response) => response.end("null"),
            "/api/v1/auth/login answered 200 without an access_token.",
        ],
    ] satisfies [string, Handler, string][])
        it(`should fail on a login ${what}`, async () => {
            assert.deepEqual(await failures({ "POST /api/v1/auth/login": handler }), { login: sentence });
        });

    it("should abort a request that hangs, and not repeat it", async () => {
        const { base, requests } = await serve({ "GET /health": () => undefined });
        const results = await smokeTest(base, credentials, quick);
        assert.equal(results[0]!.failure, "/health gave no complete response within 400 ms.");
        assert.equal(requests.filter((name) => name === "GET /health").length, 1);
        assert.equal(results[1]!.failure, undefined);
    });

    it("should try a connection again, and stop after the last attempt", async () => {
        const base = new URL(`http://127.0.0.1:${await freePort()}`);
        const results = await smokeTest(base, credentials, quick);
        assert.deepEqual(
            results.map(({ failure }) => failure),
            ["/health", "/api/v1/health", "/api/v1/auth/login"].map(
                (at) => `${at} could not be reached (ECONNREFUSED, attempt 2 of 2).`,
            ),
        );
    });

    it("should try again a connection that does not come about, and say so", async () => {
        // With its queue full, the kernel drops the first packet of each further connection.
        const program =
            "import socket,sys\ns=socket.create_server(('127.0.0.1',0),backlog=0)\nprint(s.getsockname()[1],flush=True)\nsys.stdin.read()";
        const listener = execa("python3", ["-c", program], { reject: false });
        const queued: net.Socket[] = [];
        try {
            const [first] = (await once(listener.stdout, "data")) as [Buffer];
            const port = Number(String(first));
            for (let count = 0; count < 4; count += 1)
                queued.push(net.connect({ port, host: "127.0.0.1" }).on("error", () => undefined));
            await once(queued[0]!, "connect");
            const base = new URL(`http://127.0.0.1:${port}`);
            const results = await smokeTest(base, credentials, { ...quick, connectTimeout: 100, only: ["health"] });
            assert.deepEqual(
                results.map(({ failure }) => failure),
                ["/health could not be reached (no connection within 100 ms, attempt 2 of 2)."],
            );
        } finally {
            for (const one of queued) one.destroy();
            listener.stdin.end();
            await listener;
        }
    });

    it("should count the time from when the connection stands, not while the kernel sends a lost packet again", async () => {
        const program = [
            "import socket,sys",
            "s=socket.create_server(('127.0.0.1',0),backlog=0)",
            "print(s.getsockname()[1],flush=True)",
            "sys.stdin.readline()",
            "while True:",
            "    c,_=s.accept()",
            "    c.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok')",
            "    c.shutdown(socket.SHUT_WR)",
        ].join("\n");
        const listener = execa("python3", ["-c", program], { reject: false });
        const queued: net.Socket[] = [];
        try {
            const [first] = (await once(listener.stdout, "data")) as [Buffer];
            const port = Number(String(first));
            for (let count = 0; count < 4; count += 1)
                queued.push(net.connect({ port, host: "127.0.0.1" }).on("error", () => undefined));
            await once(queued[0]!, "connect");
            const began = performance.now();
            const pending = smokeTest(new URL(`http://127.0.0.1:${port}`), credentials, { only: ["health"] });
            // The first packet has been dropped by then; the next one comes a second after it.
            setTimeout(() => listener.stdin.write("\n"), 300);
            const [health] = (await pending) as [SmokeResult];
            const elapsed = performance.now() - began;
            assert.equal(health.failure, undefined);
            assert.ok(elapsed >= 900 && health.milliseconds < 500, `${elapsed} ms, ${health.milliseconds} ms of them`);
        } finally {
            for (const one of queued) one.destroy();
            listener.kill("SIGKILL");
            await listener;
        }
    });

    it("should pass when the environment accepts connections in time", async () => {
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

describe("The program release/smoke/main.ts", () => {
    const run = (args: readonly string[], variables: Record<string, string> = {}) =>
        execa(process.execPath, [compiled("release/smoke/main.js"), ...args], {
            cwd: projectRoot,
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

    it("should exit with 0 and write a JUnit report", async () => {
        const { base } = await serve();
        const junit = path.join(folder, "pass.xml");
        const result = await run([base.href, "--junit", junit]);
        assert.equal(result.exitCode, 0, result.all);
        assert.match(result.stdout, /^✔ health \(\d+ ms\)\n✔ API health \(\d+ ms\)\n✔ login \(\d+ ms\)$/);
        const report = fs.readFileSync(junit, "utf8");
        assert.match(report, /<testsuites tests="3" failures="0" errors="0" time="\d+\.\d{3}">/);
        assert.equal(report.match(/<testcase /g)?.length, 3);
    });

    it("should run only the tests that are named, and need no password without the login", async () => {
        const { base, requests } = await serve();
        const result = await run([base.href, "--only", "health"], { SMOKE_USERNAME: "", SMOKE_PASSWORD: "" });
        assert.equal(result.exitCode, 0, result.all);
        assert.match(result.stdout, /^✔ health \(\d+ ms\)$/);
        assert.deepEqual(requests, ["GET /health"]);
    });

    it("should check health at the path of --health-path", async () => {
        const { base, requests } = await serve({ "GET /ready": status(200) });
        const result = await run([base.href, "--only", "health", "--health-path", "/ready"]);
        assert.equal(result.exitCode, 0, result.all);
        assert.deepEqual(requests, ["GET /ready"]);
    });

    it("should exit with 1, name each failure and print no credential, whatever the server answers", async () => {
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
        ["a missing password", ["http://127.0.0.1:1"], { SMOKE_PASSWORD: "" }, /SMOKE_PASSWORD is not set/],
        ["a missing address", [], {}, /missing required argument 'address'/],
        ["an address that is not a URL", ["staging"], {}, /It must be an address such as/],
        [
            "a host name that only begins like the cluster's",
            ["http://backend.prod.svc.example.com"],
            {},
            /It must begin with https:/,
        ],
        ["plain HTTP to a public address", ["http://staging.relaypacs.com"], {}, /It must begin with https:/],
        ["credentials in the address", ["https://me:hidden@localhost"], {}, /the address must not hold credentials/],
        ["an unknown test", ["http://127.0.0.1:1", "--only", "logout"], {}, /Allowed choices are health, api, login/],
        [
            "a health path on another server",
            ["http://127.0.0.1:1", "--health-path", "//example.com"],
            {},
            /It must be a path of/,
        ],
        ["zero attempts", ["http://127.0.0.1:1", "--attempts", "0"], {}, /whole number from 1/],
    ] satisfies [string, string[], Record<string, string>, RegExp][])
        it(`should exit with 2 on ${what}`, async () => {
            const result = await run(args, variables);
            assert.equal(result.exitCode, 2, result.all);
            assert.match(result.stderr, message);
            assert.ok(!result.all.includes("hidden"));
        });
});
