import * as http from "node:http";
import type { AddressInfo } from "node:net";

export interface Advisories {
    /** Without a slash at the end. */
    readonly url: string;
    /** How often pip-audit asked. */
    readonly asked: () => number;
    close(): Promise<void>;
}

/** Answers npm audit and pip-audit (OSV) that no package has an advisory, as the services do of packages without any. */
export async function serveNoAdvisories(): Promise<Advisories> {
    let asked = 0;
    const server = http.createServer((request, response) => {
        request.resume().on("end", () => {
            const isNpm = request.url?.endsWith("/-/npm/v1/security/advisories/bulk") === true;
            const isOsv = request.url?.startsWith("/osv") === true;
            if (isOsv) asked += 1;
            response.writeHead(isNpm || isOsv ? 200 : 404, { "Content-Type": "application/json" });
            response.end("{}");
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
        url: `http://127.0.0.1:${port}`,
        asked: () => asked,
        close: () =>
            new Promise((resolve) => {
                server.closeAllConnections();
                server.close(() => {
                    resolve();
                });
            }),
    };
}
