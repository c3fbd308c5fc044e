import type { PolicyResource } from "@pulumi/policy";
import { stackPolicy } from "../shared/policy";
import { portionOf } from "../shared/quantities";
import { selects } from "../shared/selectors";
import type { Selector } from "../shared/selectors";
import { specification } from "../shared/standards";
import { kubernetes } from "../shared/types";
import { podsOf, replicatedTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

interface Budget {
    readonly metadata?: { readonly namespace?: string };
    readonly spec?: {
        readonly selector?: Selector;
        readonly minAvailable?: number | string | null;
        readonly maxUnavailable?: number | string | null;
        readonly unhealthyPodEvictionPolicy?: string | null;
    };
}

export const kubernetesWorkloadDisruptionBudget = stackPolicy({
    name: "kubernetes-workload-disruption-budget",
    description:
        "A drained node takes one pod of a workload at a time: not all, and not none, which blocks the drain; broken pods block nothing.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...specification("Section 6, Deployment Strategies", "Zero-downtime deployment"),
    remediationSteps:
        "Declare a PodDisruptionBudget in the workload's namespace whose selector matches its pods, with maxUnavailable " +
        "1, or with minAvailable at least 1 and below the number of replicas; and with unhealthyPodEvictionPolicy AlwaysAllow.",
    judge: (stack, findings) => {
        const byNamespace = new Map<string, Budget[]>();
        findings.each(stack.ofTypes(kubernetes.podDisruptionBudget), ({ props }) => {
            const budget = props as Budget;
            const namespace = budget.metadata?.namespace ?? "";
            const same = byNamespace.get(namespace);
            if (same) same.push(budget);
            else byNamespace.set(namespace, [budget]);
        });
        findings.each(stack.ofTypes(...replicatedTypes), (resource: PolicyResource) => {
            const workload = resource.props as Workload;
            const pods = podsOf(resource.type, workload);
            if (!pods) return;
            const budgets = byNamespace.get(workload.metadata?.namespace ?? "") ?? [];
            const matching = budgets.filter(({ spec }) => selects(spec?.selector, pods.labels));
            if (matching.length === 0) {
                const accepted = "one in its namespace whose selector matches its pods";
                findings.refuse(`${resource.name} has no PodDisruptionBudget; accepted: ${accepted}.`, resource.urn);
            }
            for (const budget of matching) {
                const problem = problemOf(budget, workload.spec?.replicas ?? 1);
                if (problem) findings.refuse(`${resource.name}'s PodDisruptionBudget ${problem}.`, resource.urn);
            }
        });
    },
});

function problemOf({ spec }: Budget, replicas: number): string | undefined {
    const { minAvailable, maxUnavailable } = spec ?? {};
    const given = maxUnavailable ?? undefined;
    const spare =
        given === undefined
            ? replicas - (portionOf(minAvailable ?? 0, replicas, "up") ?? replicas)
            : (portionOf(given, replicas, "up") ?? 0);
    const property = given === undefined ? `minAvailable ${String(minAvailable)}` : `maxUnavailable ${String(given)}`;
    if (spare < 1) return `lets no pod of ${replicas} go (${property}); accepted: at least one`;
    if (spare >= replicas) return `lets all pods of ${replicas} go (${property}); accepted: at least one stays`;
    if (spec?.unhealthyPodEvictionPolicy !== "AlwaysAllow")
        return `lets pods that are not ready block a drain (unhealthyPodEvictionPolicy ${String(spec?.unhealthyPodEvictionPolicy)}); accepted: AlwaysAllow`;
    return undefined;
}
