import type { Predicate } from "../../delivery/evidence/predicates";
import type { ResponseHistory, TargetHistory } from "./history";
import { ObserveError } from "./error";
import type { Images, Scrape } from "./stretches";

/** A time span, in milliseconds since 1970. */
export interface Span {
    readonly startedAt: number;
    readonly endedAt: number;
}

/** A process's start time is computed from the boot time and may vary by so many seconds without a restart. */
const startToleranceSeconds = 2;

const ofRelease =
    (images: Images) =>
    ({ digest, service }: { readonly digest: string | undefined; readonly service: string }) =>
        digest !== undefined && images[service] === digest;

interface Increment {
    readonly at: number;
    readonly by: number;
}

/**
 * How much a counter grew in a span, sample by sample. PromQL's `increase` is not exact: it extrapolates, and it misses
 * a counter's first value, although a counter of errors appears with its first error.
 *
 * Of the pod: whether its process already ran before the span, so that the value in its first scrape is from before; when
 * it was first scraped in the span; and when its processes started.
 */
function increments(
    { samples }: ResponseHistory,
    { startedAt, endedAt }: Span,
    { knownBefore, firstScrape, restarts }: PodHistory,
): Increment[] {
    const inside = samples.filter(({ at }) => at > startedAt && at <= endedAt);
    const before = samples.filter(({ at }) => at <= startedAt).at(-1);
    const [first] = inside;
    let previous = before?.value ?? (knownBefore && first && first.at <= firstScrape ? first.value : 0);
    let since = before?.at ?? Infinity;
    return inside.map(({ at, value }) => {
        // A new process counts from zero, also when it has counted further than the one before it.
        const restarted = restarts.some((start) => start > since && start <= at);
        const by = value >= previous && !restarted ? value - previous : value;
        [previous, since] = [value, at];
        return { at, by };
    });
}

/** What is known of a pod's processes. */
interface PodHistory {
    readonly knownBefore: boolean;
    readonly firstScrape: number;
    readonly restarts: readonly number[];
}

/** When a pod's processes started, in milliseconds since 1970, each once. */
function startsOf({ samples }: TargetHistory): number[] {
    const starts: number[] = [];
    for (const { value } of samples)
        if (value - (starts.at(-1) ?? -Infinity) > startToleranceSeconds) starts.push(value);
    return starts.map((seconds) => seconds * 1000);
}

/** Requests and errors of the release's images in a span, each with the time of the scrape that counted them. */
export interface Responses {
    readonly requests: readonly Increment[];
    readonly serverErrors: readonly Increment[];
}

/**
 * Counts the responses of the release's images in a span.
 *
 * @param responses the counters, from a little before the span
 * @param starts when the pods' processes started
 */
export function responsesIn(
    responses: readonly ResponseHistory[],
    starts: readonly TargetHistory[],
    images: Images,
    span: Span,
): Responses {
    const firstScrapes = new Map<string, number>();
    const knownBefore = new Set<string>();
    const restarts = new Map<string, number[]>();
    for (const target of starts) {
        const { pod, samples } = target;
        restarts.set(pod, [...(restarts.get(pod) ?? []), ...startsOf(target)]);
        const first = samples.find(({ at }) => at > span.startedAt);
        if (first) firstScrapes.set(pod, Math.min(first.at, firstScrapes.get(pod) ?? first.at));
        if (samples.some(({ value }) => value * 1000 < span.startedAt)) knownBefore.add(pod);
    }
    const requests: Increment[] = [];
    const serverErrors: Increment[] = [];
    for (const one of responses.filter(ofRelease(images))) {
        const grown = increments(one, span, {
            knownBefore: knownBefore.has(one.pod),
            firstScrape: firstScrapes.get(one.pod) ?? 0,
            restarts: restarts.get(one.pod) ?? [],
        });
        if (one.serverError) serverErrors.push(...grown);
        if (one.serverError || !one.probe) requests.push(...grown);
    }
    return { requests, serverErrors };
}

