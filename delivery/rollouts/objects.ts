import { templateHashLabel } from "../core/names";

/** The parts of the cluster's objects that following a rollout reads, as the API server and Argo Rollouts 1.9 write them. */

interface Metadata {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly generation?: number;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string | Date;
    readonly deletionTimestamp?: string | Date;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
}

export interface PodTemplate {
    readonly metadata?: Metadata;
    readonly spec?: unknown;
}

export interface CanaryStep {
    readonly setWeight?: number;
    readonly pause?: { readonly duration?: number | string };
    readonly setCanaryScale?: {
        readonly weight?: number;
        readonly replicas?: number;
        readonly matchTrafficWeight?: boolean;
    };
    readonly analysis?: { readonly templates?: readonly { readonly templateName?: string }[] };
}

export interface Condition {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
    readonly lastTransitionTime?: string;
    readonly lastUpdateTime?: string;
}

export interface Rollout {
    readonly metadata: Metadata;
    readonly spec: {
        readonly replicas?: number;
        readonly progressDeadlineSeconds?: number;
        readonly rollbackWindow?: { readonly revisions?: number };
        readonly template?: PodTemplate;
        readonly strategy?: {
            readonly canary?: { readonly steps?: readonly CanaryStep[]; readonly scaleDownDelaySeconds?: number };
        };
    };
    readonly status?: {
        readonly abort?: boolean;
        readonly abortedAt?: string;
        readonly observedGeneration?: string;
        readonly currentPodHash?: string;
        readonly stableRS?: string;
        readonly currentStepIndex?: number;
        readonly phase?: string;
        readonly message?: string;
        readonly promoteFull?: boolean;
        readonly pauseConditions?: readonly { readonly reason: string; readonly startTime: string }[];
        readonly conditions?: readonly Condition[];
        readonly canary?: {
            readonly weights?: {
                readonly canary: Weight;
                readonly stable: Weight;
            };
        };
    };
}

/** A share of the traffic, in percent, and the pods that get it. */
interface Weight {
    readonly weight?: number;
    readonly podTemplateHash?: string;
}

/** Running, Pending, Successful, Failed, Error or Inconclusive. */
type AnalysisPhase = string;

export interface Measurement {
    readonly phase: AnalysisPhase;
    readonly value?: string;
    readonly message?: string;
    readonly startedAt?: string;
    readonly finishedAt?: string;
    readonly metadata?: Readonly<Record<string, string>>;
}

export interface MetricResult {
    readonly name: string;
    readonly phase: AnalysisPhase;
    readonly message?: string;
    readonly measurements?: readonly Measurement[];
    readonly consecutiveError?: number;
    readonly metadata?: Readonly<Record<string, string>>;
}

export interface Metric {
    readonly name: string;
    readonly successCondition?: string;
    readonly failureCondition?: string;
    readonly provider?: {
        readonly prometheus?: { readonly query?: string };
        readonly job?: unknown;
    };
}

export interface AnalysisRun {
    readonly metadata: Metadata;
    readonly spec: {
        readonly args?: readonly { readonly name: string; readonly value?: string }[];
        readonly metrics?: readonly Metric[];
    };
    readonly status?: {
        readonly phase?: AnalysisPhase;
        readonly message?: string;
        readonly startedAt?: string;
        readonly completedAt?: string;
        readonly metricResults?: readonly MetricResult[];
    };
}

interface ContainerStatus {
    readonly name: string;
    readonly ready?: boolean;
    readonly restartCount?: number;
    readonly state?: {
        readonly waiting?: { readonly reason?: string; readonly message?: string };
        readonly terminated?: { readonly reason?: string; readonly message?: string; readonly exitCode?: number };
    };
    readonly lastState?: ContainerStatus["state"];
}

export interface Pod {
    readonly metadata: Metadata;
    readonly spec?: {
        readonly containers?: readonly {
            readonly name: string;
            readonly readinessProbe?: {
                readonly httpGet?: { readonly path?: string; readonly port?: number | string };
            };
        }[];
    };
    readonly status?: {
        readonly phase?: string;
        readonly conditions?: readonly Condition[];
        readonly containerStatuses?: readonly ContainerStatus[];
        readonly initContainerStatuses?: readonly ContainerStatus[];
    };
}

export interface ReplicaSet {
    readonly metadata: Metadata;
    readonly spec?: { readonly replicas?: number; readonly template?: PodTemplate };
}

/** Everything that is known about one rollout at one moment. */
export interface World {
    /** Milliseconds since 1970. */
    readonly now: number;
    /** Set once every kind was listed; before that, nothing may be concluded from absence. */
    readonly objects?: {
        readonly rollout: Rollout | undefined;
        readonly analysisRuns: readonly AnalysisRun[];
        readonly pods: readonly Pod[];
        readonly replicaSets: readonly ReplicaSet[];
    };
    /** Why the cluster's API can't be read, and since when; absent while it answers. */
    readonly outage?: {
        readonly since: number;
        readonly problem: string;
        /** Asking again can't help: no permission, or no such kind. */
        readonly permanent?: boolean;
    };
}

export const podHash = (object: { readonly metadata: Metadata }): string | undefined =>
    object.metadata.labels?.[templateHashLabel];

/** Hashes of the pods that may get requests: those that are asked for, the stable ones, and all that have weight. */
export function servingHashes({ status }: Rollout): ReadonlySet<string | undefined> {
    const { canary, stable } = status?.canary?.weights ?? {};
    const weighted = [canary, stable].filter((one) => (one?.weight ?? 0) > 0).map((one) => one?.podTemplateHash);
    return new Set([status?.currentPodHash, status?.stableRS, ...weighted]);
}

export const isOwnedBy = (object: { readonly metadata: Metadata }, uid: string | undefined): boolean =>
    uid !== undefined && (object.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid);

/** Number of a release among those of its Rollout or Deployment; 0 where the controller has not counted it yet. */
export const revisionOf = ({ metadata: { annotations } }: { readonly metadata: Metadata }): number =>
    Number(annotations?.["rollout.argoproj.io/revision"] ?? annotations?.["deployment.kubernetes.io/revision"] ?? 0);

/** A release's version, as pods carry it (`app.kubernetes.io/version`). */
export const versionOf = (template: PodTemplate | undefined): string | undefined =>
    template?.metadata?.labels?.["app.kubernetes.io/version"];

/** The template of the pods that serve: of a Rollout, the stable ones, which are blue's while a release is under way. */
export function servingTemplate(
    { spec, status }: Rollout,
    replicaSets: readonly ReplicaSet[],
): PodTemplate | undefined {
    const hash = status?.stableRS;
    const found = hash ? replicaSets.find((one) => podHash(one) === hash) : undefined;
    return found?.spec?.template ?? spec.template;
}

export const milliseconds = (time: string | Date | undefined): number | undefined =>
    time === undefined ? undefined : new Date(time).getTime();
