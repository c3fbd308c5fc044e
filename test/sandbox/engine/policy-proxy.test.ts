import * as assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { PolicyPackProxy, type StartPack } from "../../../sandbox/engine/language/policy-proxy";
import { serviceOf } from "../../../sandbox/engine/rpc";

const unchanged = (bytes: Buffer): Buffer => bytes;

/** Field 999 of a protocol buffer, which no message of the Analyzer service has: only raw bytes keep it. */
const unknownField = Buffer.from([0xba, 0x3e, 0x03, 0x6e, 0x65, 0x77]);

const methods = serviceOf("analyzer", "Analyzer");
const pathOf = (name: string): string => {
    const method = methods[name];
    assert.ok(method, name);
    return method.path;
};

interface Received {
    readonly path: string;
    readonly peer: string;
    readonly bytes: Buffer;
}

/** A pack that answers every call with the request's own bytes, and refuses `GetAnalyzerInfo`. */
class EchoingPack {
    readonly received: Received[] = [];
    environment: Readonly<Record<string, string>> | undefined;
    private readonly server = new grpc.Server();

    readonly start: StartPack = (environment, onOutput) => {
        assert.equal(this.environment, undefined, "the pack was started twice");
        this.environment = environment;
        const raw = Object.entries(methods).map(([name, method]) => {
            const definition = { ...method, requestDeserialize: unchanged, responseSerialize: unchanged };
            return [name, definition as grpc.MethodDefinition<Buffer, Buffer>] as const;
        });
        const handlers = raw.map(([name, { path }]) => {
            const handler: grpc.handleUnaryCall<Buffer, Buffer> = (call, done) => {
                this.received.push({ path, peer: call.getPeer(), bytes: call.request });
                if (name === "getAnalyzerInfo") done({ code: grpc.status.NOT_FOUND, details: "no such pack" });
                else done(null, call.request);
            };
            return [name, handler] as const;
        });
        this.server.addService(Object.fromEntries(raw), Object.fromEntries(handlers));
        this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
            assert.equal(error, null);
            // The line with the port may arrive in parts, and with more after it.
            const line = `${port}\nready\n`;
            onOutput(Buffer.from(line.slice(0, 2)));
            onOutput(Buffer.from(line.slice(2)));
        });
    };

    close(): void {
        this.server.forceShutdown();
    }
}

