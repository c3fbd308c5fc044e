import * as fs from "node:fs";
import type { HttpsProxyAgent } from "https-proxy-agent";

/**
 * Options with which a client of the AWS SDK uses the proxy and the certificate authority that the environment names
 * (`HTTPS_PROXY`, `AWS_CA_BUNDLE`). Other AWS clients take them from there; the SDK ignores them.
 *
 * @throws Error when the authority's file can't be read
 */
export async function awsClientOptions(): Promise<{
    readonly requestHandler?: { readonly httpsAgent: HttpsProxyAgent<string> };
}> {
    const proxy = process.env.HTTPS_PROXY ?? process.env.https_proxy;
    const bundle = process.env.AWS_CA_BUNDLE;
    if (!proxy) return {};
    const ca = bundle ? fs.readFileSync(bundle) : undefined;
    const { HttpsProxyAgent } = await import("https-proxy-agent");
    // Without keep-alive, the agent asks the proxy to close the tunnel, and some proxies do so at once.
    const httpsAgent = new HttpsProxyAgent(proxy, { keepAlive: true });
    // The options in the constructor are for the proxy; these are for the host behind it.
    Object.assign(httpsAgent.options, ca && { ca });
    return { requestHandler: { httpsAgent } };
}
