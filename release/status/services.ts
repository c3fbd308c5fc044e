import { BatchV1Api, type KubeConfig } from "@kubernetes/client-node";
import { imageDigestAnnotation } from "../../delivery/core/names";
import { minuteOf } from "../../delivery/core/time";
import { listReplicaSets, listWorkloads } from "../../delivery/rollouts/list";
import {
    milliseconds,
    podHash,
    servingTemplate,
    versionOf,
    type ReplicaSet,
    type Rollout,
} from "../../delivery/rollouts/objects";
import { idleUntil, viewOf } from "../../delivery/rollouts/rollout-view";
import { describeStep } from "../../delivery/rollouts/steps";
import { causeOf, refusalOf, timeOfDay } from "../../delivery/rollouts/wording";
import { Cluster } from "../observe/cluster";
import type { Workload } from "../observe/workloads";
import { act, well, type Line } from "./line";

/** What serves, and what is on its way. */
export interface Service {
    readonly name: string;
    /** The release's version, where the pods say one. */
    readonly version: string | undefined;
    /** Digest of the image, `sha256:…`, where the pods say one. */
    readonly image: string | undefined;
    /** Since when, in milliseconds since 1970: when its release was complete, or, while another is under way, first began. */
    readonly since: number | undefined;
    /** Sentences about a release that is not complete. */
    readonly underWay: readonly Line[];
}

/** @param state what the controller says of the newest release */
function serviceOf(workload: Rollout, state: Workload | undefined, replicaSets: readonly ReplicaSet[], now: number) {
    const template = servingTemplate(workload, replicaSets);
    const stable = workload.status?.stableRS;
    const serving = stable === undefined ? undefined : replicaSets.find((one) => podHash(one) === stable);
    return {
        name: workload.metadata.name ?? "",
        version: versionOf(template),
        image: template?.metadata?.annotations?.[imageDigestAnnotation],
        since: state?.completedAt ?? milliseconds(serving?.metadata.creationTimestamp),
        underWay: stable === undefined ? rolling(workload, state) : blueGreen(workload, replicaSets, now),
    };
}

/** A Deployment, whose pods are replaced one at a time (specification, section 6). */
function rolling({ metadata, spec }: Rollout, state: Workload | undefined): Line[] {
    if (state?.completedAt !== undefined) return [];
    const release = `${metadata.name ?? ""}: ${versionOf(spec.template) ?? "a release"}`;
    return state?.abortedBy === undefined
        ? [well(`${release} replaces what ran, pod by pod.`)]
        : [act(`${release} makes no progress: ${causeOf(new Error(state.abortedBy))}.`)];
}

function blueGreen(workload: Rollout, replicaSets: readonly ReplicaSet[], now: number): Line[] {
    const { blue, green, name, promoted, step, steps } = viewOf(
        { rollout: workload, analysisRuns: [], pods: [], replicaSets },
        workload,
        now,
    );
    if (promoted) {
        const until = idleUntil(blue);
        if (!blue || until === undefined || until < now) return [];
        return [
            well(`${name}: ${blue.version} stays idle until ${timeOfDay(until)}; until then going back is instant.`),
        ];
    }
    const serves = blue ? `; ${blue.version} serves` : "";
    const { abort, message } = workload.status ?? {};
    if (abort === true) {
        const why = message === undefined ? "" : `: ${causeOf(new Error(message))}`;
        return [act(`${name}: ${green.version} was aborted${why}${serves}.`)];
    }
    const taken = steps[step];
    const doing = taken
        ? `step ${String(step + 1)} of ${String(steps.length)}, ${describeStep(taken)}`
        : "all steps done";
    return [well(`${name}: ${green.version} is under way: ${doing}${serves}. Follow it: npx release watch.`)];
}

/** The services of a namespace. @throws Error, one sentence, when the cluster can't be asked */
export async function servicesOf(cluster: KubeConfig, namespace: string, now: number): Promise<readonly Service[]> {
    try {
        const [workloads, replicaSets, states] = await Promise.all([
            listWorkloads(cluster, namespace),
            listReplicaSets(cluster, namespace),
            new Cluster(cluster, namespace).workloads(),
        ]);
        return workloads.map((workload) => {
            const state = states.find(({ name }) => name === workload.metadata.name);
            return serviceOf(workload, state, replicaSets, now);
        });
    } catch (error) {
        throw new Error(`The cluster does not tell what ${namespace} runs: ${refusalOf(error)}.`, { cause: error });
    }
}

export const runsLine = ({ name, since, version }: Service): Line =>
    well(`${name} runs ${version ?? "an unknown version"}${since === undefined ? "" : ` since ${minuteOf(since)}`}.`);

/** Jobs of a namespace that run now, such as a migration. @throws Error, one sentence, when the cluster can't be asked */
export async function runningJobs(cluster: KubeConfig, namespace: string): Promise<readonly Line[]> {
    try {
        const { items } = await cluster.makeApiClient(BatchV1Api).listNamespacedJob({ namespace });
        return items
            .filter(({ status }) => (status?.active ?? 0) > 0)
            .map(({ metadata, status }) => {
                const since = status?.startTime === undefined ? "" : ` since ${minuteOf(status.startTime)}`;
                return well(`The Job ${metadata?.name ?? ""} runs${since}.`);
            });
    } catch (error) {
        throw new Error(`The cluster does not tell the Jobs of ${namespace}: ${refusalOf(error)}.`, { cause: error });
    }
}
