import type { Bag } from "../../sandbox/engine/kubernetes/values";

/** Objects as a Kubernetes 1.36 API server and its controllers wrote them, without what no rule reads. */

const uid = "83f118e8-7d9d-4676-9cb2-8b91455a4bfe";

export const deployment = (status: Bag, spec: Bag = {}): Bag => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "shop", generation: 2, uid },
    spec: { replicas: 2, selector: { matchLabels: { app: "web" } }, ...spec },
    status,
});

export const available: Bag = {
    lastTransitionTime: "2026-11-24T11:35:09Z",
    message: "Deployment has minimum availability.",
    reason: "MinimumReplicasAvailable",
    status: "True",
    type: "Available",
};

export const deadlineExceeded: Bag = {
    lastTransitionTime: "2026-11-24T11:35:28Z",
    message: 'ReplicaSet "web-69c56674db" has timed out progressing.',
    reason: "ProgressDeadlineExceeded",
    status: "False",
    type: "Progressing",
};

/** A rollout whose first new pod crashes: the two old ones still serve. */
export const stuckDeployment = deployment({
    availableReplicas: 2,
    conditions: [available, deadlineExceeded],
    observedGeneration: 2,
    readyReplicas: 2,
    replicas: 3,
    terminatingReplicas: 0,
    unavailableReplicas: 1,
    updatedReplicas: 1,
});

export const replicaSet = (name: string, revision: number, replicas: number): Bag => ({
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
        name,
        namespace: "shop",
        uid: `uid-of-${name}`,
        annotations: { "deployment.kubernetes.io/revision": String(revision) },
        ownerReferences: [{ apiVersion: "apps/v1", controller: true, kind: "Deployment", name: "web", uid }],
    },
    spec: { replicas },
});

export const pod = (name: string, owner: string, status: Bag): Bag => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
        name,
        namespace: "shop",
        uid: `uid-of-${name}`,
        ownerReferences: [
            { apiVersion: "apps/v1", controller: true, kind: "ReplicaSet", name: owner, uid: `uid-of-${owner}` },
        ],
    },
    status,
});

const scheduled: Bag = { lastTransitionTime: "2026-11-24T11:35:19Z", status: "True", type: "PodScheduled" };
const condition = (type: string, status: "True" | "False"): Bag => ({ ...scheduled, type, status });

export const runningPod = (name: string, owner: string): Bag =>
    pod(name, owner, {
        phase: "Running",
        conditions: [scheduled, condition("ContainersReady", "True"), condition("Ready", "True")],
        containerStatuses: [{ name: "web", ready: true, restartCount: 0, lastState: {}, state: { running: {} } }],
    });

export const crashingPod = (name: string, owner: string): Bag =>
    pod(name, owner, {
        phase: "Running",
        conditions: [scheduled, condition("Ready", "False")],
        containerStatuses: [
            {
                name: "web",
                ready: false,
                restartCount: 3,
                lastState: { terminated: { exitCode: 3, reason: "Error", message: "no DATABASE_URL\n" } },
                state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container" } },
            },
        ],
    });

export const unpullablePod = (name: string, owner: string): Bag =>
    pod(name, owner, {
        phase: "Pending",
        conditions: [scheduled, condition("Ready", "False")],
        containerStatuses: [
            {
                name: "web",
                ready: false,
                restartCount: 0,
                lastState: {},
                state: { waiting: { reason: "ImagePullBackOff", message: 'Back-off pulling image "web:9"' } },
            },
        ],
    });

export const unreadyPod = (name: string, owner: string): Bag =>
    pod(name, owner, {
        phase: "Running",
        conditions: [scheduled, condition("Ready", "False")],
        containerStatuses: [{ name: "web", ready: false, restartCount: 0, lastState: {}, state: { running: {} } }],
    });

export const unschedulablePod = (name: string, owner: string): Bag =>
    pod(name, owner, {
        phase: "Pending",
        conditions: [
            {
                ...condition("PodScheduled", "False"),
                message: "0/1 nodes are available: 1 Insufficient cpu.",
                reason: "Unschedulable",
            },
        ],
    });

export const startingPod = (name: string, owner: string): Bag =>
    pod(name, owner, {
        phase: "Pending",
        conditions: [scheduled, condition("Ready", "False")],
        containerStatuses: [
            {
                name: "web",
                ready: false,
                restartCount: 0,
                lastState: {},
                state: { waiting: { reason: "ContainerCreating" } },
            },
        ],
    });

export const job = (status: Bag, spec: Bag = {}): Bag => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "migrate", namespace: "shop", generation: 1 },
    spec: { backoffLimit: 0, completions: 1, parallelism: 1, suspend: false, ...spec },
    status,
});

export const failedMigrationPod: Bag = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "migrate-8t4dd", namespace: "shop" },
    status: {
        phase: "Failed",
        conditions: [scheduled],
        containerStatuses: [
            {
                name: "alembic",
                ready: false,
                lastState: {},
                state: { terminated: { exitCode: 1, reason: "Error", message: "revision 42 is missing" } },
            },
        ],
    },
};

export const service = (spec: Bag, status: Bag = {}): Bag => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "shop" },
    spec: { type: "ClusterIP", clusterIP: "10.96.10.242", selector: { app: "web" }, ...spec },
    status: { loadBalancer: {}, ...status },
});

export const slice = (name: string, ...ready: boolean[]): Bag => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-759ml`, namespace: "shop", labels: { "kubernetes.io/service-name": name } },
    endpoints: ready.map((isReady) => ({
        addresses: ["10.244.0.9"],
        conditions: { ready: isReady, serving: isReady },
    })),
});
