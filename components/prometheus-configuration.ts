import { stringify } from "yaml";

export interface ScrapeSettings {
    /** Seconds between two scrapes of a pod. */
    readonly scrapeSeconds: number;
    /** Namespaces of the environments, whose pods' health is recorded as well. */
    readonly environments: readonly string[];
    /** Namespaces of the controllers. */
    readonly controllers: readonly string[];
}

/** Job whose `up` says whether a pod answers, with Kubernetes' own judgement as the label `ready`. */
export const healthJob = "pod-health";

const meta = (name: string) => `__meta_kubernetes_pod_${name}`;

/** Labels of every series: where it comes from, which release and which of two colours it is. */
const labels: Readonly<Record<string, string>> = {
    namespace: "__meta_kubernetes_namespace",
    pod: meta("name"),
    service: meta("label_app_kubernetes_io_name"),
    version: meta("label_app_kubernetes_io_version"),
    image_digest: meta("annotation_relaypacs_com_image_digest"),
    rollouts_pod_template_hash: meta("label_rollouts_pod_template_hash"),
};

/** Pods that ask for it by `prometheus.io/scrape`, at the port and path that they name; not those that have ended. */
const annotated = [
    { source_labels: [meta("annotation_prometheus_io_scrape")], regex: "true", action: "keep" },
    { source_labels: [meta("phase")], regex: "Succeeded|Failed", action: "drop" },
    { source_labels: [meta("annotation_prometheus_io_path")], regex: "(.+)", target_label: "__metrics_path__" },
    {
        source_labels: [meta("ip"), meta("annotation_prometheus_io_port")],
        separator: ":",
        regex: "(.+:\\d+)",
        target_label: "__address__",
    },
    ...Object.entries(labels).map(([target_label, source]) => ({ source_labels: [source], target_label })),
];

const discovered = (namespaces: readonly string[]) => [{ role: "pod", namespaces: { names: [...namespaces] } }];

/**
 * Prometheus's own configuration file. `ready` is a label of the health job alone: it changes while a pod lives, and a
 * series whose labels change ends, which would tear counters apart.
 */
export function scrapeConfiguration({ scrapeSeconds, environments, controllers }: ScrapeSettings): string {
    const timeout = Math.min(10, scrapeSeconds);
    return stringify({
        global: {
            scrape_interval: `${scrapeSeconds}s`,
            scrape_timeout: `${timeout}s`,
            evaluation_interval: `${scrapeSeconds}s`,
        },
        scrape_configs: [
            {
                job_name: "pods",
                kubernetes_sd_configs: discovered([...environments, ...controllers]),
                relabel_configs: annotated,
            },
            {
                job_name: healthJob,
                kubernetes_sd_configs: discovered(environments),
                relabel_configs: [...annotated, { source_labels: [meta("ready")], target_label: "ready" }],
                metric_relabel_configs: [{ source_labels: ["__name__"], regex: ".*", action: "drop" }],
            },
        ],
    });
}
