/**
 * What the services report to Prometheus, and how it labels that: the only place that knows these names. The scrape
 * configuration makes the labels; the canary's queries, the policies about them and `release observe` read them.
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
    version: "version",
    /** `sha256:…` of the image, from the pod's annotation `relaypacs.com/image-digest`. */
    digest: "image_digest",
    /** Which of two colours a pod is of: the pod template hash by which Argo Rollouts tells its ReplicaSets apart. */
    templateHash: "rollouts_pod_template_hash",
    path: "path",
    status: "status",
    /** Kubernetes' own judgement of a pod; only on series of the job `pod-health`. */
    ready: "ready",
    job: "job",
} as const;

/** Job whose `up` says whether a pod answers, with Kubernetes' own judgement as the label `ready`. */
export const healthJob = "pod-health";

/** Where the environment's health is asked for (specification, section 4, stage 10). */
export const healthPath = "/health";

/** Where a pod is scraped. */
export const metricsPath = "/metrics";

/** Paths that machines ask all the time. Counted in, they would thin out the errors that people meet. */
export const machinePaths = [healthPath, "/livez", metricsPath] as const;

/** A label's value inside a matcher with quotes. */
const quoted = (value: string) => JSON.stringify(value);

const oneOf = (values: readonly string[]) =>
    quoted(values.map((value) => value.replaceAll(/[\\^$.|?*+()[\]{}]/g, "\\$&")).join("|"));

/** Selects a metric of some services in a namespace, whatever their images. */
export function selector(metric: keyof typeof metrics, namespace: string, services: readonly string[]): string {
    return `${metrics[metric]}{${labels.namespace}=${quoted(namespace)},${labels.service}=~${oneOf(services)}}`;
}
