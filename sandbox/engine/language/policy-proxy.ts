import * as net from "node:net";
import { pipeline } from "node:stream";
import * as grpc from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { channelOptions, serviceOf } from "../rpc";

/** Starts the policy pack with variables in its environment, and reports what it prints and that it ended. */
export type StartPack = (
    environment: Readonly<Record<string, string>>,
    onOutput: (data: Buffer) => void,
    onExit: (code: number) => void,
) => void;

type RawCall = grpc.ServerUnaryCall<Buffer, Buffer>;
type RawDone = grpc.sendUnaryData<Buffer>;
type RawMethod = grpc.MethodDefinition<Buffer, Buffer>;

/** A pack that serves. */
interface Pack {
    readonly port: number;
    readonly client: grpc.Client;
}

const unchanged = (message: Buffer): Buffer => message;

/** A method whose messages are passed on as bytes. */
const raw = (method: grpc.MethodDefinition<unknown, unknown>): RawMethod => ({
    ...method,
    requestSerialize: unchanged,
    requestDeserialize: unchanged,
    responseSerialize: unchanged,
    responseDeserialize: unchanged,
});

/** Milliseconds in which calls that are pending when the engine is sent to the pack may still end. */
const drainMilliseconds = 60_000;

/**
 * A proxy in front of a policy pack. The engine sends the stack's name and configuration in a call (`ConfigureStack`),
 * but the SDK expects them in the pack's environment. So the proxy answers the handshake, starts the pack with the
 * first call after it, and passes every call of the Analyzer service through, byte for byte. `pulumi policy analyze`
 * has no stack and does not call `ConfigureStack`: then the pack starts without one.
 *
 * Once the pack has answered, the proxy only passes bytes on. It asks the engine to close its connection (with HTTP/2's
 * GOAWAY, after which a gRPC client reconnects and repeats unserved calls), and connects the next one directly to the
 * pack: the thousands of calls about a stack's resources are not decoded here.
 */
export class PolicyPackProxy {
    private pack: Promise<Pack> | undefined;
    /** The pack, once it has answered: later connections go directly to it. */
    private answering: Pack | undefined;
    private readonly server = new grpc.Server(channelOptions);
    private readonly sockets = new Set<net.Socket>();
    private readonly listener: net.Server;
    /** Asks the engine to close its connection to this proxy. */
    private readonly drain: () => void;

    constructor(
        private readonly start: StartPack,
        private readonly output: (data: string | Buffer) => void,
        fail: (error: unknown) => void,
    ) {
        const service = Object.fromEntries(
            Object.entries(serviceOf("analyzer", "Analyzer")).map(([name, method]) => [name, raw(method)]),
        );
        const { configureStack } = service;
        if (!configureStack) throw new Error("@pulumi/pulumi has no call ConfigureStack in its Analyzer service");
        const calls = Object.entries(service).map(
            ([name, method]) => [name, this.passThrough(method, () => ({}))] as const,
        );
        this.server.addService(service, {
            ...Object.fromEntries(calls),
            handshake: (_call: RawCall, done: RawDone) => {
                done(null, Buffer.from(new proto.AnalyzerHandshakeResponse().serializeBinary()));
            },
            configureStack: this.passThrough(configureStack, stackEnvironment),
        });
        const connections = this.server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
        this.drain = () => {
            connections.drain(drainMilliseconds);
        };
        this.listener = net.createServer({ noDelay: true }, (socket) => {
            this.sockets.add(socket.once("close", () => this.sockets.delete(socket)));
            if (this.answering) join(socket, this.answering.port);
            else connections.injectConnection(socket);
        });
        this.listener.once("error", fail).listen(0, "127.0.0.1", () => {
            output(`${(this.listener.address() as net.AddressInfo).port}\n`);
        });
    }

    close(): void {
        this.listener.close();
        this.server.forceShutdown();
        for (const socket of this.sockets) socket.destroy();
        this.pack?.then(
            ({ client }) => {
                client.close();
            },
            () => undefined,
        );
    }

    private connectEngineToPack(pack: Pack): void {
        if (this.answering) return;
        this.answering = pack;
        this.drain();
    }

    /** @param environment variables for the pack, from the request, if this call starts it */
    private passThrough({ path }: RawMethod, environment: (request: Buffer) => Readonly<Record<string, string>>) {
        return ({ request, metadata }: RawCall, done: RawDone): void => {
            this.connect(() => environment(request)).then(
                (pack) => {
                    pack.client.makeUnaryRequest(path, unchanged, unchanged, request, metadata, (error, response) => {
                        done(error, response);
                        if (!error) this.connectEngineToPack(pack);
                    });
                },
                (error: unknown) => {
                    done(asUnknown(error));
                },
            );
        };
    }

    private connect(environment: () => Readonly<Record<string, string>>): Promise<Pack> {
        this.pack ??= new Promise((resolve, reject) => {
            let firstLine = "";
            let connected = false;
            const onOutput = (data: Buffer): void => {
                if (connected) {
                    this.output(data);
                    return;
                }
                firstLine += data.toString();
                const end = firstLine.indexOf("\n");
                if (end < 0) return;
                const port = Number(firstLine.slice(0, end));
                if (!port) {
                    reject(new Error(`the policy pack printed ${JSON.stringify(firstLine)} where its port belongs`));
                    return;
                }
                connected = true;
                if (firstLine.length > end + 1) this.output(firstLine.slice(end + 1));
                const credentials = grpc.credentials.createInsecure();
                resolve({ port, client: new grpc.Client(`127.0.0.1:${port}`, credentials, channelOptions) });
            };
            this.start(environment(), onOutput, (code) => {
                reject(new Error(`the policy pack exited with code ${code} before it began to serve`));
            });
        });
        return this.pack;
    }
}

/** Connects a socket to the pack's port in both directions; both ends close together. */
function join(socket: net.Socket, port: number): void {
    const pack = net.connect({ host: "127.0.0.1", port, noDelay: true });
    pipeline(socket, pack, socket, () => {
        socket.destroy();
        pack.destroy();
    });
}

function stackEnvironment(message: Buffer): Record<string, string> {
    const request = proto.AnalyzerStackConfigureRequest.deserializeBinary(message);
    const config: Record<string, string> = {};
    request.getConfigMap().forEach((value: string, key: string) => {
        config[key] = value;
    });
    return {
        PULUMI_NODEJS_ORGANIZATION: request.getOrganization(),
        PULUMI_NODEJS_PROJECT: request.getProject(),
        PULUMI_NODEJS_STACK: request.getStack(),
        PULUMI_NODEJS_DRY_RUN: String(request.getDryRun()),
        PULUMI_CONFIG: JSON.stringify(config),
    };
}

function asUnknown(error: unknown): Partial<grpc.StatusObject> {
    return { code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };
}