describe("The proxy in front of a policy pack", () => {
    const closing: (() => void)[] = [];
    afterEach(() => {
        for (const close of closing.splice(0).reverse()) close();
    });

    /** The engine's side: a client of the proxy, and what the proxy has printed. */
    async function proxyOf(start: StartPack) {
        let printed = "";
        const port = await new Promise<number>((resolve, reject) => {
            const onOutput = (data: string | Buffer): void => {
                printed += data.toString();
                const line = /^(\d+)\n/.exec(printed);
                if (line) resolve(Number(line[1]));
            };
            const proxy = new PolicyPackProxy(start, onOutput, reject);
            closing.push(() => {
                proxy.close();
            });
        });
        const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
        closing.push(() => {
            client.close();
        });
        const call = (name: string, bytes: Buffer): Promise<Buffer> =>
            new Promise((resolve, reject) => {
                client.makeUnaryRequest(pathOf(name), unchanged, unchanged, bytes, (error, response) => {
                    if (error) reject(error);
                    else resolve(response ?? Buffer.alloc(0));
                });
            });
        return { call, printed: () => printed };
    }

    const stackRequest = (): Buffer => {
        const request = new proto.AnalyzerStackConfigureRequest()
            .setStack("staging")
            .setProject("relaypacs")
            .setOrganization("organization")
            .setDryRun(true);
        request.getConfigMap().set("aws:region", "us-east-1");
        return Buffer.concat([request.serializeBinary(), unknownField]);
    };

    const resource = (name: string): Buffer =>
        Buffer.concat([new proto.AnalyzeRequest().setName(name).serializeBinary(), unknownField]);

    it("should start the pack when the stack is known, with what the engine says about it", async () => {
        const pack = new EchoingPack();
        closing.push(() => {
            pack.close();
        });
        const { call, printed } = await proxyOf(pack.start);
        const answer = await call("handshake", Buffer.from(new proto.AnalyzerHandshakeRequest().serializeBinary()));
        assert.deepEqual(proto.AnalyzerHandshakeResponse.deserializeBinary(answer).toObject(), {});
        assert.equal(pack.environment, undefined);

        assert.deepEqual(await call("configureStack", stackRequest()), stackRequest());
        assert.deepEqual(pack.environment, {
            PULUMI_NODEJS_ORGANIZATION: "organization",
            PULUMI_NODEJS_PROJECT: "relaypacs",
            PULUMI_NODEJS_STACK: "staging",
            PULUMI_NODEJS_DRY_RUN: "true",
            PULUMI_CONFIG: '{"aws:region":"us-east-1"}',
        });
        assert.match(printed(), /^\d+\nready\n$/);
    });

    it("should pass every call through, byte for byte, and then let the engine talk to the pack itself", async () => {
        const pack = new EchoingPack();
        closing.push(() => {
            pack.close();
        });
        const { call } = await proxyOf(pack.start);
        await call("configureStack", stackRequest());
        // These coincide with the connection's end: none may be lost, repeated or changed.
        const names = Array.from({ length: 300 }, (_, index) => `resource-${index}`);
        const answers = await Promise.all(names.map((name) => call("analyze", resource(name))));
        assert.deepEqual(answers, names.map(resource));
        for (const name of ["remediate", "analyzeStack", "configure", "getPluginInfo"])
            assert.deepEqual(await call(name, resource(name)), resource(name));

        const analyzed = pack.received.filter(({ path }) => path === pathOf("analyze"));
        assert.deepEqual(
            analyzed.map(({ bytes }) => bytes.toString("latin1")).sort(),
            names.map((name) => resource(name).toString("latin1")).sort(),
        );
        const [first, last] = [pack.received.at(0), pack.received.at(-1)];
        assert.equal(first?.path, pathOf("configureStack"));
        assert.notEqual(last?.peer, first.peer);
    });

    it("should start the pack without a stack where the engine knows none, and let the engine talk to it itself", async () => {
        const pack = new EchoingPack();
        closing.push(() => {
            pack.close();
        });
        const { call } = await proxyOf(pack.start);
        await call("handshake", Buffer.from(new proto.AnalyzerHandshakeRequest().serializeBinary()));
        await call("configure", resource("settings"));
        assert.deepEqual(pack.environment, {});
        const names = Array.from({ length: 300 }, (_, index) => `resource-${index}`);
        const answers = await Promise.all(names.map((name) => call("analyze", resource(name))));
        assert.deepEqual(answers, names.map(resource));
        assert.equal(pack.received.length, 1 + names.length);
        await call("analyzeStack", resource("stack"));
        assert.notEqual(pack.received.at(-1)?.peer, pack.received.at(0)?.peer);
    });

    it("should pass a large stack through", async () => {
        const pack = new EchoingPack();
        closing.push(() => {
            pack.close();
        });
        const { call } = await proxyOf(pack.start);
        await call("configureStack", stackRequest());
        await call("configure", Buffer.alloc(0));
        const request = resource("x".repeat(3 << 20));
        assert.ok((await call("analyzeStack", request)).equals(request));
    });

    it("should pass errors of the pack through, before and after the stack is configured", async () => {
        const pack = new EchoingPack();
        closing.push(() => {
            pack.close();
        });
        const { call } = await proxyOf(pack.start);
        const refused = { code: grpc.status.NOT_FOUND, details: "no such pack" };
        await assert.rejects(call("getAnalyzerInfo", Buffer.alloc(0)), refused);
        await call("configureStack", stackRequest());
        await assert.rejects(call("getAnalyzerInfo", Buffer.alloc(0)), refused);
    });

    it("should report a pack that did not start to serve", async () => {
        const ended = await proxyOf((_environment, _onOutput, onExit) => {
            onExit(7);
        });
        await assert.rejects(ended.call("configureStack", stackRequest()), {
            code: grpc.status.UNKNOWN,
            details: "the policy pack exited with code 7 before it began to serve",
        });
        const talkative = await proxyOf((_environment, onOutput) => {
            onOutput(Buffer.from("hello\n"));
        });
        await assert.rejects(talkative.call("configureStack", stackRequest()), /printed "hello\\n" where its port/);
    });

    it("should end the engine's calls when the pack is gone", async () => {
        const pack = new EchoingPack();
        const { call } = await proxyOf(pack.start);
        await call("configureStack", stackRequest());
        await call("configure", Buffer.alloc(0));
        pack.close();
        await assert.rejects(call("analyze", resource("late")), { code: grpc.status.UNAVAILABLE });
    });
});
