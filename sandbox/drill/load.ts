import { execa } from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import { tail } from "../machine/command";
import { SandboxError } from "../machine/part";
import { waitUntil } from "../machine/process";
import { buildProgram } from "../toolchain/build";
import { loadProgram } from "../toolchain/programs";

export interface LoadOptions {
    /** The address to request; its host is sent in the `Host` header. */
    readonly url: string;
    /** `host:port` to connect to. @default the address's own */
    readonly connect?: string;
    /** File of the certificate that signs the server's. @default those that this machine trusts */
    readonly certificateAuthority?: string;
    /** Requests per second, independent of the answers. @default 50 */
    readonly rate?: number;
    /** Seconds after which a request has failed. @default 5 */
    readonly timeoutSeconds?: number;
    /** File for the records, JSON lines. */
    readonly file: string;
}

/** Results of a set of requests. A request failed when it got no answer or a status of 400 or above. */
export interface LoadCounts {
    readonly requests: number;
    readonly failed: number;
    /** Requests whose connection had just been closed, and which were sent on another one (RFC 9110, section 9.2.2). */
    readonly retried: number;
    readonly statuses: Readonly<Record<string, number>>;
    /** Answers by the version that gave them; the name is empty where an answer named none. */
    readonly versions: Readonly<Record<string, number>>;
    /** Failed answers by the version that gave them. */
    readonly failedVersions: Readonly<Record<string, number>>;
    readonly latencyMilliseconds: { readonly median: number; readonly p99: number; readonly maximum: number };
}

/** The requests that ended in one second, from `time` on (RFC 3339). */
export interface LoadSecond extends LoadCounts {
    readonly type: "second";
    readonly time: string;
}

/** One failed request; `time` is when it was due. */
export interface LoadFailure {
    readonly type: "failure";
    readonly time: string;
    readonly status?: number;
    readonly version?: string;
    readonly error?: string;
    readonly milliseconds: number;
}

export interface LoadSummary extends LoadCounts {
    readonly type: "summary";
    readonly start: string;
    /** When the last request had ended. */
    readonly time: string;
}

export type LoadRecord = LoadSecond | LoadFailure | LoadSummary;

export interface Load {
    /** What has been recorded until now. */
    records(): LoadRecord[];
    /** Ends the load after the pending requests, and returns its summary. @throws SandboxError when it ended before */
    stop(): Promise<LoadSummary>;
}

function readRecords(file: string): LoadRecord[] {
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, "utf8").split("\n");
    // What follows the last line break is still being written.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as LoadRecord);
}

/** Requests one address at a constant rate, in a child process that ends with this one. @throws SandboxError */
export async function startLoad(options: LoadOptions): Promise<Load> {
    const { url, connect, certificateAuthority, rate = 50, timeoutSeconds = 5, file } = options;
    const program = await buildProgram(loadProgram, () => undefined);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.rmSync(file, { force: true });
    const target = ["-url", url, ...(connect === undefined ? [] : ["-connect", connect])];
    const pace = ["-rate", String(rate), "-timeout", `${timeoutSeconds}s`];
    const load = execa(program, [...target, ...pace, "-output", file], {
        reject: false,
        stdin: "ignore",
        all: true,
        ...(certificateAuthority !== undefined && { env: { SSL_CERT_FILE: certificateAuthority } }),
    });
    const ended = () => load.exitCode !== null;
    await waitUntil(() => Promise.resolve(fs.existsSync(file) || ended()), "The load", 20, 20);
    const end = async (): Promise<LoadSummary> => {
        const { exitCode, all } = await load;
        const summary = readRecords(file).find((record) => record.type === "summary");
        if (exitCode === 0 && summary !== undefined) return summary;
        throw new SandboxError(`The load did not last until its end:\n${tail(all)}`);
    };
    if (ended()) await end();
    return {
        records: () => readRecords(file),
        stop: () => {
            load.kill("SIGTERM");
            return end();
        },
    };
}
