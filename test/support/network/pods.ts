import * as fs from "node:fs";
import type { CoreV1Api, V1ContainerPort, V1Pod } from "@kubernetes/client-node";
import type { Source } from "../../../components/shared/connections";
import {
    databaseBackupLabels,
    restoreRehearsalLabels,
    serviceLabels,
    smokeTestsLabels,
} from "../../../components/shared/network-rules";
import { restrictedContainer, restrictedPod } from "../../../components/shared/pod-security";
import { serverLabels } from "../../../components/shared/pod-template";
import { controllerLabels } from "../../../components/cluster/controller-pod";
import { ingressControllerName } from "../../../components/cluster/ingress-controller";
import { prometheusName } from "../../../components/cluster/prometheus";
import { rolloutsControllerName, rolloutsNamespace } from "../../../components/cluster/rollouts-controller";
import { namespaceName } from "../../../delivery/core/names";
import { pauseImage } from "../../../sandbox/parts/cluster/containerd";
import { waitUntil } from "../../../sandbox/machine/process";

export type PodSource = Exclude<Source, "outside">;

/** A pod of each kind. */
export type Pods = ReadonlyMap<PodSource, V1Pod>;

/** Where pods of a kind are, and the labels by which policies know them. */
export interface Place {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
}

/** Where an environment's pods are, and those of the controllers that serve it. */
export const placesOf = (environment: string): Readonly<Record<PodSource, Place>> => {
    const namespace = namespaceName(environment);
    return {
        backend: { namespace, labels: serverLabels("backend") },
        migration: {
            namespace,
            labels: { ...serviceLabels("backend"), "app.kubernetes.io/component": "migration" },
        },
        frontend: { namespace, labels: serverLabels("frontend") },
        "smoke-tests": { namespace, labels: smokeTestsLabels },
        "database-backup": { namespace, labels: databaseBackupLabels },
        "restore-rehearsal": { namespace, labels: restoreRehearsalLabels },
        traefik: { namespace: "traefik", labels: controllerLabels(ingressControllerName(environment)) },
        "argo-rollouts": { namespace: rolloutsNamespace, labels: controllerLabels(rolloutsControllerName("prod")) },
        prometheus: { namespace: "monitoring", labels: controllerLabels(prometheusName) },
    };
};

/** Pods that run for a moment only: in a release, and where the database is backed up. */
export const momentary = [
    "migration",
    "smoke-tests",
    "database-backup",
    "restore-rehearsal",
] as const satisfies readonly PodSource[];

const nameOf = (kind: PodSource) => `network-test-${kind}`;

/** A pod that does nothing, in a real one's place: its network answers that a port is closed. */
function idle(kind: PodSource, { labels }: Place, ports: readonly V1ContainerPort[]): V1Pod {
    return {
        metadata: { name: nameOf(kind), labels: { ...labels } },
        spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 0,
            securityContext: restrictedPod,
            containers: [
                {
                    name: "idle",
                    image: pauseImage,
                    imagePullPolicy: "Never",
                    ports: [...ports],
                    securityContext: restrictedContainer,
                    resources: { requests: { cpu: "1m", memory: "4Mi" }, limits: { cpu: "100m", memory: "32Mi" } },
                },
            ],
        },
    };
}

/** Starts pods that do nothing in the places of `kinds`, instead of those that an earlier test has left. */
export async function startIdle(
    core: CoreV1Api,
    environment: string,
    kinds: Readonly<Partial<Record<PodSource, readonly V1ContainerPort[]>>>,
): Promise<void> {
    await removeIdle(core, environment);
    for (const [kind, ports] of Object.entries(kinds) as [PodSource, readonly V1ContainerPort[]][]) {
        const place = placesOf(environment)[kind];
        await core.createNamespacedPod({ namespace: place.namespace, body: idle(kind, place, ports) });
    }
}

/** Removes the pods that `startIdle` has started. */
export async function removeIdle(core: CoreV1Api, environment: string): Promise<void> {
    for (const [kind, { namespace }] of Object.entries(placesOf(environment)))
        await core
            .deleteNamespacedPod({ namespace, name: nameOf(kind as PodSource), gracePeriodSeconds: 0 })
            .catch((error: unknown) => {
                if ((error as { readonly code?: unknown }).code !== 404) throw error;
            });
}

async function readyPod(core: CoreV1Api, { namespace, labels }: Place): Promise<V1Pod> {
    const labelSelector = Object.entries(labels)
        .map((label) => label.join("="))
        .join(",");
    let pod: V1Pod | undefined;
    const find = async () => {
        const { items } = await core.listNamespacedPod({ namespace, labelSelector });
        pod = items.find(
            ({ metadata, status }) =>
                metadata?.deletionTimestamp === undefined &&
                status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
        );
        return pod !== undefined;
    };
    await waitUntil(find, `A ready pod in ${namespace} with ${labelSelector}`, 180);
    return pod as unknown as V1Pod;
}

/** A ready pod of each kind. @throws SandboxError when one isn't there within three minutes */
export async function podsOf(core: CoreV1Api, environment: string): Promise<Pods> {
    const found = Object.entries(placesOf(environment)).map(
        async ([kind, place]) => [kind as PodSource, await readyPod(core, place)] as const,
    );
    return new Map(await Promise.all(found));
}

/** A process of a pod, by the machine's count: its network namespace is the pod's. */
export function processOf({ metadata }: V1Pod): number {
    const group = `/pod${metadata?.uid ?? "?"}/`;
    const pid = fs
        .readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .find((entry) => {
            try {
                return fs.readFileSync(`/proc/${entry}/cgroup`, "utf8").includes(group);
            } catch {
                return false;
            }
        });
    if (pid === undefined) throw new Error(`The pod ${metadata?.name ?? ""} has no process`);
    return Number(pid);
}
