import { UnknownValueError } from "@pulumi/policy";
import type { core, meta } from "@pulumi/kubernetes/types/output";
import type { Unvalidated } from "./unvalidated";
import { kubernetes } from "./types";

export type PodSpec = Unvalidated<core.v1.PodSpec>;
export type Container = Unvalidated<core.v1.Container>;
type ObjectMeta = Unvalidated<meta.v1.ObjectMeta>;

interface PodTemplate {
    readonly metadata?: ObjectMeta | null | undefined;
    readonly spec?: PodSpec | null | undefined;
}

/** Every kind that runs pods, as far as policies read it. Argo Rollouts has a Deployment's shape, and may name one instead. */
export interface Workload {
    readonly metadata?: ObjectMeta | null | undefined;
    readonly spec?: WorkloadSpec | null | undefined;
}

export interface WorkloadSpec {
    readonly replicas?: number | null | undefined;
    readonly selector?: Unvalidated<meta.v1.LabelSelector> | null | undefined;
    readonly template?: PodTemplate | null | undefined;
    readonly jobTemplate?:
        { readonly spec?: { readonly template?: PodTemplate | null | undefined } | null } | null | undefined;
    /** Of an AnalysisTemplate: what it measures, sometimes by running a Job. */
    readonly metrics?: readonly AnalysisMetric[] | null | undefined;
    readonly workloadRef?:
        { readonly kind?: string | null | undefined; readonly name?: string | null | undefined } | null | undefined;
}

interface AnalysisMetric {
    readonly provider?:
        | {
              readonly job?: { readonly spec?: AnalysisJob | null } | null;
          }
        | null
        | undefined;
}

export interface AnalysisJob {
    readonly activeDeadlineSeconds?: number | null;
    readonly backoffLimit?: number | null;
    readonly parallelism?: number | null;
    readonly template?: PodTemplate | null;
}

/** Kinds whose pods serve for as long as they are there. */
export const servingTypes: readonly string[] = [
    kubernetes.deployment,
    kubernetes.statefulSet,
    kubernetes.daemonSet,
    kubernetes.replicaSet,
    kubernetes.rollout,
];

/** Kinds whose number of pods is declared. */
export const replicatedTypes: readonly string[] = [kubernetes.deployment, kubernetes.statefulSet, kubernetes.rollout];

/** Every kind that runs pods. */
export const workloadTypes: readonly string[] = [
    ...servingTypes,
    kubernetes.pod,
    kubernetes.job,
    kubernetes.cronJob,
    kubernetes.analysisTemplate,
];

export interface Pods {
    /** Path of the pod's specification in the workload, for messages. */
    readonly path: string;
    readonly spec: PodSpec;
    readonly labels: Readonly<Record<string, string>>;
}

/** The pods that a workload runs; undefined where it runs none, or names another workload's template. */
export function podsOf(type: string, given: Unvalidated<Workload>): Pods | undefined {
    const workload = given as Workload;
    if (type === kubernetes.pod) {
        return { path: "spec", spec: (workload.spec ?? {}) as PodSpec, labels: labelsOf(workload.metadata) };
    }
    if (type === kubernetes.rollout && workload.spec?.workloadRef) return undefined;
    if (type === kubernetes.analysisTemplate) return podsOfAnalysis(workload);
    const nested = type === kubernetes.cronJob;
    const template = nested ? workload.spec?.jobTemplate?.spec?.template : workload.spec?.template;
    return {
        path: nested ? "spec.jobTemplate.spec.template.spec" : "spec.template.spec",
        spec: template?.spec ?? {},
        labels: labelsOf(template?.metadata),
    };
}

/** The Job of an AnalysisTemplate, with its path; another policy refuses a second one. */
export function analysisJob({ spec }: Workload): { readonly path: string; readonly job: AnalysisJob } | undefined {
    const metrics = spec?.metrics ?? [];
    const at = metrics.findIndex(({ provider }) => provider?.job);
    const job = metrics[at]?.provider?.job;
    return job ? { path: `spec.metrics[${at}].provider.job.spec`, job: job.spec ?? {} } : undefined;
}

function podsOfAnalysis(workload: Workload): Pods | undefined {
    const found = analysisJob(workload);
    if (!found) return undefined;
    const { template } = found.job;
    return { path: `${found.path}.template.spec`, spec: template?.spec ?? {}, labels: labelsOf(template?.metadata) };
}

export interface NamedContainer {
    readonly path: string;
    readonly kind: "containers" | "initContainers" | "ephemeralContainers";
    readonly container: Container;
}

/**
 * Ordinary, init and ephemeral containers, each with its path: `spec.template.spec.containers[backend]`. One that is not
 * known throws only when it is read, so that it hides no other.
 */
export function containersOf({ path, spec }: Pods): NamedContainer[] {
    return (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((kind): NamedContainer[] => {
        const count = known(() => spec[kind]?.length ?? 0);
        // A list that is not known is one container, which throws when it is read.
        return Array.from({ length: count ?? 1 }, (_, index) => ({
            path: `${path}.${kind}[${known(() => spec[kind]?.[index]?.name) ?? index}]`,
            kind,
            get container() {
                return spec[kind]?.[index] as Container;
            },
        }));
    });
}

/** What is read, or undefined when it is not known yet. */
function known<Value>(read: () => Value): Value | undefined {
    try {
        return read();
    } catch (error) {
        if (!(error instanceof UnknownValueError)) throw error;
        return undefined;
    }
}

/** A restartable init container is a sidecar: it runs for as long as the others. */
export function runsOn({ kind, container }: NamedContainer): boolean {
    return kind === "containers" || (kind === "initContainers" && container.restartPolicy === "Always");
}

function labelsOf(metadata: ObjectMeta | null | undefined): Readonly<Record<string, string>> {
    return (metadata?.labels ?? {}) as Readonly<Record<string, string>>;
}
