import type { TargetHistory } from "./history";

/** The images of a release by service, `sha256:…`. */
export type Images = Readonly<Record<string, string>>;

/** What served at the moment of a scrape. Moments are milliseconds since 1970. */
export interface Scrape {
    readonly at: number;
    /** Why the release's images did not serve, or not alone; undefined when exactly they served. */
    readonly cause: string | undefined;
    /** Until when every service is known to have served: the oldest of the services' newest samples. */
    readonly provenUntil: number;
    /** Pods of the release's images that answered, of all services together. */
    readonly servingPods: number;
}

/** A stretch of time in which exactly the release's images served. */
export interface Stretch {
    readonly startedAt: number;
    readonly endedAt: number;
    /** What ended it; undefined when it goes on. */
    readonly endedBy: string | undefined;
}

/** How long a sample speaks for its pod: a single scrape may be lost, a second one in a row is a gap. */
export const validity = (interval: number) => 2 * interval + interval / 10;

const short = (digest: string) => digest.slice(0, "sha256:".length + 12);

interface Live {
    readonly history: TargetHistory;
    next: number;
    at: number;
    up: boolean;
}

/** Why the images do not serve, from the newest sample of each pod that is still valid. */
function causeOf(live: Iterable<Live>, images: Images): string | undefined {
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
 * Goes through the scrapes of all pods in the order of time.
 *
 * @param targets pods of the release's services, whatever they run
 * @param interval milliseconds between two scrapes
 */
export function* scrapes(targets: readonly TargetHistory[], images: Images, interval: number): Generator<Scrape> {
    const states: Live[] = targets
        .filter(({ service }) => images[service] !== undefined)
        .map((history) => ({ history, next: 0, at: 0, up: false }));
    const events = states
        .flatMap((state) => state.history.samples.map(({ at }) => ({ at, state })))
        .sort((a, b) => a.at - b.at);
    const live = new Set<Live>();
    for (let index = 0; index < events.length;) {
        const at = events[index]?.at ?? 0;
        for (; events[index]?.at === at; index += 1) {
            const state = events[index]?.state;
            const sample = state?.history.samples[state.next];
            if (state === undefined || sample === undefined) continue;
            Object.assign(state, { at, up: sample.value === 1, next: state.next + 1 });
            live.add(state);
        }
        for (const state of live) if (at - state.at > validity(interval)) live.delete(state);
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
 * The stretches in which exactly these images served, oldest first. Another image beside them, a service without an
 * answering pod and a gap between samples each end one.
 *
 * @param now until when it was looked
 * @param notBefore nothing earlier counts, such as the end of the deployment
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
        if (last !== undefined && at - last > validity(interval)) end(gap(last, at));
        last = at;
        if (cause !== undefined) end(cause);
        else if (at >= notBefore) {
            open ??= { startedAt: at, endedAt: at };
            open.endedAt = Math.max(open.startedAt, provenUntil);
        }
    }
    end(last !== undefined && now - last > validity(interval) ? gap(last, now) : undefined);
    return stretches;
}

/** The longest stretch; of equally long ones the newest. */
export function longest(stretches: readonly Stretch[]): Stretch | undefined {
    const length = ({ startedAt, endedAt }: Stretch) => endedAt - startedAt;
    return stretches.reduce<Stretch | undefined>(
        (best, one) => (best === undefined || length(one) >= length(best) ? one : best),
        undefined,
    );
}

/**
 * Seconds of a stretch that samples exist of: scrapes that were lost, of whichever service lost most, are not counted.
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
