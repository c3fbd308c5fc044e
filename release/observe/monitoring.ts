import { formatSeconds } from "../../delivery/core/time";
import type { Limits } from "../../delivery/gates/engine/limits";
import type { Predicate } from "../../delivery/evidence/predicates";
import type { Cluster } from "./cluster";
import { responsesIn, courseOf, sumOf } from "./counting";
import { ObserveError } from "./error";
import { HistoryReader, scrapeInterval, type TargetHistory } from "./history";
import { synchronizedNow, checkRetention, type Prometheus } from "./prometheus";
import { observedSeconds, scrapes, staleAfter, stretchesOf, type Images, type Scrape } from "./stretches";
import type { Workload } from "./workloads";

/** How far back a hotfix that was rolled back is looked for. */
const lookBackSeconds = 86_400;

/** What the monitoring reads, and the limits that it judges by. */
export interface MonitoringInput {
    readonly prometheus: Prometheus;
    readonly cluster: Pick<Cluster, "namespace" | "workloads" | "pods">;
    readonly images: Images;
    readonly limits: Limits;
    /** Fewest requests for which the error rate is judged. */
    readonly minimumRequests: number;
}

/** Production after a hotfix, as observed until now. */
export interface MonitoringState {
    readonly predicate: Predicate<"monitoring">;
    /** Why the monitoring ends before its time, such as a rollback; undefined when the hotfix runs well. */
    readonly failure: string | undefined;
    /** Whether the whole monitoring time was observed. */
    readonly complete: boolean;
}

/** The hotfix's rollout in the cluster: since when it has all traffic, or why it was rolled back. */
function rolloutOf(workloads: readonly Workload[], images: Images, namespace: string) {
    const ours = Object.entries(images).map(([service, digest]) => {
        const workload = workloads.find(({ name }) => name === service);
        if (workload === undefined)
            throw new ObserveError(`There is no Rollout or Deployment ${service} in ${namespace}.`);
        return { service, digest, workload };
    });
    const replaced = ours.find(({ digest, workload }) => workload.image?.endsWith(`@${digest}`) !== true);
    const aborted = ours.find(({ workload }) => workload.abortedBy !== undefined);
    const times = ours.map(({ workload }) => workload.completedAt);
    const rolledBack = aborted
        ? `the rollout of ${aborted.service} was aborted: ${aborted.workload.abortedBy ?? ""}`
        : replaced && `${replaced.service} runs ${replaced.workload.image ?? "no image"} now`;
    return {
        rolledBack,
        completedAt: rolledBack === undefined && times.every((at) => at !== undefined) ? Math.max(...times) : undefined,
        wanted: ours.reduce((sum, { workload }) => sum + workload.replicas, 0),
    };
}

/**
 * When a hotfix that was rolled back began to take traffic: the beginning of the last stretch in which it served alone,
 * or else its first sample.
 */
function startBeforeRollback(targets: readonly TargetHistory[], images: Images, interval: number, now: number): number {
    const alone = stretchesOf(scrapes(targets, images, interval), interval, now).at(-1)?.startedAt;
    const first = targets
        .filter(({ digest, service }) => images[service] === digest)
        .map(({ samples }) => samples[0]?.at ?? now);
    if (first.length === 0) throw new ObserveError("These images never served production in the last day.");
    return alone ?? Math.min(...first);
}

/**
 * The fewest pods that served at once. Ignores the first interval after a gap, in which not all are scraped again yet.
 */
function fewestServing(all: Iterable<Scrape>, from: number, interval: number): number | undefined {
    let fewest: number | undefined;
    let [last, settled] = [Number.NEGATIVE_INFINITY, 0];
    for (const { at, servingPods } of all) {
        if (at - last > staleAfter(interval)) settled = at + interval;
        last = at;
        if (at >= from && at >= settled) fewest = Math.min(fewest ?? servingPods, servingPods);
    }
    return fewest;
}

function failureOf(one: Predicate<"monitoring">, rolledBack: string | undefined, input: MonitoringInput) {
    const { limits, minimumRequests } = input;
    if (rolledBack !== undefined) return rolledBack;
    if (one.unhealthyPodsPercent > limits.monitoringUnhealthyPercent)
        return `${one.unhealthyPodsPercent} % of the pods were unhealthy, at most ${limits.monitoringUnhealthyPercent} % are accepted`;
    if (one.requests >= minimumRequests && one.serverErrors * 100 > limits.monitoringErrorPercent * one.requests)
        return `${one.serverErrors} of ${one.requests} requests failed, at most ${limits.monitoringErrorPercent} % are accepted`;
    return undefined;
}

/**
 * Production since a hotfix took all traffic (specification, section 6, Hotfix, step 7). It keeps no state: everything
 * comes from the cluster and Prometheus, so monitoring that was interrupted continues where it was.
 *
 * @returns undefined while the hotfix has not taken all traffic yet
 * @throws ObserveError when Prometheus or the cluster lacks the data
 */
