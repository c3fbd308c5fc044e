import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { Api } from "../../sandbox/engine/kubernetes/api";
import { Connection } from "../../sandbox/engine/kubernetes/connection";
import { Discovery, objectPath } from "../../sandbox/engine/kubernetes/discovery";
import { ApiError, CancelledError, UnknownKindError, UnreachableError } from "../../sandbox/engine/kubernetes/errors";
import {
    KubeconfigError,
    loadKubeconfig,
    parseSettings,
    refusedSettings,
} from "../../sandbox/engine/kubernetes/settings";
import { secret, unknown, type Bag } from "../../sandbox/engine/kubernetes/values";

const kubeconfig = (server: string): string =>
    JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
            { name: "here", cluster: { server, "insecure-skip-tls-verify": true } },
            { name: "there", cluster: { server: "http://127.0.0.1:2" } },
        ],
        users: [{ name: "me", user: { token: "t0ken" } }],
        contexts: [{ name: "main", context: { cluster: "here", user: "me", namespace: "team" } }],
        "current-context": "main",
    });

const settingsFor = (server: string, more: Bag = {}) => parseSettings({ kubeconfig: kubeconfig(server), ...more });

describe("the Provider's settings", () => {
    it("are read from JSON in texts, and from secrets", () => {
        const settings = parseSettings({
            kubeconfig: secret("x"),
            namespace: "shop",
            deleteUnreachable: "true",
            enablePatchForce: "false",
            kubeClientSettings: '{"timeout":5}',
        });
        assert.equal(settings.kubeconfig, "x");
        assert.deepEqual(
            [settings.namespace, settings.deleteUnreachable, settings.enablePatchForce, settings.requestTimeout],
            ["shop", true, false, 5],
        );
        assert.equal(settings.incomplete, false);
        assert.equal(parseSettings({ kubeconfig: unknown }).incomplete, true);
    });

    it("are refused where this plugin cannot follow them", () => {
        assert.deepEqual(refusedSettings({ enableServerSideApply: "true" }), []);
        assert.deepEqual(
            refusedSettings({ enableServerSideApply: "false", renderYamlToDirectory: "out" }).map(
                ({ property }) => property,
            ),
            ["enableServerSideApply", "renderYamlToDirectory"],
        );
    });

    it("choose context and cluster of a kubeconfig that is given as text or path", () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kubeconfig-"));
        try {
            const file = path.join(folder, "config");
            fs.writeFileSync(file, kubeconfig("http://127.0.0.1:1"));
            for (const given of [file, kubeconfig("http://127.0.0.1:1")]) {
                const server = (more: Bag) =>
                    loadKubeconfig(parseSettings({ kubeconfig: given, ...more })).config.getCurrentCluster()?.server;
                assert.equal(server({ context: "main" }), "http://127.0.0.1:1");
                assert.equal(server({ cluster: "there" }), "http://127.0.0.1:2");
            }
        } finally {
            fs.rmSync(folder, { recursive: true });
        }
    });

    it("say what is missing, without quoting a kubeconfig's text", () => {
        const fails = (args: Bag, message: RegExp) => {
            assert.throws(
                () => loadKubeconfig(parseSettings(args)),
                (error) => error instanceof KubeconfigError && message.test(error.message),
            );
        };
        fails(
            { kubeconfig: kubeconfig("http://x"), context: "prod" },
            /the context "prod" is not in .*, which has main/,
        );
        fails(
            { kubeconfig: kubeconfig("http://x"), cluster: "prod" },
            /the cluster "prod" is not in .*, which has here, there/,
        );
        fails(
            { kubeconfig: "/nowhere/config" },
            /^\/nowhere\/config cannot be used as a kubeconfig: there is no such file$/,
        );
        fails({ kubeconfig: "users: [{token: s3cret\n" }, /^(?!.*s3cret).*it is not a kubeconfig in YAML or JSON$/);
    });
});

