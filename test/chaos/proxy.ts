import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import type { Instance } from "../../sandbox/machine/instance";
import { startProcess, stopProcess, logFile } from "../../sandbox/machine/process";
import { certificateAuthority } from "../../sandbox/parts/cloud/moto";
import { installPython, pythonProgram } from "../../sandbox/toolchain/python";

const requirements = path.join(__dirname, "requirements.txt");

/** What some requests get in place of the server's answer. */
export interface HttpFault {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** The body in AWS's JSON protocol, whose requests have the header `X-Amz-Target`. */
    readonly json?: string;
    /** Seconds of silence, after which the connection is cut; `status` does not count then. */
    readonly silentSeconds?: number;
    /** Which requests: a pattern of `METHOD URL TARGET`, where the target is AWS's name of the operation. All by default. */
    readonly match?: string;
    /** Of those, each n-th, beginning with `first`. 1 by default. */
    readonly every?: number;
    readonly first?: number;
    /** How many at most. */
    readonly times?: number;
}

/** Servers that clients reach through a proxy, by which some requests can meet a fault. */
export type Server = "aws" | "github";

const processName = (server: Server) => `fault-proxy-${server}`;

const folder = (instance: Instance) => path.join(instance.root, "faults");

const logOf = (instance: Instance, server: Server) => path.join(folder(instance), `${server}.jsonl`);

/** The authority that signs for the AWS host names in place of Moto's. */
export const proxyAuthority = (instance: Instance) => path.join(folder(instance), "mitmproxy-ca-cert.pem");

/** The port of the proxy in front of Moto, on 127.0.0.1. */
export const awsProxyPort = (instance: Instance) => instance.ports.moto + 10;

/** The port of GitHub itself where the proxy has its usual one: its address is in the state, so it may not change. */
export const githubBehindPort = (instance: Instance) => instance.ports.github + 10;

/**
 * mitmproxy in front of Moto or the GitHub emulator, as a new process: with a fault, or without one.
 */
export async function setFault(instance: Instance, server: Server, fault?: HttpFault): Promise<void> {
    await installPython(() => undefined, requirements);
    await stopProcess(instance, processName(server));
    fs.mkdirSync(folder(instance), { recursive: true });
    fs.rmSync(logOf(instance, server), { force: true });
    const port = server === "aws" ? awsProxyPort(instance) : instance.ports.github;
    const mode =
        server === "aws"
            ? `upstream:http://127.0.0.1:${instance.ports.moto}`
            : `reverse:http://127.0.0.1:${githubBehindPort(instance)}`;
    const options: Record<string, string> = {
        confdir: folder(instance),
        ...(server === "aws" && { ssl_verify_upstream_trusted_ca: certificateAuthority(instance) }),
        connection_strategy: "lazy",
        flow_detail: "0",
        fault_log: logOf(instance, server),
        fault_times: String(fault === undefined ? 0 : (fault.times ?? 1_000_000)),
        fault_match: fault?.match ?? ".",
        fault_every: String(fault?.every ?? 1),
        fault_first: String(fault?.first ?? 1),
        fault_delay: String(fault?.silentSeconds ?? 0),
        fault_answer: JSON.stringify({
            status: fault?.status ?? 500,
            headers: fault?.headers,
            body: fault?.body,
            json: fault?.json,
        }),
    };
    const args = Object.entries(options).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    await startProcess(
        instance,
        processName(server),
        pythonProgram("mitmdump", requirements),
        ["--mode", mode, "--listen-host", "127.0.0.1", "--listen-port", String(port)].concat(
            ["--scripts", path.join(__dirname, "faults.py")],
            args,
        ),
        { ready: () => listening(port) },
    ).catch((error: unknown) => {
        throw new Error(`${(error as Error).message} (${logFile(instance, processName(server))})`);
    });
}

const listening = async (port: number): Promise<boolean> => {
    const { exitCode } = await execa("bash", ["-c", `: </dev/tcp/127.0.0.1/${port}`], { reject: false });
    return exitCode === 0;
};

/** How many requests have met the fault. */
export function met(instance: Instance, server: Server): number {
    const file = logOf(instance, server);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n").length : 0;
}
