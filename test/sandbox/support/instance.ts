import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { once } from "node:events";
import { instanceNamed, type Instance } from "../../../sandbox/machine/instance";

async function freePort(): Promise<number> {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

/** A sandbox without a cluster: everything on 127.0.0.1, on ports and in a folder of its own. */
export async function temporaryInstance(): Promise<Instance> {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-"));
    return {
        ...instanceNamed("test"),
        root,
        run: path.join(root, "run"),
        logs: path.join(root, "logs"),
        kubeconfig: path.join(root, "kubeconfig"),
        hostAddress: "127.0.0.1",
        nodeAddress: "127.0.0.1",
        ports: {
            moto: await freePort(),
            githubEmulator: 0,
            github: 0,
            database: await freePort(),
            registry: await freePort(),
        },
    };
}
