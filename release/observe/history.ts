import { labels, machinePaths, selector } from "../../delivery/core/metrics";
import type { Prometheus, Sample, Series } from "./prometheus";

/** A pod of a service, as Prometheus labels it. */
export interface Target {
    readonly pod: string;
    readonly service: string;
    /** `sha256:…`; undefined for a pod without the annotation that names its image. */
    readonly digest: string | undefined;
}

/** A series of a pod, such as whether each scrape succeeded (1) or failed (0). */
export interface TargetHistory extends Target {
    readonly samples: readonly Sample[];
}

/** One counter of a pod's responses. */
export interface ResponseHistory extends Target {
    /** A status from 500 to 599. */
    readonly serverError: boolean;
    /** A path of health checks or scrapes. Such a response counts as a request only when it failed. */
    readonly probe: boolean;
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

/** Reads Prometheus' samples of some services of one namespace. Times are milliseconds since 1970. */
export class HistoryReader {
    constructor(
        private readonly prometheus: Prometheus,
        private readonly namespace: string,
        private readonly services: readonly string[],
    ) {}

    /** The scrapes of every pod of the services, whatever image it runs. */
    async targets(from: number, to: number): Promise<TargetHistory[]> {
        const found = await this.prometheus.samples(selector("up", this.namespace, this.services), from, to, 6 * hour);
        return found.map((one) => ({ ...targetOf(one), samples: one.samples }));
    }

    /** The counters of responses. */
    async responses(from: number, to: number): Promise<ResponseHistory[]> {
        const found = await this.prometheus.samples(
            selector("requests", this.namespace, this.services),
            from,
            to,
            hour,
        );
        return found.map((one) => ({
            ...targetOf(one),
            serverError: /^5\d\d$/.test(one.labels[labels.status] ?? ""),
            probe: (machinePaths as readonly string[]).includes(one.labels[labels.path] ?? ""),
            samples: one.samples,
        }));
    }

    /** The start times of each pod's processes. */
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

/** Median time between two scrapes, in milliseconds. Undefined when no pod was scraped twice. */
export function scrapeInterval(targets: readonly TargetHistory[]): number | undefined {
    const distances = targets
        .flatMap(({ samples }) => samples.slice(1).map((one, index) => one.at - (samples[index]?.at ?? one.at)))
        .sort((a, b) => a - b);
    return distances[Math.floor(distances.length / 2)];
}
