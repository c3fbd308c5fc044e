import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";

/**
 * What answers for AWS (`GetCallerIdentity` of STS), for the API server (`/version`) and for GitHub (an organisation) on
 * this machine.
 */
export interface Answering {
    readonly port: number;
    /** The environment variables with which clients ask it. */
    readonly variables: Readonly<Record<string, string>>;
    readonly close: () => void;
}

/** The kinds that a cluster may have before the first update. */
export const groups = ["external-secrets.io/v1", "cert-manager.io/v1", "argoproj.io/v1alpha1", "traefik.io/v1alpha1"];

/** A token that GitHub refuses. */
export const expiredToken = "expired-token";

const identity = (account: string) =>
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

const folders: string[] = [];
process.on("exit", () => {
    for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

/** A kubeconfig with both stacks' contexts, of a server. */
export function kubeconfig(server: string): string {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-kubeconfig-"));
    folders.push(folder);
    const file = path.join(folder, "config");
    const contexts = ["staging-cluster", "prod-cluster"].map((name) => ({
        name,
        context: { cluster: "here", user: "tester" },
    }));
    fs.writeFileSync(
        file,
        stringify({
            apiVersion: "v1",
            kind: "Config",
            clusters: [{ name: "here", cluster: { server, "insecure-skip-tls-verify": true } }],
            users: [{ name: "tester", user: { token: "not-a-real-token" } }],
            contexts,
            "current-context": "staging-cluster",
        }),
    );
    return file;
}

/**
 * @param account whose credentials STS says these are
 * @param versions what the API server answers to each request for its version, the last one again and again
 * @param has groups of kinds that the API server has
 */
export async function answering(
    account = "123456789012",
    versions: readonly number[] = [200],
    has: readonly string[] = groups,
): Promise<Answering> {
    let asked = 0;
    const server = http.createServer((request, response) => {
        if (request.url === "/version") {
            response.writeHead(versions[Math.min(asked, versions.length - 1)]!).end("{}");
            asked += 1;
        } else if (request.url?.startsWith("/orgs/"))
            response.writeHead(request.headers.authorization === `Bearer ${expiredToken}` ? 401 : 200).end("{}");
        else if (request.url?.startsWith("/apis/"))
            response.writeHead(has.includes(request.url.slice("/apis/".length)) ? 200 : 404).end("{}");
        else response.writeHead(200, { "content-type": "text/xml" }).end(identity(account));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    const { port } = server.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}`;
    return {
        port,
        variables: {
            AWS_ENDPOINT_URL_STS: address,
            AWS_ACCESS_KEY_ID: "tester",
            AWS_SECRET_ACCESS_KEY: "not-a-real-key",
            // Not GITHUB_BASE_URL, which would be an input of the provider.
            GITHUB_API_URL: address,
            KUBECONFIG: kubeconfig(address),
        },
        close: () => {
            server.close();
            server.closeAllConnections();
        },
    };
}
