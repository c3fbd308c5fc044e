import { healthJob, labels, machinePaths, metrics } from "../../delivery/core/metrics";

/** The service that a query is about, and the time that it covers. */
export interface Measured {
    readonly namespace: string;
    readonly service: string;
    /** Seconds that a measurement looks back. */
    readonly windowSeconds: number;
}

/** Argo replaces these with the pod template hash of the new and of the stable ReplicaSet. */
export const hashes = { green: "{{args.canary-hash}}", blue: "{{args.stable-hash}}" } as const;

export type Colour = keyof typeof hashes;

/**
 * A colour's requests in the window, zero where there was none. `increase` compares samples of one series and so misses
 * the answers with which a series is born (a new pod, path or status), and those after a restart that went unseen
 * because the counter is not lower than before; they are added. What a restarted process has counted may be there twice,
 * among the errors as among all requests.
 */
function requests({ namespace, service, windowSeconds }: Measured, colour: Colour, status = ""): string {
    const ofColour = [
        `${labels.namespace}="${namespace}"`,
        `${labels.service}="${service}"`,
        `${labels.templateHash}="${hashes[colour]}"`,
    ];
    const ofPeople = [
        ...ofColour,
        `${labels.path}!~"${machinePaths.join("|")}"`,
        ...(status ? [`${labels.status}=~"${status}"`] : []),
    ];
    const counted = `${metrics.requests}{${ofPeople.join(",")}}`;
    const window = `${windowSeconds}s`;
    const restarted = `${metrics.processStart}{${ofColour.join(",")}} > time() - ${windowSeconds}`;
    const sums = [
        `sum(increase(${counted}[${window}]))`,
        `sum(min_over_time(${counted}[${window}]) unless ${counted} offset ${window})`,
        `sum(${counted} and ${counted} offset ${window} and on (${labels.pod}) (${restarted}))`,
    ];
    return `(${sums.map((sum) => `(${sum} or vector(0))`).join(" + ")})`;
}

/** Share of requests that were answered with a server error, in percent; not a number where there was no request. */
const errorPercent = (measured: Measured, colour: Colour): string =>
    `100 * ${requests(measured, colour, "5..")} / ${requests(measured, colour)}`;

/** The baseline for green: blue's errors, or zero where blue is down or had fewer than `minimum` requests. */
const blueErrors = (measured: Measured, minimum: number): string =>
    `(${errorPercent(measured, "blue")} and (${requests(measured, "blue")} >= ${minimum}) or vector(0))`;

/**
 * Percentage points by which green fails more than blue; empty unless green had `minimum` requests. Blue's traffic is
 * not required: a hotfix must pass when blue answers no request.
 */
export const errorIncrease = (measured: Measured, minimum: number): string =>
    `(${errorPercent(measured, "green")} - ${blueErrors(measured, minimum)})` +
    ` and (${requests(measured, "green")} >= ${minimum})`;

/** Percentage of green's requests that failed; empty unless it had `minimum` requests. */
export const greenErrors = (measured: Measured, minimum: number): string =>
    `(${errorPercent(measured, "green")}) and (${requests(measured, "green")} >= ${minimum})`;

/** Green's requests; zero where nothing was measured. */
export const greenTraffic = (measured: Measured): string => requests(measured, "green");

function pods({ namespace, service }: Measured, ...more: readonly string[]): string {
    const matchers = [
        `${labels.job}="${healthJob}"`,
        `${labels.namespace}="${namespace}"`,
        `${labels.service}="${service}"`,
        `${labels.templateHash}="${hashes.green}"`,
        ...more,
    ];
    return `${metrics.up}{${matchers.join(",")}}`;
}

/**
 * Percentage of green's pods that are unhealthy: known for the whole window, and for most of it not answering or not
 * ready. A pod that is moved to another node does not count, because the old pod is gone and the new one is too young.
 * Empty where no pod is known.
 */
export const unhealthyPods = (measured: Measured): string => {
    const window = `[${measured.windowSeconds}s]`;
    const all = `sum by (${labels.pod}) (count_over_time(${pods(measured)}${window}))`;
    const good = `sum by (${labels.pod}) (sum_over_time(${pods(measured, `${labels.ready}="true"`)}${window}))`;
    const known = `group by (${labels.pod}) (${pods(measured)})`;
    const before = `group by (${labels.pod}) (${pods(measured)} offset ${measured.windowSeconds}s)`;
    return (
        `100 * (count(((${good} or 0 * ${all}) < 0.5 * ${all}) and ${known} and ${before}) or vector(0))` +
        ` / count(${known})`
    );
};

/** How many of green's pods Prometheus knows. */
export const knownPods = (measured: Measured): string => `count(${pods(measured)}) or vector(0)`;
