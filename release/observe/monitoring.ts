import { duration } from "../../policies/gates/shared/time";
import type { Limits } from "../../policies/gates/shared/limits";
import type { Predicate } from "../evidence/predicates";
import type { Cluster } from "./cluster";
import { answersIn, courseOf, sumOf } from "./counting";
import { ObserveError } from "./error";
import { HistoryReader, scrapeInterval, type TargetHistory } from "./history";
import { agreedNow, checkRetention, type Prometheus } from "./prometheus";
import { observedSeconds, scrapes, stretchesOf, validity, type Images, type Scrape } from "./stretches";
import type { Workload } from "./workloads";

/** How long ago a hotfix that was rolled back is looked for. */
const lookBackSeconds = 86_400;

export interface MonitoringQuestion {
    readonly prometheus: Prometheus;
    readonly cluster: Pick<Cluster, "namespace" | "workloads" | "pods">;
    readonly images: Images;
    readonly limits: Limits;
    /** Requests below which an error rate judges nothing yet. */
    readonly minimumRequests: number;
}

/** Production after a hotfix, as far as it is known by now. */
export interface MonitoringState {
    readonly predicate: Predicate<"monitoring">;
    /** Why the monitoring is over although the time is not, such as a rollback; undefined when all is well. */
    readonly failure: string | undefined;
    /** Whether the whole time was observed. */
    readonly complete: boolean;
}

/** What the cluster says about the hotfix: since when it has all traffic, or why it has not. */
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
        ? `the rollout of ${aborted.service} was given up: ${aborted.workload.abortedBy ?? ""}`
        : replaced && `${replaced.service} runs ${replaced.workload.image ?? "no image"} now`;
    return {
        rolledBack,
        completedAt: rolledBack === undefined && times.every((at) => at !== undefined) ? Math.max(...times) : undefined,
        wanted: ours.reduce((sum, { workload }) => sum + workload.replicas, 0),
    };
}

/** When a hotfix that is gone began to take traffic: the beginning of its last stretch alone, or else its first sample. */
function formerStart(targets: readonly TargetHistory[], images: Images, interval: number, now: number): number {
    const alone = stretchesOf(scrapes(targets, images, interval), interval, now).at(-1)?.startedAt;
    const first = targets
        .filter(({ digest, service }) => images[service] === digest)
        .map(({ samples }) => samples[0]?.at ?? now);
    if (first.length === 0) throw new ObserveError("These images never served production in the last day.");
    return alone ?? Math.min(...first);
}

/** The fewest serving pods at once, not counting the moments after a gap in which not all are scraped again. */
function fewestServing(all: Iterable<Scrape>, from: number, interval: number): number | undefined {
    let fewest: number | undefined;
    let [last, settled] = [Number.NEGATIVE_INFINITY, 0];
    for (const { at, servingPods } of all) {
        if (at - last > validity(interval)) settled = at + interval;
        last = at;
        if (at >= from && at >= settled) fewest = Math.min(fewest ?? servingPods, servingPods);
    }
    return fewest;
}

function failureOf(one: Predicate<"monitoring">, rolledBack: string | undefined, question: MonitoringQuestion) {
    const { limits, minimumRequests } = question;
    if (rolledBack !== undefined) return rolledBack;
    if (one.unhealthyPodsPercent > limits.monitoringUnhealthyPercent)
        return `${one.unhealthyPodsPercent} % of the pods were unhealthy, at most ${limits.monitoringUnhealthyPercent} % are accepted`;
    if (one.requests >= minimumRequests && one.serverErrors * 100 > limits.monitoringErrorPercent * one.requests)
        return `${one.serverErrors} of ${one.requests} requests failed, at most ${limits.monitoringErrorPercent} % are accepted`;
    return undefined;
}

/**
 * Production since a hotfix took all traffic, from the cluster and Prometheus' history alone: asked again, it goes on
 * where it was (specification, section 6, Hotfix, step 7).
 *
 * @returns undefined while the hotfix has not taken all traffic yet
 * @throws ObserveError when Prometheus or the cluster can't tell
 */
