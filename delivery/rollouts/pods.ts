import type { Pod } from "./objects";
import type { Colour, View } from "./rollout-view";
import { oneLine } from "./wording";

export const isReady = (pod: Pod): boolean =>
    pod.metadata.deletionTimestamp === undefined &&
    (pod.status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");

const waitingIsTrouble = (reason: string): boolean => !["ContainerCreating", "PodInitializing"].includes(reason);

/** Why a pod does not serve, by its own words; undefined while it may still be starting. */
export function troubleOf(pod: Pod): string | undefined {
    if (pod.metadata.deletionTimestamp !== undefined) return undefined;
    const unschedulable = pod.status?.conditions?.find(
        ({ type, status }) => type === "PodScheduled" && status === "False",
    );
    if (unschedulable) return `${unschedulable.reason ?? "Unschedulable"}: ${oneLine(unschedulable.message ?? "")}`;
    const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    for (const { state, lastState } of containers) {
        const waiting = state?.waiting;
        if (waiting?.reason !== undefined && waitingIsTrouble(waiting.reason)) {
            const ended = lastState?.terminated;
            const last = ended?.message ?? (ended && `it ended with ${String(ended.exitCode ?? ended.reason)}`);
            return `${waiting.reason}: ${oneLine(last ?? waiting.message ?? "no message")}`;
        }
    }
    return undefined;
}

/** Why a pod that runs is not ready. */
function unreadiness(pod: Pod): string | undefined {
    const unready = (pod.status?.containerStatuses ?? []).find(
        ({ ready, state }) => ready !== true && state?.waiting === undefined,
    );
    if (!unready || isReady(pod)) return undefined;
    const probe = pod.spec?.containers?.find(({ name }) => name === unready.name)?.readinessProbe?.httpGet;
    return probe
        ? `it runs, but its readiness probe GET ${probe.path ?? "/"} does not succeed`
        : "it runs, but is not ready";
}

/** "2 of 4": pods that serve, of those that should. */
export function readyOf(colour: Colour): string {
    const wanted = colour.replicaSet?.spec?.replicas ?? colour.pods.length;
    return `${String(colour.pods.filter(isReady).length)} of ${String(wanted)}`;
}

/** Tells how many pods of each colour are ready whenever that changes, and each reason why some are not, once. */
export class PodTeller {
    private counts = "";
    private readonly reasons = new Set<string>();

    tell({ green, blue }: View): string[] {
        const lines: string[] = [];
        const counts = [`${readyOf(green)} green`, ...(blue ? [`${readyOf(blue)} blue`] : [])].join(", ");
        if (counts !== this.counts) lines.push(`Pods ready: ${counts}.`);
        this.counts = counts;
        for (const pod of green.pods) {
            const trouble = troubleOf(pod);
            const reason = trouble?.split(":")[0];
            if (trouble === undefined || reason === undefined || this.reasons.has(reason)) continue;
            this.reasons.add(reason);
            lines.push(`Pod ${pod.metadata.name ?? ""} (green) can't start: ${trouble}`.replace(/\.?$/, "."));
        }
        return lines;
    }
}

/** Why green does not get ready, by the first pod that says so. */
export function podFailure({ green }: View): string | undefined {
    for (const explain of [troubleOf, unreadiness]) {
        for (const pod of green.pods) {
            const why = explain(pod);
            if (why !== undefined) return `pod ${pod.metadata.name ?? ""}: ${why.replace(/\.$/, "")}`;
        }
    }
    return undefined;
}
