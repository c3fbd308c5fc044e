import type * as k8s from "@pulumi/kubernetes";

/**
 * Lets a drained node take one pod at a time (specification, section 6, "Zero-downtime deployment"). Pods that are not
 * ready can always be taken: by default they can't while too few others are ready, so a broken service would block every
 * drain, and with it the repair of its node.
 */
export const disruptionBudget = (
    labels: Record<string, string>,
): k8s.types.input.policy.v1.PodDisruptionBudgetSpec => ({
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: "AlwaysAllow",
    selector: { matchLabels: labels },
});
