import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as grpc from "@grpc/grpc-js";

const load = createRequire(__filename);

/** Messages may be as large as the engine's own limit: 400 MiB. */
export const channelOptions = {
    "grpc.max_receive_message_length": 400 << 20,
    "grpc.max_send_message_length": 400 << 20,
};

/** A service definition from the stubs that `@pulumi/pulumi` ships; not all of them have type declarations. */
export function serviceOf(file: string, name: string): grpc.ServiceDefinition {
    const stubs = load(`@pulumi/pulumi/proto/${file}_grpc_pb`) as Readonly<Record<string, grpc.ServiceDefinition>>;
    const service = stubs[`${name}Service`];
    if (!service) throw new Error(`@pulumi/pulumi has no service ${name} in proto/${file}_grpc_pb`);
    return service;
}

/** Serves on a free port of the loopback interface. */
export function serve(
    service: grpc.ServiceDefinition,
    implementation: grpc.UntypedServiceImplementation,
): Promise<{ port: number; server: grpc.Server }> {
    const server = new grpc.Server(channelOptions);
    server.addService(service, implementation);
    return new Promise((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
            if (error) reject(error);
            else resolve({ port, server });
        });
    });
}

/** Serves, and prints the port as the first line on stdout, where the engine reads it. */
export async function serveAndAnnounce(
    service: grpc.ServiceDefinition,
    implementation: grpc.UntypedServiceImplementation,
): Promise<void> {
    const { port } = await serve(service, implementation);
    process.stdout.write(`${port}\n`);
}

/** A handler for a call with one request and one response. An exception becomes the call's error. */
export function unary<Request, Response>(
    handler: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
    return (call, done) => {
        Promise.resolve(call.request)
            .then(handler)
            .then(
                (response) => {
                    done(null, response);
                },
                (error: unknown) => {
                    done(asStatus(error));
                },
            );
    };
}

function asStatus(error: unknown): Partial<grpc.StatusObject> {
    if (typeof error === "object" && error !== null && "code" in error && typeof error.code === "number") {
        return error as Partial<grpc.StatusObject>;
    }
    return { code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };
}

/**
 * Calls `gone` once the parent process asks this one to end, or has ended itself. The engine interrupts a plugin that
 * it no longer needs. It also keeps the other end of the plugin's stdin open, so that the pipe closes when the engine
 * ends, even by `kill -9`. A terminal's Ctrl-C does not reach plugins: they run in process groups of their own.
 */
export function onParentExit(gone: () => void): void {
    process.once("SIGINT", gone).once("SIGTERM", gone);
    const stdin = fs.fstatSync(0);
    if (!stdin.isFIFO() && !stdin.isSocket()) return;
    process.stdin.once("close", gone).once("error", gone).resume();
}
