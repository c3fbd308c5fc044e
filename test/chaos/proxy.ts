import { once } from "node:events";
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import * as path from "node:path";
import { HttpsProxyAgent } from "https-proxy-agent";
import type { Instance } from "../../sandbox/machine/instance";
import { startProcess, stopProcess, logFile } from "../../sandbox/machine/process";
import { sandboxAccount } from "../../sandbox/parts/cloud/account";
import { certificateAuthority } from "../../sandbox/parts/cloud/moto";
import { githubAddress } from "../../sandbox/parts/github/part";
import { installPython, pythonProgram } from "../../sandbox/toolchain/python";

const requirements = path.join(__dirname, "requirements.txt");

interface Answer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

/** By protocol: AWS's JSON, whose requests have the header `X-Amz-Target`, S3's XML, and all others. */
export interface Answers {
    readonly json?: Answer;
    readonly s3?: Answer;
    readonly other: Answer;
}

/** What some requests get in place of the server's answer. */
export interface HttpFault {
    readonly answers?: Answers;
    /** Seconds of silence, after which the connection is cut, in place of an answer. */
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

/** Each proxy has its own: with one for both, two that start at the same time make two authorities and keep one of them. */
const folder = (instance: Instance, server: Server) => path.join(instance.root, "faults", server);

const logOf = (instance: Instance, server: Server) => path.join(folder(instance, server), "met.jsonl");

/** The authority that signs for the AWS host names in place of Moto's. */
export const proxyAuthority = (instance: Instance) => path.join(folder(instance, "aws"), "mitmproxy-ca-cert.pem");

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
    fs.mkdirSync(folder(instance, server), { recursive: true });
    fs.rmSync(logOf(instance, server), { force: true });
    const port = server === "aws" ? awsProxyPort(instance) : instance.ports.github;
    const mode =
        server === "aws"
            ? `upstream:http://127.0.0.1:${instance.ports.moto}`
            : `reverse:http://127.0.0.1:${githubBehindPort(instance)}`;
    const options: Record<string, string> = {
        confdir: folder(instance, server),
        ...(server === "aws" && { ssl_verify_upstream_trusted_ca: certificateAuthority(instance) }),
        connection_strategy: "lazy",
        flow_detail: "0",
        fault_log: logOf(instance, server),
        fault_times: String(fault === undefined ? 0 : (fault.times ?? 1_000_000)),
        fault_match: fault?.match ?? ".",
        fault_every: String(fault?.every ?? 1),
        fault_first: String(fault?.first ?? 1),
        fault_delay: String(fault?.silentSeconds ?? 0),
        fault_answers: JSON.stringify(fault?.answers ?? {}),
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
        { ready: () => answers(instance, server) },
    ).catch((error: unknown) => {
        throw new Error(`${(error as Error).message} (${logFile(instance, processName(server))})`);
    });
}

/** Marks a request that meets no fault and is not counted. */
const exempt = { "x-without-fault": "1" };

/** Whether the server itself answers through the proxy, over TLS that clients trust where they use it. */
async function answers(instance: Instance, server: Server): Promise<boolean> {
    const signal = AbortSignal.timeout(5000);
    const request =
        server === "github"
            ? http.get(`${githubAddress(instance)}/api/v3/`, { headers: exempt, agent: false, signal })
            : https.get(`https://sts.${sandboxAccount().region}.amazonaws.com/?${callerIdentity}`, {
                  headers: exempt,
                  agent: new HttpsProxyAgent(`http://127.0.0.1:${awsProxyPort(instance)}`),
                  ca: fs.readFileSync(proxyAuthority(instance)),
                  signal,
              });
    const [{ statusCode = 500 }] = (await once(request.end(), "response")) as [http.IncomingMessage];
    request.destroy();
    return statusCode < 500;
}

const callerIdentity = "Action=GetCallerIdentity&Version=2011-06-15";

/** How many requests have met the fault. */
export function met(instance: Instance, server: Server): number {
    const file = logOf(instance, server);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n").length : 0;
}
