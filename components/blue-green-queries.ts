/** Which pods of which service a query is about, and over which time. */
export interface Measured {
    readonly namespace: string;
    readonly service: string;
    /** Seconds that a measurement looks back. */
    readonly windowSeconds: number;
}

/** Argo replaces these with the pod template hash of the new and of the stable ReplicaSet. */
export const hashes = { green: "{{args.canary-hash}}", blue: "{{args.stable-hash}}" } as const;

export type Colour = keyof typeof hashes;

/** Paths that machines ask: counted in, they would thin out the errors that people meet. */
const quietPaths = "/health|/livez|/metrics";

function requests({ namespace, service, windowSeconds }: Measured, colour: Colour, status = ""): string {
    const labels = [
        `namespace="${namespace}"`,
        `service="${service}"`,
        `rollouts_pod_template_hash="${hashes[colour]}"`,
        `path!~"${quietPaths}"`,
        ...(status ? [`status=~"${status}"`] : []),
    ];
    return `sum(increase(http_requests_total{${labels.join(",")}}[${windowSeconds}s]))`;
}

/** Share of requests that were answered with a server error, in percent; nothing where there was no request. */
const errorPercent = (measured: Measured, colour: Colour): string =>
    `100 * (${requests(measured, colour, "5..")} or vector(0)) / ${requests(measured, colour)}`;

/** What green is held against: blue's errors, or none where blue is dead or had too few requests to speak for it. */
const blueErrors = (measured: Measured, minimum: number): string =>
    `(${errorPercent(measured, "blue")} and (${requests(measured, "blue")} >= ${minimum}) or vector(0))`;

/**
 * Percentage points by which green fails more than blue; nothing unless green had `minimum` requests. A hotfix must pass
 * when blue answers nobody, so blue's traffic holds nothing up.
 */
export const errorIncrease = (measured: Measured, minimum: number): string =>
    `(${errorPercent(measured, "green")} - ${blueErrors(measured, minimum)})` +
    ` and (${requests(measured, "green")} >= ${minimum})`;

/** Percentage of green's requests that failed; nothing unless it had `minimum` requests. */
export const greenErrors = (measured: Measured, minimum: number): string =>
    `(${errorPercent(measured, "green")}) and (${requests(measured, "green")} >= ${minimum})`;

/** Green's requests; zero where nothing was measured. */
export const greenTraffic = (measured: Measured): string => `(${requests(measured, "green")} or vector(0))`;

function pods({ namespace, service }: Measured, more = ""): string {
    return `up{job="pod-health",namespace="${namespace}",service="${service}",rollouts_pod_template_hash="${hashes.green}"${more}}`;
}

/**
 * Percentage of green's pods that are unhealthy: known for the whole window, and for most of it not answering or called
 * not ready by Kubernetes. A pod that moves to another node is neither: one has just gone, the other just come. Nothing
 * where no pod is known.
 */
export const unhealthyPods = (measured: Measured): string => {
    const window = `[${measured.windowSeconds}s]`;
    const all = `sum by (pod) (count_over_time(${pods(measured)}${window}))`;
    const good = `sum by (pod) (sum_over_time(${pods(measured, ',ready="true"')}${window}))`;
    const known = `group by (pod) (${pods(measured)})`;
    const before = `group by (pod) (${pods(measured)} offset ${measured.windowSeconds}s)`;
    return (
        `100 * (count(((${good} or 0 * ${all}) < 0.5 * ${all}) and ${known} and ${before}) or vector(0))` +
        ` / count(${known})`
    );
};

/** How many of green's pods Prometheus knows. */
export const knownPods = (measured: Measured): string => `count(${pods(measured)}) or vector(0)`;