describe("requests to the API", () => {
    let server: http.Server;
    let address = "";
    const asked: string[] = [];
    const answers: ((response: http.ServerResponse) => void)[] = [];
    const reply = (code: number, body: Bag, headers: http.OutgoingHttpHeaders = {}): number =>
        answers.push((response) => {
            response.writeHead(code, headers).end(JSON.stringify(body));
        });
    const cancellation = new AbortController();
    const api = (signal = cancellation.signal, timeout = 5) =>
        new Api(loadKubeconfig(settingsFor(address)).config, "a test", timeout, signal);

    before((done) => {
        server = http.createServer((request, response) => {
            asked.push(`${String(request.method)} ${String(request.url)} ${String(request.headers.authorization)}`);
            answers.shift()?.(response);
        });
        server.listen(0, "127.0.0.1", () => {
            address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
            done();
        });
    });
    after((done) => {
        server.closeAllConnections();
        server.close(done);
    });
    beforeEach(() => {
        asked.length = 0;
        answers.length = 0;
    });

    it("carry the kubeconfig's credentials, and hear warnings", async () => {
        reply(200, { kind: "Status" }, { Warning: '299 - "policy/v1beta1 is deprecated \\"soon\\""' });
        const { warnings } = await api().send({ method: "GET", path: "/version", query: { dryRun: "All" } });
        assert.deepEqual(asked, ["GET /version?dryRun=All Bearer t0ken"]);
        assert.deepEqual(warnings, ['policy/v1beta1 is deprecated "soon"']);
    });

    it("are repeated when the failure passes by itself", async () => {
        reply(503, { message: "etcdserver: leader changed" });
        reply(409, { reason: "Conflict", message: "the object has been modified" });
        reply(200, { ok: true });
        assert.deepEqual(await api().json({ method: "GET", path: "/x" }), { ok: true });
        assert.equal(asked.length, 3);
    });

    it("are not repeated when it does not", async () => {
        const conflict = { reason: "FieldManagerConflict", message: 'conflict with "x"', field: ".spec" };
        reply(409, { reason: "Conflict", details: { causes: [conflict] } });
        await assert.rejects(
            api().json({ method: "GET", path: "/x" }),
            (error) => error instanceof ApiError && error.code === 409,
        );
        reply(422, { reason: "Invalid", message: "spec.selector: field is immutable" });
        await assert.rejects(
            api().json({ method: "GET", path: "/x" }),
            (error) => error instanceof ApiError && error.isImmutability,
        );
        assert.equal(asked.length, 2);
    });

    it("end with a sentence when no server listens, or none answers", async () => {
        const closed = new Api(
            loadKubeconfig(settingsFor("http://127.0.0.1:1")).config,
            "a test",
            5,
            cancellation.signal,
        );
        await assert.rejects(closed.send({ method: "GET", path: "/x", patience: 0 }), (error) => {
            assert.ok(error instanceof UnreachableError);
            assert.match(
                error.message,
                /^the cluster at http:\/\/127\.0\.0\.1:1 \(context "main" of a test\) cannot be reached: connect ECONNREFUSED/,
            );
            return true;
        });
        await assert.rejects(
            api(cancellation.signal, 0.05).send({ method: "GET", path: "/x", patience: 0 }),
            /no answer came in time/,
        );
    });

    it("end at once when the update is cancelled", async () => {
        const own = new AbortController();
        const pending = api(own.signal).send({ method: "GET", path: "/never" });
        setTimeout(() => {
            own.abort();
        }, 20);
        await assert.rejects(pending, CancelledError);
    });

    it("ask again for a kind that was missing", async () => {
        const list = (...names: string[]) => ({
            resources: names.map((name) => ({ name, kind: "Thing", namespaced: true })),
        });
        reply(404, {});
        reply(200, list("things/status", "things"));
        const discovery = new Discovery(api());
        await assert.rejects(discovery.find("example.test/v1", "Thing"), UnknownKindError);
        const type = await discovery.find("example.test/v1", "Thing");
        assert.equal(objectPath(type, "shop", "a b"), "/apis/example.test/v1/namespaces/shop/things/a%20b");
        assert.deepEqual(await discovery.find("example.test/v1", "Thing"), type);
        assert.equal(asked.length, 2);
    });

    it("take the namespace of the Provider, else of the context", async () => {
        const log = { status: assert.fail, info: assert.fail, warning: assert.fail };
        const place = (more: Bag) =>
            new Connection(settingsFor(address, more), log, cancellation.signal).defaultNamespace();
        assert.equal(await place({ namespace: "shop" }), "shop");
        reply(200, { gitVersion: "v1.36.3" });
        assert.equal(await place({}), "team");
    });

    it("are no part of a preview without a cluster: one warning says so", async () => {
        const warnings: string[] = [];
        const log = {
            status: assert.fail,
            info: assert.fail,
            warning: (_urn: string, text: string) => warnings.push(text),
        };
        const connection = new Connection(parseSettings({ kubeconfig: "/nowhere/config" }), log, cancellation.signal);
        assert.equal(await connection.clusterIfReachable("urn"), undefined);
        assert.equal(await connection.clusterIfReachable("urn"), undefined);
        assert.equal(warnings.length, 1);
        const incomplete = new Connection(parseSettings({ kubeconfig: unknown }), log, cancellation.signal);
        assert.equal(await incomplete.clusterIfReachable("urn"), undefined);
        assert.equal(warnings.length, 1);
    });
});