export async function monitoringNow(input: MonitoringInput): Promise<MonitoringState | undefined> {
    const { cluster, images, limits, prometheus } = input;
    const now = await synchronizedNow(prometheus, limits.clockSkewSeconds);
    await checkRetention(prometheus, limits.monitoringSeconds);
    const { completedAt, rolledBack, wanted } = rolloutOf(await cluster.workloads(), images, cluster.namespace);
    if (completedAt === undefined && rolledBack === undefined) return undefined;
    const reader = new HistoryReader(prometheus, cluster.namespace, Object.keys(images));
    const earliest = completedAt === undefined ? now - lookBackSeconds * 1000 : completedAt - 10 * 60_000;
    const targets = await reader.targets(earliest, now);
    const interval = scrapeInterval(targets);
    if (interval === undefined)
        throw new ObserveError(
            `Prometheus scraped no pod of ${cluster.namespace} twice; the state of the hotfix is unknown.`,
        );
    const startedAt = completedAt ?? startBeforeRollback(targets, images, interval, now);
    const seen = targets
        .filter(({ digest, service }) => images[service] === digest)
        .map(({ samples }) => samples.at(-1)?.at ?? startedAt);
    // Only time with samples counts: the monitoring ends with the newest sample, or when enough was observed.
    const span = {
        startedAt,
        endedAt: Math.max(
            startedAt,
            Math.min(Math.max(startedAt, ...seen), startedAt + 2000 * limits.monitoringSeconds),
        ),
        endedBy: undefined,
    };
    const starts = await reader.processStarts(startedAt - staleAfter(interval), span.endedAt);
    const responses = responsesIn(
        await reader.responses(startedAt - staleAfter(interval), span.endedAt),
        starts,
        images,
        span,
    );
    const ready = (await cluster.pods()).filter((one) => one.ready && images[one.service] === one.digest).length;
    const serving =
        rolledBack === undefined ? fewestServing(scrapes(targets, images, interval), startedAt, interval) : wanted;
    const healthy = Math.min(rolledBack === undefined ? ready : wanted, serving ?? wanted, wanted);
    const predicate: Predicate<"monitoring"> = {
        environment: "prod",
        startedAt: new Date(Math.round(startedAt)).toISOString(),
        endedAt: new Date(Math.round(span.endedAt)).toISOString(),
        observedSeconds: observedSeconds(span, targets, images, interval),
        requests: sumOf(responses.requests),
        serverErrors: sumOf(responses.serverErrors),
        unhealthyPodsPercent: wanted === 0 ? 100 : Math.round((1000 * (wanted - healthy)) / wanted) / 10,
        rolledBack: rolledBack !== undefined,
        course: courseOf(responses, scrapes(targets, images, interval), span),
    };
    return {
        predicate,
        failure: failureOf(predicate, rolledBack, input),
        complete: predicate.observedSeconds >= limits.monitoringSeconds,
    };
}

/** How long to monitor, and how often. */
export interface PollOptions {
    /** Milliseconds between two polls. */
    readonly pause: number;
    /** Milliseconds after which the monitoring ends with what was observed until then. */
    readonly timeout: number;
    /** Gets one line at each poll. */
    readonly report: (line: string) => void;
}

/**
 * Polls production until the monitoring time is over or the hotfix fails.
 *
 * @throws ObserveError when nothing was observed before the timeout
 */
export async function monitor(
    input: MonitoringInput,
    { pause, report, timeout }: PollOptions,
): Promise<MonitoringState> {
    const whole = formatSeconds(input.limits.monitoringSeconds);
    const deadline = Date.now() + timeout;
    for (;;) {
        let state: MonitoringState | undefined;
        let problem = `The hotfix has not taken all traffic in ${input.cluster.namespace} yet.`;
        try {
            state = await monitoringNow(input);
        } catch (error) {
            if (!(error instanceof ObserveError)) throw error;
            problem = error.message;
        }
        if (state === undefined) report(problem);
        else {
            const { observedSeconds: observed, requests, serverErrors, unhealthyPodsPercent } = state.predicate;
            report(
                `${formatSeconds(Math.floor(observed))} of ${whole} observed, ${serverErrors} errors in ${requests} requests, ` +
                    `${unhealthyPodsPercent} % of pods unhealthy at worst` +
                    (requests < input.minimumRequests ? "; too few requests to judge" : ""),
            );
            if (state.failure !== undefined || state.complete) return state;
        }
        if (Date.now() + pause > deadline) {
            if (state === undefined) throw new ObserveError(problem);
            const failure = `only ${formatSeconds(Math.floor(state.predicate.observedSeconds))} of ${whole} were observed in time`;
            return { ...state, failure };
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
}
