import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { run, succeeds } from "../../../sandbox/machine/command";
import { installPackages } from "../../../sandbox/machine/debian";
import { waitUntil } from "../../../sandbox/machine/process";
import { freePorts } from "./server";

export const digestA = { backend: `sha256:${"a".repeat(64)}`, frontend: `sha256:${"1".repeat(64)}` };
export const digestB = { backend: `sha256:${"b".repeat(64)}`, frontend: `sha256:${"2".repeat(64)}` };

export const hour = 3600;
export const minute = 60;

/** A pod of a synthetic history. Times are seconds after the beginning of the history. */
export interface Pod {
    readonly service: string;
    readonly pod: string;
    readonly digest?: string;
    readonly namespace?: string;
    readonly from: number;
    readonly to: number;
    /** When its first process started; a minute before `from` by default. */
    readonly started?: number;
    /** When its container was restarted. */
    readonly restarts?: readonly number[];
    /** Time spans in which it is not scraped. */
    readonly unscraped?: readonly (readonly [number, number])[];
    /** Time spans in which scrapes of it fail. */
    readonly silent?: readonly (readonly [number, number])[];
    /** Additional responses. Without `quiet`, the pod also answers a request to an API path every 10 s. */
    readonly answers?: readonly { readonly at: number; readonly status: number; readonly path?: string }[];
    /** Answers only the kubelet's health checks. */
    readonly quiet?: boolean;
    /** Seconds by which its scrapes are later than multiples of the interval; different for each pod by default. */
    readonly offset?: number;
}

export const scrapeSeconds = 15;

/** Requests that a pod has answered so many seconds after its process started: one in 10 s. */
const served = (seconds: number) => Math.floor(seconds / 10);

/** The history of some pods as OpenMetrics text (https://openmetrics.io), with absolute timestamps. */
export function openMetrics(pods: readonly Pod[], beginning: number): string {
    const lines = { up: [] as string[], process: [] as string[], http: [] as string[] };
    for (const [index, one] of pods.entries()) {
        const label = (more = "") => {
            const digest = one.digest === undefined ? "" : `,image_digest="${one.digest}"`;
            return `{namespace="${one.namespace ?? "relaypacs-staging"}",pod="${one.pod}",service="${one.service}"${digest}${more}}`;
        };
        const within = (at: number, stretches: readonly (readonly [number, number])[] = []) =>
            stretches.some(([from, to]) => at > from && at < to);
        // Pods are not scraped at the same time.
        const offset = one.offset ?? index % scrapeSeconds;
        const starts = [one.started ?? one.from - minute, ...(one.restarts ?? [])];
        const counters = new Map<string, string[]>();
        const first = Math.ceil((one.from - offset) / scrapeSeconds) * scrapeSeconds + offset;
        for (let at = first; at <= one.to; at += scrapeSeconds) {
            if (within(at, one.unscraped)) continue;
            const when = beginning + at;
            const silent = within(at, one.silent);
            lines.up.push(`up${label()} ${silent ? 0 : 1} ${when}`);
            if (silent) continue;
            const start = starts.filter((other) => other <= at).at(-1)!;
            lines.process.push(`process_start_time_seconds${label()} ${beginning + start} ${when}`);
            const counts = new Map<string, number>([["/health 200", Math.floor((at - start) / 5)]]);
            if (one.quiet !== true) counts.set("/api/v1/uploads 200", served(at - start));
            for (const answer of one.answers ?? []) {
                if (answer.at < start || answer.at > at) continue;
                const key = `${answer.path ?? "/api/v1/uploads"} ${answer.status}`;
                counts.set(key, (counts.get(key) ?? 0) + 1);
            }
            for (const [key, count] of counts) {
                const [address = "", status = ""] = key.split(" ");
                const series = counters.get(key) ?? [];
                counters.set(key, series);
                series.push(
                    `http_requests_total${label(`,method="GET",path="${address}",status="${status}"`)} ${count} ${when}`,
                );
            }
        }
        lines.http.push(...[...counters.values()].flat());
    }
    return [
        ...["# TYPE up gauge", ...lines.up],
        ...["# TYPE process_start_time_seconds gauge", ...lines.process],
        ...["# TYPE http_requests counter", ...lines.http],
        "# EOF",
        "",
    ].join("\n");
}

/** A Prometheus that has a synthetic history and scrapes nothing. */
export interface RunningPrometheus {
    readonly url: string;
    stop(): Promise<void>;
}

/** Installs Debian's Prometheus if it is missing. */
export async function installPrometheus(): Promise<void> {
    const there = await Promise.all(["prometheus", "promtool"].map((one) => succeeds(one, ["--version"])));
    if (there.includes(false)) await installPackages(["prometheus"]);
}

/**
 * Starts Prometheus on a free port of 127.0.0.1 in a temporary folder, with the history in its database.
 *
 * @param retention how long it keeps samples
 */
export async function startPrometheus(history: string, retention = "30d"): Promise<RunningPrometheus> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-prometheus-"));
    const remove = () => {
        fs.rmSync(folder, { recursive: true, force: true });
    };
    try {
        const data = path.join(folder, "data");
        const file = path.join(folder, "history.txt");
        const configuration = path.join(folder, "prometheus.yml");
        fs.writeFileSync(file, history);
        fs.writeFileSync(configuration, "global: {}\n");
        await run("promtool", ["tsdb", "create-blocks-from", "openmetrics", "-q", file, data]);
        const [port = 0] = await freePorts(1);
        const url = `http://127.0.0.1:${port}`;
        const server = execa(
            "prometheus",
            [
                `--config.file=${configuration}`,
                `--storage.tsdb.path=${data}`,
                `--storage.tsdb.retention.time=${retention}`,
                `--web.listen-address=127.0.0.1:${port}`,
            ],
            { reject: false, stdio: "ignore" },
        );
        const stop = async () => {
            server.kill("SIGTERM");
            await server;
            remove();
        };
        try {
            await waitUntil(
                async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true,
                "Prometheus",
                30,
                100,
            );
        } catch (error) {
            await stop();
            throw error;
        }
        return { url, stop };
    } catch (error) {
        remove();
        throw error;
    }
}
