import * as path from "node:path";
import { run } from "../../machine/command";
import type { Instance } from "../../machine/instance";
import type { Part } from "../../machine/part";
import { runningPid, startProcess, stopProcess } from "../../machine/process";
import { installPython, pythonProgram } from "../../toolchain/python";
import { rotationLogins } from "../database/part";
import { sandboxAccount, sandboxRegistry } from "./account";

const processName = "moto";

/** The certificate of the authority that signs for the AWS host names. It is part of Moto, and its key is public. */
export const certificateAuthority = (instance: Instance) => path.join(instance.root, "cloud", "authority.crt");

/** Moto serves its own API under this host name only. */
const motoApi = (instance: Instance, what: string) => `http://localhost:${instance.ports.moto}/moto-api/${what}`;

async function answers(instance: Instance): Promise<boolean> {
    const response = await fetch(motoApi(instance, "config"), { signal: AbortSignal.timeout(2000) });
    return response.ok && Object.hasOwn((await response.json()) as object, "lambda");
}

/**
 * Hosts that are not reached through the proxy: this machine and the cluster. Go, Python's requests and curl understand
 * ranges; Node clients understand only whole addresses and names, so the ones that they use are listed too.
 */
function directHosts(instance: Instance): string {
    const addresses = ["127.0.0.1", "localhost", instance.hostAddress, instance.nodeAddress];
    return [...addresses, "10.250.0.0/16", "10.244.0.0/16", "10.96.0.0/12", ".svc", ".cluster.local"].join(",");
}

/** @param address of this machine, by which the clients reach it: the node needs another than this machine itself */
export function cloudEnvironment(instance: Instance, address = "127.0.0.1"): Readonly<Record<string, string>> {
    const { region } = sandboxAccount();
    const proxy = `http://${address}:${instance.ports.moto}`;
    const direct = directHosts(instance);
    return {
        // Clients differ in which spelling they prefer.
        HTTPS_PROXY: proxy,
        https_proxy: proxy,
        NO_PROXY: direct,
        no_proxy: direct,
        AWS_CA_BUNDLE: certificateAuthority(instance),
        AWS_ACCESS_KEY_ID: "sandbox",
        AWS_SECRET_ACCESS_KEY: "sandbox",
        AWS_SESSION_TOKEN: "",
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_PAGER: "",
    };
}

/** Runs one of the Python scripts beside this file against the emulator and returns what it printed. */
export const runScript = (instance: Instance, script: string, args: readonly string[] = [], input = "") =>
    run(pythonProgram("python"), ["-B", path.join(__dirname, script), ...args], {
        environment: cloudEnvironment(instance),
        input,
    });

/** Runs the AWS command line against the emulator. */
export const aws = (instance: Instance, args: readonly string[]) =>
    run(pythonProgram("aws"), [...args, "--output", "json"], { environment: cloudEnvironment(instance) });

/**
 * AWS, played by Moto as an HTTPS proxy: clients use the real host names.
 *
 * Moto keeps everything in memory. After it ends, for whatever reason, its account is empty again, and `pulumi up
 * --refresh` detects that and creates everything again.
 */
export const cloud: Part = {
    name: "cloud",
    up: async (instance, progress) => {
        await installPython(progress);
        const { id, rotationFunction } = sandboxAccount();
        progress("Moto");
        const args = ["-B", path.join(__dirname, "server.py"), "-H", "127.0.0.1", "-p", String(instance.ports.moto)];
        await startProcess(instance, processName, pythonProgram("python"), args, {
            environment: {
                // Else each thread, which a connection has, allocates in one of sixteen heaps, and all of them stay.
                MALLOC_ARENA_MAX: "1",
                MOTO_ACCOUNT_ID: id,
                CERTIFICATES: path.join(instance.root, "cloud", "certificates"),
                CERTIFICATE_AUTHORITY: certificateAuthority(instance),
                NODE_FACING_ADDRESS: instance.hostAddress,
                REGISTRY: sandboxRegistry(),
                REGISTRY_ADDRESS: `${instance.hostAddress}:${instance.ports.registry}`,
            },
            ready: () => answers(instance),
        });
        if (rotationFunction !== undefined) {
            const logins = JSON.stringify(rotationLogins(instance));
            await runScript(instance, "account.py", [rotationFunction], logins);
        }
    },
    state: async (instance) => {
        if (runningPid(instance, processName) === undefined) return { running: false, detail: "Moto does not run" };
        if (!(await answers(instance).catch(() => false))) return { running: false, detail: "Moto does not answer" };
        const { id, region } = sandboxAccount();
        return { running: true, detail: `account ${id}, ${region}, by http://127.0.0.1:${instance.ports.moto}` };
    },
    down: (instance) => stopProcess(instance, processName),
    environment: (instance) => cloudEnvironment(instance),
};
