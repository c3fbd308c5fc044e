import type {
    AnalysisRun,
    CanaryStep,
    MetricResult,
    Pod,
    ReplicaSet,
    Rollout,
    World,
} from "../../../delivery/rollouts/objects";

/** Objects as Argo Rollouts 1.9 writes them, with the fields that the follower reads; times are in seconds from the start. */

export const startedAt = Date.parse("2026-11-24T12:00:00Z");

export const at = (seconds: number): string => new Date(startedAt + seconds * 1000).toISOString().replace(".000Z", "Z");

const rolloutUid = "0f4d3f0e-63a5-4b0c-9a51-0d6c3f1f2a11";
const owner = { ownerReferences: [{ uid: rolloutUid }] };
const template = (version: string) => ({ metadata: { labels: { "app.kubernetes.io/version": version } }, spec: {} });

/** Blue serves 1.4.1, green is 1.4.2. */
export const blue = "57c4d6f9b8";
export const green = "6d5f7c8b9d";

/** The steps of the specification's blue-green release. */
export const steps: readonly CanaryStep[] = [
    { setCanaryScale: { weight: 100 } },
    { analysis: { templates: [{ templateName: "smoke-tests" }] } },
    { setWeight: 50 },
    { pause: { duration: "600s" } },
    { setWeight: 100 },
    { pause: { duration: "300s" } },
];

let resourceVersion = 1000;

export function rollout(
    status: NonNullable<Rollout["status"]> = {},
    { generation = 2, version = "1.4.2", revision = 2 } = {},
): Rollout {
    resourceVersion += 1;
    return {
        metadata: {
            name: "backend",
            namespace: "relaypacs-prod",
            uid: rolloutUid,
            generation,
            resourceVersion: String(resourceVersion),
            annotations: { "rollout.argoproj.io/revision": String(revision) },
        },
        spec: {
            replicas: 2,
            progressDeadlineSeconds: 600,
            template: template(version),
            strategy: { canary: { steps, scaleDownDelaySeconds: 3600 } },
        },
        status: {
            observedGeneration: String(generation),
            currentPodHash: green,
            stableRS: blue,
            currentStepIndex: 0,
            phase: "Progressing",
            ...status,
        },
    };
}

export const weights = (canary: number) => ({
    canary: { weights: { canary: { weight: canary }, stable: { weight: 100 - canary } } },
});

export const paused = (since: number, reason = "CanaryPauseStep") => ({
    phase: "Paused",
    pauseConditions: [{ reason, startTime: at(since) }],
});

export const aborted = (message: string) => ({
    abort: true,
    phase: "Degraded",
    currentStepIndex: 0,
    message: `RolloutAborted: Rollout aborted update to revision 2${message}`,
    conditions: [{ type: "Progressing", status: "False", reason: "RolloutAborted" }],
    ...weights(0),
});

export const promoted = { phase: "Healthy", stableRS: green, currentStepIndex: steps.length, ...weights(0) };

export function replicaSet(
    hash: string,
    version: string,
    { replicas = 2, created = 0, revision = 1, deadline = "" } = {},
): ReplicaSet {
    return {
        metadata: {
            name: `backend-${hash}`,
            creationTimestamp: at(created),
            labels: { "rollouts-pod-template-hash": hash },
            annotations: {
                "rollout.argoproj.io/revision": String(revision),
                ...(deadline && { "scale-down-deadline": deadline }),
            },
            ...owner,
        },
        spec: { replicas, template: template(version) },
    };
}

export const blueSet = replicaSet(blue, "1.4.1", { created: -86_400 });
export const greenSet = replicaSet(green, "1.4.2", { revision: 2 });

export function pod(hash: string, number: number, status: Pod["status"] = ready): Pod {
    return {
        metadata: { name: `backend-${hash}-${String(number)}`, labels: { "rollouts-pod-template-hash": hash } },
        spec: { containers: [{ name: "backend", readinessProbe: { httpGet: { path: "/health", port: 8000 } } }] },
        ...(status && { status }),
    };
}

export const ready: Pod["status"] = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
export const starting: Pod["status"] = {
    phase: "Pending",
    containerStatuses: [{ name: "backend", ready: false, state: { waiting: { reason: "ContainerCreating" } } }],
};
export const unready: Pod["status"] = {
    phase: "Running",
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [{ name: "backend", ready: false, state: {} }],
};

export const waiting = (reason: string, message: string): Pod["status"] => ({
    phase: "Pending",
    containerStatuses: [{ name: "backend", ready: false, state: { waiting: { reason, message } } }],
});

export const bluePods = [pod(blue, 1), pod(blue, 2)];
export const pods = (status: Pod["status"]) => [...bluePods, pod(green, 1, status), pod(green, 2, status)];

/** A background analysis of the error rate, with a limit that is an argument, as templates have it. */
export function errorRate(phase: string, result: Omit<MetricResult, "name">, message = ""): AnalysisRun {
    resourceVersion += 1;
    return {
        metadata: {
            name: `backend-${green}-2`,
            uid: "background",
            resourceVersion: String(resourceVersion),
            creationTimestamp: at(20),
            labels: { "rollouts-pod-template-hash": green, "rollout-type": "Background" },
            annotations: { "rollout.argoproj.io/revision": "2" },
            ...owner,
        },
        spec: {
            args: [{ name: "limit", value: "0.005" }],
            metrics: [
                {
                    name: "error-increase",
                    successCondition: "result[0] <= {{args.limit}}",
                    failureCondition: "result[0] > {{args.limit}}",
                    provider: { prometheus: { query: "increase_of_errors" } },
                },
            ],
        },
        status: {
            phase,
            ...(message && { message }),
            startedAt: at(20),
            metricResults: [
                {
                    name: "error-increase",
                    metadata: { ResolvedPrometheusQuery: 'errors{hash="6d5f7c8b9d"}' },
                    ...result,
                },
            ],
        },
    };
}

/** The smoke tests, which are a step of their own, as a Job. */
export function smokeTests(phase: string, measurement: string, message = ""): AnalysisRun {
    resourceVersion += 1;
    return {
        metadata: {
            name: `backend-${green}-2-1`,
            uid: "smoke",
            resourceVersion: String(resourceVersion),
            creationTimestamp: at(10),
            labels: { "rollouts-pod-template-hash": green, "rollout-type": "Step", "step-index": "1" },
            annotations: { "rollout.argoproj.io/revision": "2" },
            ...owner,
        },
        spec: { metrics: [{ name: "smoke-tests", provider: { job: {} } }] },
        status: {
            phase,
            ...(message && { message }),
            metricResults: [
                {
                    name: "smoke-tests",
                    phase,
                    measurements: [{ phase: measurement, startedAt: at(10), metadata: { "job-name": "smoke-1" } }],
                },
            ],
        },
    };
}

/** The state of the cluster `seconds` after the start. */
export function world(seconds: number, objects: Partial<NonNullable<World["objects"]>> = {}): World {
    return {
        now: startedAt + seconds * 1000,
        objects: {
            rollout: rollout(),
            analysisRuns: [],
            pods: pods(ready),
            replicaSets: [blueSet, greenSet],
            ...objects,
        },
    };
}
