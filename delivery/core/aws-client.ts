import * as fs from "node:fs";
import type { HttpsProxyAgent } from "https-proxy-agent";

/**
 * Options with which a client of the AWS SDK uses the proxy and the certificate authority that the environment names
 * (`HTTPS_PROXY`, `AWS_CA_BUNDLE`). Other AWS clients take them from there; the SDK ignores them.
 *
 * From then on, clients say nothing of versions of the SDK to come: its version is pinned, and package.json names the
 * versions of Node.js that this project runs on.
 *
 * @param environment variables; this process's by default
 * @throws Error when the authority's file can't be read
 */
export async function awsClientOptions(
    environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<{
    readonly requestHandler?: { readonly httpsAgent: HttpsProxyAgent<string> };
}> {
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
    const proxy = environment.HTTPS_PROXY ?? environment.https_proxy;
    const bundle = environment.AWS_CA_BUNDLE;
    if (!proxy) return {};
    const ca = bundle ? fs.readFileSync(bundle) : undefined;
    const { HttpsProxyAgent } = await import("https-proxy-agent");
    // Without keep-alive, the agent asks the proxy to close the tunnel, and some proxies do so at once.
    const httpsAgent = new HttpsProxyAgent(proxy, { keepAlive: true });
    // The options in the constructor are for the proxy; these are for the host behind it.
    Object.assign(httpsAgent.options, ca && { ca });
    return { requestHandler: { httpsAgent } };
}
