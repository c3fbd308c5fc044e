import { z } from "zod";
import { formatSeconds, parseSeconds } from "../../delivery/core/time";
import { ObserveError } from "./error";

const answer = z.union([
    z.object({ status: z.literal("success"), data: z.unknown() }),
    z.object({ status: z.literal("error"), errorType: z.string(), error: z.string() }),
]);

const matrix = z.object({
    resultType: z.literal("matrix"),
    result: z.array(
        z.object({
            metric: z.record(z.string(), z.string()),
            values: z.array(z.tuple([z.number(), z.string()])),
        }),
    ),
});

const scalar = z.object({ resultType: z.literal("scalar"), result: z.tuple([z.number(), z.string()]) });

/** A sample: its time in milliseconds since 1970, and its value. */
export interface Sample {
    readonly at: number;
    readonly value: number;
}

/** One series with its samples, oldest first. */
export interface Series {
    readonly labels: Readonly<Record<string, string>>;
    readonly samples: readonly Sample[];
}

/** Prometheus' HTTP API v1, as much as is needed. Every failure is an `ObserveError`. */
export class Prometheus {
    private readonly base: string;

    /** @param url address of Prometheus, such as https://prometheus.relaypacs.com */
    constructor(
        readonly url: string,
        private readonly timeoutMilliseconds = 30_000,
    ) {
        if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
            throw new ObserveError(
                `--prometheus is "${url}"; it must be an address such as https://prometheus.example.`,
            );
        this.base = url.replace(/\/+$/, "");
    }

    private async ask(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
        let text: string;
        let status: number;
        try {
            const response = await fetch(`${this.base}/api/v1/${path}`, {
                method: Object.keys(parameters).length > 0 ? "POST" : "GET",
                ...(Object.keys(parameters).length > 0 && { body: new URLSearchParams(parameters) }),
                signal: AbortSignal.timeout(this.timeoutMilliseconds),
            });
            status = response.status;
            text = await response.text();
        } catch (error) {
            const { cause } = error as { cause?: { code?: string } };
            throw new ObserveError(
                `Prometheus at ${this.base} can't be reached (${cause?.code ?? (error as Error).name}); nothing can be attested without its samples.`,
            );
        }
        let json: unknown;
        try {
            json = JSON.parse(text);
        } catch {
            json = undefined;
        }
        const parsed = answer.safeParse(json);
        if (!parsed.success)
            throw new ObserveError(
                `${this.base} answered ${status} with something that is not a response of Prometheus.`,
            );
        if (parsed.data.status === "error")
            throw new ObserveError(
                `Prometheus refused ${path} ${parameters.query ?? ""}: ${parsed.data.errorType}: ${parsed.data.error}.`,
            );
        return parsed.data.data;
    }

    private parse<Shape extends z.ZodType>(shape: Shape, data: unknown, query: string): z.output<Shape> {
        const parsed = shape.safeParse(data);
        if (!parsed.success) throw new ObserveError(`Prometheus' response to ${query} has an unexpected format.`);
        return parsed.data;
    }

    /**
     * The stored samples of a selector after `from`, up to and including `to`. They are raw: nothing is extrapolated
     * and no gap is filled.
     *
     * @param selector an instant vector selector
     * @param from and to milliseconds since 1970
     * @param chunkMilliseconds time range of one request
     */
    async samples(selector: string, from: number, to: number, chunkMilliseconds: number): Promise<Series[]> {
        const found = new Map<string, { labels: Readonly<Record<string, string>>; samples: Sample[] }>();
        for (let start = from; start < to; start += chunkMilliseconds) {
            const end = Math.min(start + chunkMilliseconds, to);
            const query = `${selector}[${Math.ceil(end - start)}ms]`;
            const data = await this.ask("query", { query, time: (end / 1000).toFixed(3) });
            for (const { metric, values } of this.parse(matrix, data, query).result) {
                const key = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
                const series = found.get(key) ?? { labels: metric, samples: [] };
                found.set(key, series);
                for (const [seconds, value] of values) {
                    const at = Math.round(seconds * 1000);
                    // In Prometheus 2, a range includes both of its ends.
                    if (at <= start || at <= (series.samples.at(-1)?.at ?? 0)) continue;
                    series.samples.push({ at, value: Number(value) });
                }
            }
        }
        return [...found.values()];
    }

    /** The time by Prometheus' own clock, in milliseconds since 1970. */
    async now(): Promise<number> {
        const query = "time()";
        return Number(this.parse(scalar, await this.ask("query", { query }), query).result[1]) * 1000;
    }

    /** How long samples are kept, in seconds; undefined when retention is by size only. */
    async retention(): Promise<number | undefined> {
        const shape = z.object({ storageRetention: z.string() });
        const { storageRetention } = this.parse(shape, await this.ask("status/runtimeinfo", {}), "runtimeinfo");
        return parseSeconds(storageRetention.split(" or ")[0] ?? "");
    }
}

/**
 * The present time by Prometheus' clock, which also stamps the samples.
 *
 * @throws ObserveError when its clock and this machine's differ by more than `skewSeconds`
 */
export async function synchronizedNow(prometheus: Prometheus, skewSeconds: number): Promise<number> {
    const before = Date.now();
    const theirs = await prometheus.now();
    const ours = (before + Date.now()) / 2;
    const slack = (Date.now() - before) / 2;
    if (Math.abs(theirs - ours) - slack > skewSeconds * 1000)
        throw new ObserveError(
            `Prometheus' clock says ${new Date(theirs).toISOString()}, this machine's ${new Date(ours).toISOString()}; ` +
                `they may differ by ${formatSeconds(skewSeconds)}. Synchronize the clocks.`,
        );
    return theirs;
}

/** @throws ObserveError when Prometheus keeps samples for less time than has to be proved */
export async function checkRetention(prometheus: Prometheus, neededSeconds: number): Promise<void> {
    const kept = await prometheus.retention();
    if (kept === undefined || kept >= neededSeconds) return;
    throw new ObserveError(
        `Prometheus at ${prometheus.url} keeps samples for ${formatSeconds(kept)} only, and ` +
            `${formatSeconds(neededSeconds)} have to be proved; raise --storage.tsdb.retention.time.`,
    );
}
