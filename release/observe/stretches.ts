import type { TargetHistory } from "./history";

/** The images of a release by service, `sha256:…`. */
export type Images = Readonly<Record<string, string>>;

/** What served at the time of a scrape. Times are milliseconds since 1970. */
export interface Scrape {
    readonly at: number;
    /** Why the release's images did not serve, or not alone; undefined when they served alone. */
    readonly cause: string | undefined;
    /** Until when every service has a sample: the oldest of the services' newest samples. */
    readonly provenUntil: number;
    /** Number of pods with the release's images that answered, of all services together. */
    readonly servingPods: number;
}

/** A stretch of time in which exactly the release's images served. */
export interface Stretch {
    readonly startedAt: number;
    readonly endedAt: number;
    /** What ended it; undefined while it continues. */
    readonly endedBy: string | undefined;
}

/** Milliseconds after which a sample is stale. One lost scrape is tolerated; two in a row are a gap. */
export const staleAfter = (interval: number) => 2 * interval + interval / 10;

const short = (digest: string) => digest.slice(0, "sha256:".length + 12);

/** A pod, with its newest sample and the index of the next one. */
interface PodState {
    readonly history: TargetHistory;
    next: number;
    at: number;
    up: boolean;
}

/** Why the images do not serve, or not alone, from the newest sample of each pod. */
function causeOf(live: Iterable<PodState>, images: Images): string | undefined {
    const serving = new Set<string>();
    const silent = new Set<string>();
    const others: string[] = [];
    for (const { history, up } of live) {
        const { digest, pod, service } = history;
        if (digest === images[service]) (up ? serving : silent).add(service);
        else if (up)
            others.push(
                `${digest === undefined ? `pod ${pod}, which names no image,` : short(digest)} of ${service} served as well`,
            );
    }
    if (others.length > 0) return others.sort()[0];
    const missing = Object.keys(images).find((service) => !serving.has(service));
    if (missing === undefined) return undefined;
    return silent.has(missing) ? `no pod of ${missing} answered` : `there was no pod of ${missing}`;
}

/**
 * The scrapes of all pods in the order of time.
 *
 * @param targets pods of the release's services, whatever image they run
 * @param interval milliseconds between two scrapes
 */
export function* scrapes(targets: readonly TargetHistory[], images: Images, interval: number): Generator<Scrape> {
    const states: PodState[] = targets
        .filter(({ service }) => images[service] !== undefined)
        .map((history) => ({ history, next: 0, at: 0, up: false }));
    const events = states
        .flatMap((state) => state.history.samples.map(({ at }) => ({ at, state })))
        .sort((a, b) => a.at - b.at);
    const live = new Set<PodState>();
    for (let index = 0; index < events.length;) {
        const at = events[index]?.at ?? 0;
        for (; events[index]?.at === at; index += 1) {
            const state = events[index]?.state;
            const sample = state?.history.samples[state.next];
            if (state === undefined || sample === undefined) continue;
            Object.assign(state, { at, up: sample.value === 1, next: state.next + 1 });
            live.add(state);
        }
        for (const state of live) if (at - state.at > staleAfter(interval)) live.delete(state);
        const newest = new Map<string, number>();
        const pods = new Set<string>();
        for (const { at: seen, history, up } of live) {
            if (!up || history.digest !== images[history.service]) continue;
            newest.set(history.service, Math.max(newest.get(history.service) ?? 0, seen));
            pods.add(history.pod);
        }
        yield {
            at,
            cause: causeOf(live, images),
            provenUntil: Math.min(at, ...newest.values()),
            servingPods: pods.size,
        };
    }
}

/**
 * The stretches in which exactly these images served, oldest first. A stretch ends when another image serves as well,
 * when no pod of a service answers, and at a gap between samples.
 *
 * @param now the end of the time that was searched
 * @param notBefore earlier time does not count, such as the time before the end of the deployment
 */
export function stretchesOf(
    all: Iterable<Scrape>,
    interval: number,
    now: number,
    notBefore = Number.NEGATIVE_INFINITY,
): Stretch[] {
    const stretches: Stretch[] = [];
    let open: { startedAt: number; endedAt: number } | undefined;
    let last: number | undefined;
    const end = (endedBy: string | undefined) => {
        if (open !== undefined) stretches.push({ ...open, endedBy });
        open = undefined;
    };
    const gap = (from: number, to: number) =>
        `Prometheus has no samples from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
    for (const { at, cause, provenUntil } of all) {
        if (last !== undefined && at - last > staleAfter(interval)) end(gap(last, at));
        last = at;
        if (cause !== undefined) end(cause);
        else if (at >= notBefore) {
            open ??= { startedAt: at, endedAt: at };
            open.endedAt = Math.max(open.startedAt, provenUntil);
        }
    }
    end(last !== undefined && now - last > staleAfter(interval) ? gap(last, now) : undefined);
    return stretches;
}

/** The longest stretch; of several, the newest. */
export function longest(stretches: readonly Stretch[]): Stretch | undefined {
    const length = ({ startedAt, endedAt }: Stretch) => endedAt - startedAt;
    return stretches.reduce<Stretch | undefined>(
        (best, one) => (best === undefined || length(one) >= length(best) ? one : best),
        undefined,
    );
}

/**
 * Seconds of a stretch that are covered by samples. Lost scrapes are subtracted, those of the service that lost most.
 */
export function observedSeconds(
    { startedAt, endedAt }: Stretch,
    targets: readonly TargetHistory[],
    images: Images,
    interval: number,
): number {
    const lost = Object.entries(images).map(([service, digest]) => {
        const times = targets
            .filter((one) => one.service === service && one.digest === digest)
            .flatMap(({ samples }) => samples.filter(({ value }) => value === 1).map(({ at }) => at))
            .filter((at) => at >= startedAt && at <= endedAt)
            .sort((a, b) => a - b);
        return [...times, endedAt].reduce((sum, at, index) => {
            const distance = at - (times[index - 1] ?? startedAt);
            return distance > 1.5 * interval ? sum + distance - interval : sum;
        }, 0);
    });
    return Math.max(0, endedAt - startedAt - Math.max(0, ...lost)) / 1000;
}
