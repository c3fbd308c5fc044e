import { formatSeconds } from "../../delivery/core/time";
import type { Predicate } from "../../delivery/evidence/predicates";
import { responsesIn, courseOf, restartsIn, sumOf, type RestartedContainer } from "./counting";
import { ObserveError } from "./error";
import { HistoryReader, scrapeInterval } from "./history";
import { synchronizedNow, checkRetention, type Prometheus } from "./prometheus";
import { longest, observedSeconds, scrapes, staleAfter, stretchesOf, type Images, type Stretch } from "./stretches";

/** How far back staging's samples are searched: as long as evidence from staging is valid. */
export const soakWindowSeconds = 7 * 86_400;

/** At most so many stretches are in the evidence, the newest. */
const maximumStretches = 50;

/** What the soak is observed from. */
export interface SoakInput {
    readonly prometheus: Prometheus;
    readonly namespace: string;
    readonly images: Images;
    /** When the deployment was complete (RFC 3339), if that is known. Earlier time does not count. */
    readonly deployedAt?: string | undefined;
    /** Containers of the running pods. */
    readonly containers: readonly RestartedContainer[];
    /** The soak that has to be proved. Prometheus must keep samples at least that long. */
    readonly neededSeconds: number;
    /** How much Prometheus' clock and this machine's may differ. */
    readonly clockSkewSeconds: number;
}

const iso = (at: number) => new Date(Math.round(at)).toISOString();

const stretchRecord = ({ startedAt, endedAt, endedBy }: Stretch) => ({
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    endedBy: endedBy ?? "now",
});

/**
 * The longest uninterrupted stretch of the last week in which exactly these images served staging, from Prometheus'
 * samples (specification, section 5). Other images before or after the stretch do not change it.
 *
 * @throws ObserveError when Prometheus lacks the samples, or these images never served together
 */
export async function observeSoak(input: SoakInput): Promise<Predicate<"soak">> {
    const { clockSkewSeconds, containers, deployedAt, images, namespace, neededSeconds, prometheus } = input;
    const now = await synchronizedNow(prometheus, clockSkewSeconds);
    await checkRetention(prometheus, neededSeconds);
    const reader = new HistoryReader(prometheus, namespace, Object.keys(images));
    const targets = await reader.targets(now - soakWindowSeconds * 1000, now);
    const interval = scrapeInterval(targets);
    for (const [service, digest] of Object.entries(images))
        if (!targets.some((one) => one.service === service && one.digest === digest))
            throw new ObserveError(
                `Prometheus has no sample of ${service} ${digest} in namespace ${namespace} in the last ` +
                    `${formatSeconds(soakWindowSeconds)}; it is not deployed there, or not scraped.`,
            );
    if (interval === undefined)
        throw new ObserveError(`Prometheus scraped no pod of ${namespace} twice; wait for its next scrapes.`);
    const stretches = stretchesOf(
        scrapes(targets, images, interval),
        interval,
        now,
        deployedAt === undefined ? undefined : Date.parse(deployedAt),
    );
    const stretch = longest(stretches);
    if (stretch === undefined)
        throw new ObserveError(
            `Exactly these images never served ${namespace} together${deployedAt === undefined ? "" : ` since the deployment completed at ${deployedAt}`}.`,
        );
    // A little earlier, so that each counter has a value from before the stretch.
    const from = stretch.startedAt - staleAfter(interval);
    const starts = await reader.processStarts(from, stretch.endedAt);
    const responses = responsesIn(await reader.responses(from, stretch.endedAt), starts, images, stretch);
    return {
        environment: "staging",
        namespace,
        startedAt: iso(stretch.startedAt),
        endedAt: iso(stretch.endedAt),
        observedSeconds: observedSeconds(stretch, targets, images, interval),
        interruptions: [],
        requests: sumOf(responses.requests),
        serverErrors: sumOf(responses.serverErrors),
        containerRestarts: restartsIn(targets, starts, containers, images, stretch),
        stretches: stretches.slice(-maximumStretches).map(stretchRecord),
        course: courseOf(responses, scrapes(targets, images, interval), stretch),
    };
}
