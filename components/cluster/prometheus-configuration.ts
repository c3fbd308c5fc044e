import { stringify } from "yaml";
import { healthJob, labels } from "../../delivery/core/metrics";

export interface ScrapeSettings {
    /** Seconds between two scrapes of a pod. */
    readonly scrapeSeconds: number;
    /** Namespaces of the environments; the health of their pods is recorded as well. */
    readonly environments: readonly string[];
    /** Namespaces of the controllers. */
    readonly controllers: readonly string[];
}

const meta = (name: string) => `__meta_kubernetes_pod_${name}`;

/** The sources of every series' labels: its pod, its release and its colour. */
const sources: Readonly<Record<string, string>> = {
    [labels.namespace]: "__meta_kubernetes_namespace",
    [labels.pod]: meta("name"),
    [labels.service]: meta("label_app_kubernetes_io_name"),
    [labels.version]: meta("label_app_kubernetes_io_version"),
    [labels.digest]: meta("annotation_relaypacs_com_image_digest"),
    [labels.templateHash]: meta("label_rollouts_pod_template_hash"),
};

/** Pods annotated with `prometheus.io/scrape`, at the port and path of their annotations, unless they have ended. */
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
    ...Object.entries(sources).map(([target_label, source]) => ({ source_labels: [source], target_label })),
];

const discovered = (namespaces: readonly string[]) => [{ role: "pod", namespaces: { names: [...namespaces] } }];

/**
 * Prometheus's configuration file. Only the health job has the label `ready`: it changes during a pod's life, and a
 * changed label starts a new series, which would break counters.
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
                relabel_configs: [...annotated, { source_labels: [meta("ready")], target_label: labels.ready }],
                metric_relabel_configs: [{ source_labels: ["__name__"], regex: ".*", action: "drop" }],
            },
        ],
    });
}
