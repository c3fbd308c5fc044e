import type { V1Deployment } from "@kubernetes/client-node";
import { z } from "zod";

/** The rollout of a service, as its controller reports it. Times are milliseconds since 1970. */
export interface Workload {
    readonly kind: "Deployment" | "Rollout";
    readonly name: string;
    /** The number of pods that are wanted. */
    readonly replicas: number;
    /** Image of the container with the workload's name, from the pod template. */
    readonly image: string | undefined;
    /** When the newest rollout was complete; undefined while it is in progress. */
    readonly completedAt: number | undefined;
    /** Why the newest rollout was aborted; undefined when it was not. */
    readonly abortedBy: string | undefined;
}

const condition = z.object({
    type: z.string(),
    status: z.string(),
    reason: z.string().optional(),
    message: z.string().optional(),
    lastTransitionTime: z.iso.datetime({ offset: true }).optional(),
});

/** The parts of an Argo `Rollout` (argoproj.io/v1alpha1) that are read. */
export const rollout = z.object({
    metadata: z.object({ name: z.string(), generation: z.number() }),
    spec: z.object({
        replicas: z.number().optional(),
        template: z
            .object({
                spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string().optional() })) }),
            })
            .optional(),
    }),
    status: z
        .object({
            abort: z.boolean().optional(),
            message: z.string().optional(),
            observedGeneration: z.string().optional(),
            phase: z.string().optional(),
            stableRS: z.string().optional(),
            currentPodHash: z.string().optional(),
            conditions: z.array(condition).optional(),
        })
        .optional(),
});

/** The state of a Rollout. It is complete once its newest pods are the stable ones, which have all traffic. */
export function rolloutState({ metadata, spec, status = {} }: z.output<typeof rollout>): Workload {
    const completed = status.conditions?.find(({ type, status: is }) => type === "Completed" && is === "True");
    const stable = status.stableRS !== undefined && status.stableRS === status.currentPodHash;
    const current = status.observedGeneration === String(metadata.generation);
    const aborted = status.abort === true || status.phase === "Degraded";
    return {
        kind: "Rollout",
        name: metadata.name,
        replicas: spec.replicas ?? 1,
        image: spec.template?.spec.containers.find(({ name }) => name === metadata.name)?.image,
        completedAt:
            current && stable && !aborted && completed?.lastTransitionTime !== undefined
                ? Date.parse(completed.lastTransitionTime)
                : undefined,
        abortedBy: aborted ? (status.message ?? "no reason given") : undefined,
    };
}

/** The state of a Deployment. It is complete once its newest ReplicaSet has all pods and the older ones have none. */
export function deploymentState({ metadata, spec, status }: V1Deployment): Workload {
    const name = metadata?.name ?? "";
    const progressing = status?.conditions?.find(({ type }) => type === "Progressing");
    const replicas = spec?.replicas ?? 1;
    const complete =
        progressing?.reason === "NewReplicaSetAvailable" &&
        (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0) &&
        status?.updatedReplicas === replicas &&
        status.replicas === replicas;
    return {
        kind: "Deployment",
        name,
        replicas,
        image: spec?.template.spec?.containers.find((one) => one.name === name)?.image,
        completedAt:
            complete && progressing.lastUpdateTime !== undefined
                ? new Date(progressing.lastUpdateTime).getTime()
                : undefined,
        abortedBy:
            progressing?.reason === "ProgressDeadlineExceeded"
                ? (progressing.message ?? "it made no progress in time")
                : undefined,
    };
}
