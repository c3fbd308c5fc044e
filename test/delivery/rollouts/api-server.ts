import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";

type Kind = "rollouts" | "deployments" | "analysisruns" | "replicasets" | "pods" | "secrets" | "jobs";
type Listed = object & { readonly metadata: { readonly name?: string } };

/** Lists and watches of some kinds, and single objects, over real HTTP streams, as an API server answers them, and the ways in which it fails. */
export class ApiServer {
    private readonly objects = new Map<Kind, Map<string, Listed>>();
    private readonly watches = new Set<{ kind: Kind; response: http.ServerResponse }>();
    private readonly server = http.createServer((request, response) => {
        this.answer(request, response);
    });
    private version = 100;
    private port = 0;
    /** Answers everything with this status, when set. */
    refusal: number | undefined;
    lists = 0;
    /** Takes each request, when set. */
    seen: ((request: http.IncomingMessage) => void) | undefined;
    /** Requested changes: method, path below the namespace, and body. */
    readonly changes: (readonly [method: string, path: string, body: unknown])[] = [];

    async start(): Promise<void> {
        await new Promise<void>((resolve) => this.server.listen(this.port, "127.0.0.1", resolve));
        this.port = (this.server.address() as AddressInfo).port;
    }

    /** Cuts every connection and stops listening; `start` listens again on the same port. */
    async stop(): Promise<void> {
        const closed = new Promise((resolve) => this.server.close(resolve));
        this.server.closeAllConnections();
        await closed;
        this.watches.clear();
    }

    get cluster(): KubeConfig {
        const config = new KubeConfig();
        const server = `http://127.0.0.1:${String(this.port)}`;
        config.loadFromClusterAndUser({ name: "test", server, skipTLSVerify: true }, { name: "test" });
        return config;
    }

    /** A kubeconfig file's contents, for other processes. */
    get kubeconfig(): string {
        return this.cluster.exportConfig();
    }

    /** Writes objects and notifies all watches. */
    put(kind: Kind, ...objects: readonly Listed[]): void {
        for (const object of objects) {
            const stored = this.stored(kind);
            const name = object.metadata.name ?? "";
            const type = stored.has(name) ? "MODIFIED" : "ADDED";
            this.version += 1;
            stored.set(name, object);
            this.send(kind, type, object);
        }
    }

    delete(kind: Kind, name: string): void {
        const object = this.stored(kind).get(name);
        this.stored(kind).delete(name);
        if (object) this.send(kind, "DELETED", object);
    }

    /** Ends all watches as a server does whose history no longer has the version that they began at. */
    expire(): void {
        for (const { response } of this.watches) {
            response.end(`${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410, metadata: {} } })}\n`);
        }
        this.watches.clear();
    }

    get watching(): number {
        return this.watches.size;
    }

    private stored(kind: Kind): Map<string, Listed> {
        const stored = this.objects.get(kind) ?? new Map<string, Listed>();
        this.objects.set(kind, stored);
        return stored;
    }

    private send(kind: Kind, type: string, object: Listed): void {
        for (const watch of this.watches) {
            if (watch.kind === kind) watch.response.write(`${JSON.stringify({ type, object })}\n`);
        }
    }

    private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
        this.seen?.(request);
        const url = new URL(request.url ?? "/", "http://localhost");
        const kind = url.pathname.split("/").at(-1) as Kind;
        if (this.refusal !== undefined) {
            response.writeHead(this.refusal).end("{}");
            return;
        }
        if (request.method === "PATCH" || request.method === "DELETE") {
            this.change(request, response, url.pathname);
            return;
        }
        const [plural = "", named] = url.pathname.split("/namespaces/")[1]?.split("/").slice(1) ?? [];
        if (named !== undefined) {
            const object = this.stored(plural as Kind).get(named);
            response.writeHead(object ? 200 : 404, { "Content-Type": "application/json" });
            response.end(JSON.stringify(object ?? {}));
            return;
        }
        response.writeHead(200, { "Content-Type": "application/json" });
        if (url.searchParams.get("watch") === "true") {
            response.flushHeaders();
            const watch = { kind, response };
            this.watches.add(watch);
            response.on("close", () => this.watches.delete(watch));
            return;
        }
        this.lists += 1;
        const name = /^metadata\.name=(.+)$/.exec(url.searchParams.get("fieldSelector") ?? "")?.[1];
        const items = [...this.stored(kind).values()].filter((one) => name === undefined || one.metadata.name === name);
        response.end(JSON.stringify({ metadata: { resourceVersion: String(this.version) }, items }));
    }

    /** Records a change, and performs only deletions: the test itself plays the controller. */
    private change(request: http.IncomingMessage, response: http.ServerResponse, where: string): void {
        const [kind = "", name = "", ...rest] = where.split("/namespaces/")[1]?.split("/").slice(1) ?? [];
        const known = this.stored(kind as Kind).has(name);
        let body = "";
        request.on("data", (data: Buffer) => (body += data.toString()));
        request.on("end", () => {
            this.changes.push([request.method ?? "", [kind, name, ...rest].join("/"), JSON.parse(body || "null")]);
            if (known && request.method === "DELETE") this.delete(kind as Kind, name);
            const object = this.stored(kind as Kind).get(name) ?? {};
            response.writeHead(known ? 200 : 404, { "Content-Type": "application/json" }).end(JSON.stringify(object));
        });
    }
}
