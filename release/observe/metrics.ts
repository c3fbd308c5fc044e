/**
 * What the services report and how Prometheus labels it: the only place that knows these names. Pods are scraped when
 * annotated with `prometheus.io/scrape`.
 */
export const metrics = {
    /** 1 when a scrape succeeded, 0 when not; Prometheus writes it itself. */
    up: "up",
    /** Counter of answers, by `method`, `path` and `status`. */
    requests: "http_requests_total",
    /** When the process started, in seconds since 1970; it differs after a container's restart. */
    processStart: "process_start_time_seconds",
} as const;

/** Labels of every series of a pod. */
export const labels = {
    namespace: "namespace",
    pod: "pod",
    service: "service",
    /** `sha256:…` of the image, from the pod's annotation `relaypacs.com/image-digest`. */
    digest: "image_digest",
    path: "path",
    status: "status",
} as const;

/** Paths that machines ask all the time. That they are answered says nothing about users. */
export const machinePaths: ReadonlySet<string> = new Set(["/health", "/livez", "/metrics"]);

/** A label's value inside a matcher with quotes. */
const quoted = (value: string) => JSON.stringify(value);

const oneOf = (values: readonly string[]) =>
    quoted(values.map((value) => value.replaceAll(/[\\^$.|?*+()[\]{}]/g, "\\$&")).join("|"));

/** Selects a metric of some services in a namespace, whatever their images. */
export function selector(metric: keyof typeof metrics, namespace: string, services: readonly string[]): string {
    return `${metrics[metric]}{${labels.namespace}=${quoted(namespace)},${labels.service}=~${oneOf(services)}}`;
}
