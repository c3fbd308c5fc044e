import type { meta } from "@pulumi/kubernetes/types/output";
import type { Unvalidated } from "./unvalidated";

/** What a Rollout's analysis asks for, by template. */
export interface Analysis {
    readonly templates?:
        readonly { readonly templateName?: string | null; readonly clusterScope?: boolean | null }[] | null;
    readonly args?:
        | readonly {
              readonly name?: string | null;
              readonly valueFrom?: { readonly podTemplateHashValue?: string | null } | null;
          }[]
        | null;
    /** Metrics that are measured and not counted. */
    readonly dryRun?: readonly unknown[] | null;
    readonly startingStep?: number | null;
}

/** One step of a canary; exactly one of these is set. */
export interface Step {
    readonly setWeight?: number | null;
    readonly setCanaryScale?: {
        readonly weight?: number | null;
        readonly replicas?: number | null;
        readonly matchTrafficWeight?: boolean | null;
    } | null;
    readonly analysis?: Analysis | null;
    readonly pause?: { readonly duration?: unknown } | null;
    readonly setHeaderRoute?: object | null;
    readonly setMirrorRoute?: object | null;
    readonly experiment?: object | null;
    readonly plugin?: object | null;
}

export interface Canary {
    readonly stableService?: string | null;
    readonly canaryService?: string | null;
    readonly trafficRouting?: object | null;
    readonly dynamicStableScale?: boolean | null;
    readonly scaleDownDelaySeconds?: number | null;
    readonly scaleDownDelayRevisionLimit?: number | null;
    readonly analysis?: Analysis | null;
    readonly steps?: readonly Step[] | null;
}

/** An Argo Rollout, as far as policies read it beyond its pods. */
export interface Rollout {
    readonly metadata?: Unvalidated<meta.v1.ObjectMeta> | null;
    readonly spec?: {
        readonly progressDeadlineAbort?: boolean | null;
        readonly progressDeadlineSeconds?: number | null;
        readonly rollbackWindow?: { readonly revisions?: number | null } | null;
        readonly strategy?: { readonly canary?: Canary | null; readonly blueGreen?: object | null } | null;
    } | null;
}

export interface Metric {
    readonly name?: string | null;
    readonly interval?: string | null;
    readonly initialDelay?: string | null;
    readonly count?: number | string | null;
    readonly consecutiveSuccessLimit?: number | string | null;
    readonly failureLimit?: number | string | null;
    readonly inconclusiveLimit?: number | string | null;
    readonly consecutiveErrorLimit?: number | string | null;
    readonly successCondition?: string | null;
    readonly failureCondition?: string | null;
    readonly provider?: {
        readonly prometheus?: { readonly address?: string | null; readonly query?: string | null } | null;
        readonly job?: object | null;
    } | null;
}

export interface AnalysisTemplate {
    readonly metadata?: Unvalidated<meta.v1.ObjectMeta> | null;
    readonly spec?: {
        readonly metrics?: readonly Metric[] | null;
        readonly dryRun?: readonly unknown[] | null;
    } | null;
}

/** What a template judges, by the end of its name: `backend-canary-errors`. */
export const analysisKinds = {
    smokeTests: "smoke-tests",
    canaryErrors: "canary-errors",
    deploymentErrors: "deployment-errors",
    podHealth: "pod-health",
} as const;

export type AnalysisKind = keyof typeof analysisKinds;

export function kindOf(templateName: string | null | undefined): AnalysisKind | undefined {
    const kinds = Object.entries(analysisKinds) as [AnalysisKind, string][];
    return kinds.find(([, end]) => templateName === end || templateName?.endsWith(`-${end}`))?.[0];
}

/** Which version each argument must be the hash of, by what is judged. */
const versions: Readonly<Record<AnalysisKind, Readonly<Record<string, "Latest" | "Stable">>>> = {
    smokeTests: {},
    canaryErrors: { "canary-hash": "Latest", "stable-hash": "Stable" },
    deploymentErrors: { "canary-hash": "Latest" },
    podHealth: { "canary-hash": "Latest" },
};

/** Whether an analysis judges something of that kind, for real, about the version that it is meant to judge. */
export function judges(analysis: Analysis | null | undefined, kind: AnalysisKind): boolean {
    if (!analysis || analysis.dryRun?.length) return false;
    const about = Object.entries(versions[kind]).every(([name, version]) =>
        (analysis.args ?? []).some((arg) => arg.name === name && arg.valueFrom?.podTemplateHashValue === version),
    );
    return (
        about &&
        (analysis.templates ?? []).some(
            ({ templateName, clusterScope }) => !clusterScope && kindOf(templateName) === kind,
        )
    );
}