export const sumOf = (increments: readonly Increment[]) => increments.reduce((sum, { by }) => sum + by, 0);

/** A container of a running pod, with its restarts as the cluster counts them. */
export interface RestartedContainer {
    readonly pod: string;
    readonly service: string;
    readonly digest: string | undefined;
    readonly restarts: number;
    /** When the container before this one ended; milliseconds since 1970. */
    readonly lastEndedAt: number | undefined;
    /** When the pod started; milliseconds since 1970. */
    readonly podStartedAt: number | undefined;
}

/**
 * Container restarts of the release's images in a span. For running pods the cluster counts them; for pods that are
 * gone, each change of the process's start time is a restart.
 *
 * @throws ObserveError when a pod served and Prometheus has no start time of its process
 */
export function restartsIn(
    targets: readonly TargetHistory[],
    starts: readonly TargetHistory[],
    running: readonly RestartedContainer[],
    images: Images,
    { startedAt, endedAt }: Span,
): number {
    const seen = new Map<string, number>();
    const served = targets
        .filter(ofRelease(images))
        .filter(({ samples }) => samples.some(({ at, value }) => value === 1 && at > startedAt && at <= endedAt));
    for (const { pod, service } of served) {
        const values = starts
            .filter((one) => one.pod === pod && one.service === service)
            .flatMap(({ samples }) => samples.filter(({ at }) => at <= endedAt))
            .sort((a, b) => a.at - b.at);
        if (!values.some(({ at }) => at > startedAt))
            throw new ObserveError(
                `Prometheus does not know when the process of pod ${pod} (${service}) started, so its restarts can't be counted.`,
            );
        const changes = values.filter(
            ({ at, value }, index) =>
                at > startedAt && index > 0 && value - (values[index - 1]?.value ?? value) > startToleranceSeconds,
        );
        seen.set(pod, changes.length);
    }
    for (const { pod, restarts, lastEndedAt, podStartedAt } of running.filter(ofRelease(images))) {
        const inside = lastEndedAt !== undefined && lastEndedAt >= startedAt && lastEndedAt <= endedAt;
        if (!inside) continue;
        const least = podStartedAt !== undefined && podStartedAt >= startedAt ? restarts : 1;
        seen.set(pod, Math.max(seen.get(pod) ?? 0, least));
    }
    return [...seen.values()].reduce((sum, one) => sum + one, 0);
}

/** At most so many intervals: enough for a chart, and small in an envelope. */
const maximumIntervals = 144;

type Course = NonNullable<Predicate<"soak">["course"]>;

/** The timeline of a span, in equal intervals of whole minutes. */
export function courseOf(responses: Responses, all: Iterable<Scrape>, { startedAt, endedAt }: Span): Course {
    const minute = 60_000;
    const length = minute * Math.max(1, Math.ceil((endedAt - startedAt) / minute / maximumIntervals));
    const count = Math.max(1, Math.ceil((endedAt - startedAt) / length));
    const intervals = Array.from({ length: count }, (_, index) => ({
        at: new Date(startedAt + index * length).toISOString(),
        requests: 0,
        serverErrors: 0,
        servingPods: Number.POSITIVE_INFINITY,
    }));
    // A scrape counts what happened before it.
    const intervalOf = (at: number) => intervals[Math.max(0, Math.ceil((at - startedAt) / length) - 1)];
    for (const name of ["requests", "serverErrors"] as const)
        for (const { at, by } of responses[name]) {
            const interval = intervalOf(at);
            if (interval) interval[name] += by;
        }
    for (const { at, servingPods } of all) {
        if (at < startedAt || at > endedAt) continue;
        const interval = intervalOf(at);
        if (interval) interval.servingPods = Math.min(interval.servingPods, servingPods);
    }
    return {
        intervalSeconds: length / 1000,
        intervals: intervals.map((one) => ({
            ...one,
            servingPods: Number.isFinite(one.servingPods) ? one.servingPods : 0,
        })),
    };
}
