import { once } from "node:events";
import * as fs from "node:fs";
import * as https from "node:https";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { Instance } from "../../../../sandbox/machine/instance";
import { sandboxRegistry } from "../../../../sandbox/parts/cloud/account";
import { pkiFile } from "../../../../sandbox/parts/cluster/pki";

export interface Answer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

const plain = (headers: IncomingHttpHeaders) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** A request of the OCI distribution protocol, with the password that Moto gives unless it is anonymous. */
export async function request(
    instance: Instance,
    path: string,
    options: { method?: string; anonymous?: boolean; mediaType?: string; body?: string } = {},
): Promise<Answer> {
    const sent = https.request({
        host: instance.hostAddress,
        port: instance.ports.registry,
        servername: sandboxRegistry(),
        ca: fs.readFileSync(pkiFile(instance, "ca.crt")),
        path,
        method: options.method ?? "GET",
        ...(options.anonymous === true ? {} : { auth: `AWS:${sandboxRegistry().slice(0, 12)}-auth-token` }),
        headers: options.mediaType === undefined ? {} : { "Content-Type": options.mediaType },
        agent: false,
    });
    sent.end(options.body ?? "");
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    return { status: response.statusCode ?? 0, headers: plain(response.headers), body: await text(response) };
}
