import { duration } from "../../policies/gates/shared/time";
import type { Predicate } from "../evidence/predicates";
import { answersIn, courseOf, restartsIn, sumOf, type RestartedContainer } from "./counting";
import { ObserveError } from "./error";
import { HistoryReader, scrapeInterval } from "./history";
import { agreedNow, checkRetention, type Prometheus } from "./prometheus";
import { longest, observedSeconds, scrapes, stretchesOf, validity, type Images, type Stretch } from "./stretches";

/** How far staging's history is looked through: as long as evidence from staging counts. */
export const soakWindowSeconds = 7 * 86_400;

/** The newest stretches that are told; older ones are left out. */
const toldStretches = 50;

export interface SoakQuestion {
    readonly prometheus: Prometheus;
    readonly namespace: string;
    readonly images: Images;
    /** When the deployment was complete, where that is known; RFC 3339. Nothing before it is soak. */
    readonly deployedAt?: string | undefined;
    /** Running pods' containers. */
    readonly containers: readonly RestartedContainer[];
    /** The soak that has to be proved: Prometheus must keep at least so much. */
    readonly neededSeconds: number;
    /** By how much Prometheus' clock and this machine's may differ. */
    readonly clockSkewSeconds: number;
}

const iso = (at: number) => new Date(Math.round(at)).toISOString();

const toldStretch = ({ startedAt, endedAt, endedBy }: Stretch) => ({
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    endedBy: endedBy ?? "now",
});

/**
 * The longest uninterrupted stretch of the last week in which exactly these images served staging, from Prometheus'
 * history (specification, section 5). What other images do before or after it neither adds to it nor takes from it.
 *
 * @throws ObserveError when Prometheus can't tell, or never saw these images serve
 */
export async function observeSoak(question: SoakQuestion): Promise<Predicate<"soak">> {
    const { clockSkewSeconds, containers, deployedAt, images, namespace, neededSeconds, prometheus } = question;
    const now = await agreedNow(prometheus, clockSkewSeconds);
    await checkRetention(prometheus, neededSeconds);
    const reader = new HistoryReader(prometheus, namespace, Object.keys(images));
    const targets = await reader.targets(now - soakWindowSeconds * 1000, now);
    const interval = scrapeInterval(targets);
    for (const [service, digest] of Object.entries(images))
        if (!targets.some((one) => one.service === service && one.digest === digest))
            throw new ObserveError(
                `Prometheus has no sample of ${service} ${digest} in namespace ${namespace} in the last ` +
                    `${duration(soakWindowSeconds * 1000)}; it is not deployed there, or not scraped.`,
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
    // A little earlier, so that counters have a value from before the stretch.
    const from = stretch.startedAt - validity(interval);
    const starts = await reader.processStarts(from, stretch.endedAt);
    const answers = answersIn(await reader.answers(from, stretch.endedAt), starts, images, stretch);
    return {
        environment: "staging",
        namespace,
        startedAt: iso(stretch.startedAt),
        endedAt: iso(stretch.endedAt),
        observedSeconds: observedSeconds(stretch, targets, images, interval),
        interruptions: [],
        requests: sumOf(answers.requests),
        serverErrors: sumOf(answers.serverErrors),
        containerRestarts: restartsIn(targets, starts, containers, images, stretch),
        stretches: stretches.slice(-toldStretches).map(toldStretch),
        course: courseOf(answers, scrapes(targets, images, interval), stretch),
    };
}
