import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/kubernetes";
import * as rollouts from "../fixtures/rollouts";
import { refuses, set } from "./cases";
import type { Case } from "./cases";

const template = "spec.template.spec";

/** Every other kind of workload and of container, with the path of the container. */
const places = [
    {
        title: "an init container",
        type: kubernetes.deployment,
        given: fixtures.deployment,
        path: template,
        kind: "initContainers",
    },
    {
        title: "an ephemeral container",
        type: kubernetes.deployment,
        given: fixtures.deployment,
        path: template,
        kind: "ephemeralContainers",
    },
    { title: "a Pod", type: kubernetes.pod, given: fixtures.pod, path: "spec", kind: "initContainers" },
    {
        title: "a StatefulSet",
        type: kubernetes.statefulSet,
        given: fixtures.deployment,
        path: template,
        kind: "initContainers",
    },
    {
        title: "a DaemonSet",
        type: kubernetes.daemonSet,
        given: fixtures.deployment,
        path: template,
        kind: "initContainers",
    },
    {
        title: "a ReplicaSet",
        type: kubernetes.replicaSet,
        given: fixtures.deployment,
        path: template,
        kind: "initContainers",
    },
    { title: "a Job", type: kubernetes.job, given: fixtures.job, path: template, kind: "initContainers" },
    {
        title: "a CronJob",
        type: kubernetes.cronJob,
        given: fixtures.cronJob,
        path: "spec.jobTemplate.spec.template.spec",
        kind: "initContainers",
    },
    {
        title: "an AnalysisTemplate's job",
        type: kubernetes.analysisTemplate,
        given: rollouts.smokeTests,
        path: "spec.metrics.0.provider.job.spec.template.spec",
        kind: "initContainers",
    },
    { title: "a Rollout", type: kubernetes.rollout, given: fixtures.rollout, path: template, kind: "initContainers" },
] as const;

const compliant = fixtures.deployment.spec.template.spec.containers[0]!;

/** The same violation in each of them. */
export function otherKinds(property: string, value: unknown, message: (path: string) => string | string[]): Case[] {
    return places.map(({ title, type, given, path, kind }) => {
        const container = structuredClone(compliant) as Record<string, unknown>;
        container.name = "other";
        set(property, value)(container);
        return refuses(
            `${title} with ${property} ${JSON.stringify(value)}`,
            set(`${path}.${kind}`, [container]),
            message(`${path.replace("metrics.0", "metrics[0]")}.${kind}[other]`),
            {
                type,
                given,
            },
        );
    });
}
