import type { PolicyResource } from "@pulumi/policy";
import { show } from "../shared/findings";
import { stackPolicy } from "../shared/policy";
import { portionOf, quantityOf } from "../shared/quantities";
import { specification } from "../shared/standards";
import { kubernetes } from "../shared/types";
import { analysisJob, containersOf, podsOf, runsOn } from "../shared/workloads";
import type { Pods, Workload } from "../shared/workloads";

const resources = ["pods", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"] as const;
const rounding = 1e-9;
type Demand = Record<(typeof resources)[number], number>;

interface Quota {
    readonly metadata?: { readonly namespace?: string };
    readonly spec?: { readonly hard?: Readonly<Record<string, unknown>>; readonly scopes?: readonly string[] };
}

interface Rolling extends Workload {
    readonly spec?: Workload["spec"] & {
        readonly strategy?: {
            readonly type?: string | null;
            readonly rollingUpdate?: { readonly maxSurge?: unknown } | null;
            readonly blueGreen?: object | null;
            readonly canary?: { readonly trafficRouting?: object | null; readonly maxSurge?: unknown } | null;
        } | null;
        readonly parallelism?: number | null;
    };
}

export const kubernetesQuotaRoom = stackPolicy({
    name: "kubernetes-quota-room",
    description:
        "A namespace's quota has room for its busiest moment: every surge, the colours of each Rollout, and the jobs.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...specification("Section 6, Production Deployment", "Deploy green in parallel to blue; keep blue idle for 1 hour"),
    remediationSteps: "Raise the quota to the need that the message names, or ask for less.",
    judge: (stack, findings) => {
        const demands = new Map<string, Demand>();
        const types = [
            kubernetes.deployment,
            kubernetes.statefulSet,
            kubernetes.rollout,
            kubernetes.job,
            kubernetes.pod,
            kubernetes.cronJob,
            kubernetes.analysisTemplate,
        ];
        findings.each(stack.ofTypes(...types), (workload) => {
            const properties = workload.props as Rolling;
            add(demands, properties.metadata?.namespace ?? "", demandOf(workload, properties));
        });
        findings.each(stack.ofTypes(kubernetes.resourceQuota), (quota) => {
            judgeQuota(quota, demands, (sentence) => {
                findings.refuse(sentence, quota.urn);
            });
        });
    },
});

function judgeQuota(quota: PolicyResource, demands: Map<string, Demand>, refuse: (sentence: string) => void): void {
    const { metadata, spec } = quota.props as Quota;
    const demand = demands.get(metadata?.namespace ?? "");
    if (!demand || spec?.scopes?.length) return;
    for (const resource of resources) {
        const given = spec?.hard?.[resource];
        const limit = quantityOf(given);
        // Another policy judges a quota that does not bound a resource. Sums of fractions are not exact.
        if (limit === undefined || demand[resource] <= limit * (1 + rounding)) continue;
        const need = describe(resource, demand[resource]);
        refuse(
            `${quota.name} spec.hard["${resource}"] is ${show(given)}; accepted: at least ${need}, the busiest moment's need.`,
        );
    }
}

function add(demands: Map<string, Demand>, namespace: string, demand: Demand): void {
    const sum = demands.get(namespace);
    if (!sum) demands.set(namespace, demand);
    else for (const resource of resources) sum[resource] += demand[resource];
}

/** The resources that a workload requests when it has the most pods at once. */
function demandOf({ type }: PolicyResource, workload: Rolling): Demand {
    const pods = podsOf(type, workload);
    const count = pods ? podCount(type, workload) : 0;
    const demand = { pods: count } as Demand;
    for (const kind of ["requests", "limits"] as const) {
        for (const resource of ["cpu", "memory"] as const) {
            demand[`${kind}.${resource}`] = pods ? count * perPod(pods, kind, resource) : 0;
        }
    }
    return demand;
}

function podCount(type: string, { spec }: Rolling): number {
    if (type === kubernetes.pod) return 1;
    if (type === kubernetes.job || type === kubernetes.cronJob) return spec?.parallelism ?? 1;
    if (type === kubernetes.analysisTemplate) return analysisJob({ spec })?.job.parallelism ?? 1;
    const replicas = spec?.replicas ?? 1;
    const strategy = spec?.strategy;
    if (type === kubernetes.statefulSet || strategy?.type === "Recreate") return replicas;
    if (type === kubernetes.rollout) {
        if (!strategy?.blueGreen && !strategy?.canary?.trafficRouting)
            return replicas + surgeOf(strategy?.canary?.maxSurge, replicas);
        // Green is tested beside the serving colour, while the one before may still be idle.
        return 3 * replicas;
    }
    return replicas + surgeOf(strategy?.rollingUpdate?.maxSurge, replicas);
}

function surgeOf(maxSurge: unknown, replicas: number): number {
    return portionOf(maxSurge ?? "25%", replicas, "up") ?? 0;
}

/** Init containers run one after the other before the rest: the greater of the two counts. */
function perPod(pods: Pods, kind: "requests" | "limits", resource: "cpu" | "memory"): number {
    let together = 0;
    let largestInit = 0;
    for (const named of containersOf(pods)) {
        const quantity = quantityOf(named.container.resources?.[kind]?.[resource]) ?? 0;
        if (runsOn(named)) together += quantity;
        else if (named.kind === "initContainers") largestInit = Math.max(largestInit, quantity);
    }
    return Math.max(together, largestInit);
}

function describe(resource: string, amount: number): string {
    if (resource.endsWith("memory")) return `${Math.ceil(amount / 2 ** 20)}Mi`;
    if (resource.endsWith("cpu")) return `${Math.ceil(Math.round(amount * 1e6) / 1e3)}m`;
    return String(amount);
}
