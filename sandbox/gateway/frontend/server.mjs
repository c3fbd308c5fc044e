// Serves the built page, and passes requests for the API on to the backend.
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const backend = process.env.BACKEND_URL ?? "http://127.0.0.1:8000";
const files = new Map(
    Object.entries({
        "/": "index.html",
        "/client.js": "client.js",
        "/page.js": "page.js",
        "/progress.js": "progress.js",
    }),
);
const types = new Map([
    ["html", "text/html; charset=utf-8"],
    ["js", "text/javascript; charset=utf-8"],
]);

async function bodyOf(request) {
    const parts = [];
    for await (const part of request) parts.push(part);
    return parts;
}

async function forward(request, response) {
    const body = Buffer.concat(await bodyOf(request));
    const { authorization, "content-type": type } = request.headers;
    const answer = await fetch(new URL(request.url, backend), {
        method: request.method,
        headers: { ...(authorization && { authorization }), ...(type && { "content-type": type }) },
        ...(body.length > 0 && { body }),
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    response.end(Buffer.from(await answer.arrayBuffer()));
}

const server = createServer((request, response) => {
    const answer = async () => {
        const { pathname } = new URL(request.url, "http://frontend");
        if (pathname === "/health") response.end("ok");
        else if (pathname.startsWith("/api/")) await forward(request, response);
        else {
            const name = files.get(pathname);
            if (name === undefined) response.writeHead(404).end();
            else {
                const folder = new URL("dist/", import.meta.url);
                // Only names of the list above come here.
                // eslint-disable-next-line security/detect-non-literal-fs-filename
                const text = await readFile(fileURLToPath(new URL(name, folder)));
                response.setHeader("content-type", types.get(name.split(".").at(-1)) ?? "text/plain");
                response.end(text);
            }
        }
    };
    answer().catch(() => response.writeHead(502).end());
});
server.listen(Number(process.env.PORT ?? "8080"), process.env.HOST ?? "127.0.0.1");
process.on("SIGTERM", () => server.close());
