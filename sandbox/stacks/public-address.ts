import { once } from "node:events";
import * as fs from "node:fs";
import type { IncomingMessage } from "node:http";
import * as https from "node:https";
import { text } from "node:stream/consumers";
import { clusterAddress } from "../drill/cluster";
import type { Instance } from "../machine/instance";
import { waitUntil } from "../machine/process";
import { pkiFile } from "../parts/cluster/certificates";
import { stackSetting } from "./stack-variables";

export interface PublicEndpoint {
    readonly url: string;
    /** Traefik's Service as `host:port`, because no name server knows the public host names here. */
    readonly connect: string;
    /** File of the authority that signs the host name's certificate. */
    readonly certificateAuthority: string;
}

/** How users reach a stack. */
export async function publicEndpoint(instance: Instance, stack: string): Promise<PublicEndpoint> {
    const connect = `${await clusterAddress(instance, "traefik", `traefik-${stack}`)}:443`;
    return {
        url: `https://${String(stackSetting(stack, "hostname"))}`,
        connect,
        certificateAuthority: pkiFile(instance, "ca.crt"),
    };
}

/** Requests a path as users do. @throws when the answer's status is 400 or above, or none comes in 5 s */
export async function requestPublicly(instance: Instance, stack: string, path: string): Promise<string> {
    const { url, connect, certificateAuthority } = await publicEndpoint(instance, stack);
    const { host } = new URL(url);
    const request = https.get(url + path, {
        // The URL has a hostname, which `host` would not replace.
        hostname: connect.split(":")[0],
        servername: host,
        headers: { host },
        ca: fs.readFileSync(certificateAuthority),
        agent: false,
        signal: AbortSignal.timeout(5000),
    });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const body = await text(response);
    if ((response.statusCode ?? 500) >= 400) throw new Error(`${url}${path} answered ${String(response.statusCode)}`);
    return body;
}

/** Waits until users get an answer: Traefik learns of a new certificate and of new routes a few seconds later. */
export async function untilAnswering(instance: Instance, stack: string): Promise<void> {
    const answers = async () => (await requestPublicly(instance, stack, "/health")) !== "";
    await waitUntil(answers, `The public address of ${stack}`, 60, 250);
}
