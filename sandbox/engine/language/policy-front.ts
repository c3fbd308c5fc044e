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

const asIs = (message: Buffer): Buffer => message;

/** A method whose messages stay as they are on the wire. */
const raw = (method: grpc.MethodDefinition<unknown, unknown>): RawMethod => ({
    ...method,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
});

/** Milliseconds in which calls that are under way when the engine is sent to the pack may still end. */
const grace = 60_000;

/**
 * Stands before a policy pack. The engine tells the stack's name and configuration in a call (`ConfigureStack`), but
 * the SDK wants them in the pack's environment. So this answers the handshake, starts the pack with the first call after
 * it, and passes every call of the Analyzer service through, byte for byte. `pulumi policy analyze` knows no stack and
 * makes no `ConfigureStack`: the pack then starts without one.
 *
 * Once the pack has answered there is nothing left to do but to pass on. The engine's connection is then asked to close
 * (HTTP/2's GOAWAY, upon which a gRPC client connects anew and repeats what was not served), and the next one is joined
 * to the pack as it is: the thousands of calls about a stack's resources cost no decoding here.
 */
export class PolicyPackFront {
    private pack: Promise<Pack> | undefined;
    /** The pack, once it has answered: connections from then on are joined to it. */
    private answering: Pack | undefined;
    private readonly server = new grpc.Server(channelOptions);
    private readonly sockets = new Set<net.Socket>();
    private readonly listener: net.Server;
    /** Asks the engine to close the connection on which it has talked to this front. */
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
            connections.drain(grace);
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

    private stepAside(pack: Pack): void {
        if (this.answering) return;
        this.answering = pack;
        this.drain();
    }

    /** @param environment variables for the pack, from the request, in case this call is what starts it */
    private passThrough({ path }: RawMethod, environment: (request: Buffer) => Readonly<Record<string, string>>) {
        return ({ request, metadata }: RawCall, done: RawDone): void => {
            this.connect(() => environment(request)).then(
                (pack) => {
                    pack.client.makeUnaryRequest(path, asIs, asIs, request, metadata, (error, response) => {
                        done(error, response);
                        if (!error) this.stepAside(pack);
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

/** Joins a connection to the pack's port: what comes in on one side goes out on the other, and both end together. */
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
