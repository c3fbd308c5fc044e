import * as http from "node:http";
import * as net from "node:net";
import { once } from "node:events";

/** Free ports of 127.0.0.1. */
export async function freePorts(count: number): Promise<number[]> {
    const servers = Array.from({ length: count }, () => net.createServer().listen(0, "127.0.0.1"));
    await Promise.all(servers.map((server) => once(server, "listening")));
    const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    return ports;
}

export interface Server {
    readonly url: string;
    readonly http: http.Server;
    stop(): Promise<void>;
}

/** A response: text, or an object that is sent as JSON. Its status is 200 by default. */
export type Answer = string | object | { readonly status: number; readonly body: string | object };

/** A server on a free port of 127.0.0.1. */
export async function serve(answer: (request: http.IncomingMessage) => Answer | undefined): Promise<Server> {
    const server = http.createServer((request, response) => {
        const given = answer(request) ?? { status: 404, body: { message: "Not Found" } };
        const { body, status } =
            typeof given === "object" && "status" in given && "body" in given && typeof given.status === "number"
                ? (given as { status: number; body: string | object })
                : { status: 200, body: given };
        response.writeHead(status, {
            "Content-Type": typeof body === "string" ? "text/plain" : "application/json",
            Connection: "close",
        });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    return {
        url: `http://127.0.0.1:${port}`,
        http: server,
        stop: async () => {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}
