import * as net from "node:net";
import { once } from "node:events";
import { execa } from "execa";
import type { Instance } from "../../../sandbox/machine/instance";
import { podIdentityAgent } from "../../../components/shared/network-rules";
import { run, succeeds } from "../../../sandbox/machine/command";
import { waitUntil } from "../../../sandbox/machine/process";
import { listens } from "../../../sandbox/parts/cluster/namespaces";
import { namespaceFile } from "../../../sandbox/parts/cluster/network";

/** Where a cloud's machines ask for their credentials; a node's pods must not. */
export const metadataAddress = "169.254.169.254";

/** Where the agent of EKS Pod Identity is; a closed port of this address answers, too. */
export const podIdentityAddress = podIdentityAgent.cidr.replace("/32", "");

export interface Listeners {
    /** A port of this machine that no policy opens. */
    readonly elsewhere: { readonly host: string; readonly port: number };
    close(): Promise<void>;
}

/**
 * Answers where nothing answers in the sandbox: at the node's metadata address, at that of the agent of EKS Pod Identity, and
 * on a port of this machine. Else a
 * connection could fail for want of a server instead of by a policy.
 */
export async function startListeners(instance: Instance): Promise<Listeners> {
    const server = net.createServer((socket) => socket.end()).listen(0, instance.hostAddress);
    await once(server, "listening");
    const addresses = [metadataAddress, podIdentityAddress];
    const address = (change: "add" | "delete", one: string) => [
        ...["-n", instance.networkNamespace, "address", change, `${one}/32`, "dev", "lo"],
    ];
    for (const one of addresses) {
        await succeeds("ip", address("delete", one));
        await run("ip", address("add", one));
    }
    const listen = `require("node:net").createServer((socket) => socket.end()).listen(80, "${metadataAddress}")`;
    const metadata = execa("nsenter", [`--net=${namespaceFile(instance)}`, process.execPath, "-e", listen], {
        reject: false,
        stdin: "ignore",
    });
    await waitUntil(() => Promise.resolve(listens(instance, 80)), "The metadata address", 30);
    return {
        elsewhere: { host: instance.hostAddress, port: (server.address() as net.AddressInfo).port },
        close: async () => {
            metadata.kill();
            await metadata;
            for (const one of addresses) await run("ip", address("delete", one));
            server.close();
            await once(server, "close");
        },
    };
}
