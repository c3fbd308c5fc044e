import { labels, machinePaths, selector } from "./metrics";
import type { Prometheus, Sample, Series } from "./prometheus";

/** A pod of a service as Prometheus saw it. */
export interface Target {
    readonly pod: string;
    readonly service: string;
    /** `sha256:…`; undefined for a pod that does not say what it runs. */
    readonly digest: string | undefined;
}

/** Whether a pod answered, scrape by scrape: 1 or 0. */
export interface TargetHistory extends Target {
    readonly samples: readonly Sample[];
}

/** One counter of answers of a pod. */
export interface AnswerHistory extends Target {
    /** A status from 500 to 599. */
    readonly serverError: boolean;
    /** Asked for by a machine that asks all the time: counts as a request only when it failed. */
    readonly machine: boolean;
    readonly samples: readonly Sample[];
}

const hour = 3_600_000;

function targetOf({ labels: given }: Series): Target {
    return {
        pod: given[labels.pod] ?? "",
        service: given[labels.service] ?? "",
        digest: given[labels.digest] === "" ? undefined : given[labels.digest],
    };
}

/** Reads what Prometheus stored about some services of one namespace. Moments are milliseconds since 1970. */
export class HistoryReader {
    constructor(
        private readonly prometheus: Prometheus,
        private readonly namespace: string,
        private readonly services: readonly string[],
    ) {}

    /** Scrapes of every pod of the services, whatever image it runs. */
    async targets(from: number, to: number): Promise<TargetHistory[]> {
        const found = await this.prometheus.samples(selector("up", this.namespace, this.services), from, to, 6 * hour);
        return found.map((one) => ({ ...targetOf(one), samples: one.samples }));
    }

    /** Counters of answers. */
    async answers(from: number, to: number): Promise<AnswerHistory[]> {
        const found = await this.prometheus.samples(
            selector("requests", this.namespace, this.services),
            from,
            to,
            hour,
        );
        return found.map((one) => ({
            ...targetOf(one),
            serverError: /^5\d\d$/.test(one.labels[labels.status] ?? ""),
            machine: machinePaths.has(one.labels[labels.path] ?? ""),
            samples: one.samples,
        }));
    }

    /** When each pod's process started, as its samples say. */
    async processStarts(from: number, to: number): Promise<TargetHistory[]> {
        const found = await this.prometheus.samples(
            selector("processStart", this.namespace, this.services),
            from,
            to,
            6 * hour,
        );
        return found.map((one) => ({ ...targetOf(one), samples: one.samples }));
    }
}

/** Milliseconds between two scrapes: the median of all distances. Undefined when nothing was scraped twice. */
export function scrapeInterval(targets: readonly TargetHistory[]): number | undefined {
    const distances = targets
        .flatMap(({ samples }) => samples.slice(1).map((one, index) => one.at - (samples[index]?.at ?? one.at)))
        .sort((a, b) => a - b);
    return distances[Math.floor(distances.length / 2)];
}