export async function monitoringNow(question: MonitoringQuestion): Promise<MonitoringState | undefined> {
    const { cluster, images, limits, prometheus } = question;
    const now = await agreedNow(prometheus, limits.clockSkewSeconds);
    await checkRetention(prometheus, limits.monitoringSeconds);
    const { completedAt, rolledBack, wanted } = rolloutOf(await cluster.workloads(), images, cluster.namespace);
    if (completedAt === undefined && rolledBack === undefined) return undefined;
    const reader = new HistoryReader(prometheus, cluster.namespace, Object.keys(images));
    const earliest = completedAt === undefined ? now - lookBackSeconds * 1000 : completedAt - 10 * 60_000;
    const targets = await reader.targets(earliest, now);
    const interval = scrapeInterval(targets);
    if (interval === undefined)
        throw new ObserveError(
            `Prometheus scraped no pod of ${cluster.namespace} twice; it can't tell how the hotfix does.`,
        );
    const startedAt = completedAt ?? formerStart(targets, images, interval, now);
    const seen = targets
        .filter(({ digest, service }) => images[service] === digest)
        .map(({ samples }) => samples.at(-1)?.at ?? startedAt);
    // What nobody looked at is not observed: the monitoring ends with the newest sample, or when enough was seen.
    const span = {
        startedAt,
        endedAt: Math.max(
            startedAt,
            Math.min(Math.max(startedAt, ...seen), startedAt + 2000 * limits.monitoringSeconds),
        ),
        endedBy: undefined,
    };
    const starts = await reader.processStarts(startedAt - validity(interval), span.endedAt);
    const answers = answersIn(await reader.answers(startedAt - validity(interval), span.endedAt), starts, images, span);
    const ready = (await cluster.pods()).filter((one) => one.ready && images[one.service] === one.digest).length;
    const serving =
        rolledBack === undefined ? fewestServing(scrapes(targets, images, interval), startedAt, interval) : wanted;
    const healthy = Math.min(rolledBack === undefined ? ready : wanted, serving ?? wanted, wanted);
    const predicate: Predicate<"monitoring"> = {
        environment: "prod",
        startedAt: new Date(Math.round(startedAt)).toISOString(),
        endedAt: new Date(Math.round(span.endedAt)).toISOString(),
        observedSeconds: observedSeconds(span, targets, images, interval),
        requests: sumOf(answers.requests),
        serverErrors: sumOf(answers.serverErrors),
        unhealthyPodsPercent: wanted === 0 ? 100 : Math.round((1000 * (wanted - healthy)) / wanted) / 10,
        rolledBack: rolledBack !== undefined,
        course: courseOf(answers, scrapes(targets, images, interval), span),
    };
    return {
        predicate,
        failure: failureOf(predicate, rolledBack, question),
        complete: predicate.observedSeconds >= limits.monitoringSeconds,
    };
}

export interface Waiting {
    /** Milliseconds between two looks. */
    readonly pause: number;
    /** Milliseconds after which the waiting ends, with what was seen until then. */
    readonly timeout: number;
    /** Gets one line at each look. */
    readonly report: (line: string) => void;
}

/**
 * Looks again and again until the monitoring's time is over or something is wrong.
 *
 * @throws ObserveError when nothing could be seen until the time-out
 */
export async function monitor(
    question: MonitoringQuestion,
    { pause, report, timeout }: Waiting,
): Promise<MonitoringState> {
    const whole = duration(question.limits.monitoringSeconds * 1000);
    const deadline = Date.now() + timeout;
    for (;;) {
        let state: MonitoringState | undefined;
        let problem = `The hotfix has not taken all traffic in ${question.cluster.namespace} yet.`;
        try {
            state = await monitoringNow(question);
        } catch (error) {
            if (!(error instanceof ObserveError)) throw error;
            problem = error.message;
        }
        if (state === undefined) report(problem);
        else {
            const { observedSeconds: observed, requests, serverErrors, unhealthyPodsPercent } = state.predicate;
            report(
                `${duration(Math.floor(observed) * 1000)} of ${whole} observed, ${serverErrors} errors in ${requests} requests, ` +
                    `${unhealthyPodsPercent} % of pods unhealthy at worst` +
                    (requests < question.minimumRequests ? "; too few requests to judge" : ""),
            );
            if (state.failure !== undefined || state.complete) return state;
        }
        if (Date.now() + pause > deadline) {
            if (state === undefined) throw new ObserveError(problem);
            const failure = `only ${duration(Math.floor(state.predicate.observedSeconds) * 1000)} of ${whole} were observed in time`;
            return { ...state, failure };
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
}
