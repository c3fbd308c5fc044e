import type { apps } from "@pulumi/kubernetes/types/output";
import { resourcePolicy } from "../shared/policy";
import { portionOf } from "../shared/quantities";
import { specification } from "../shared/standards";
import { kubernetes } from "../shared/types";

export const kubernetesDeploymentStrategy = resourcePolicy<apps.v1.Deployment>({
    name: "kubernetes-deployment-strategy",
    description: "A Deployment rolls: new pods come first, and no old one goes before a new one is ready.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...specification(
        "Section 6, Staging Deployment",
        "Deploy new pods (maxSurge: 1), terminate old ones (maxUnavailable: 0)",
    ),
    remediationSteps: "Set spec.strategy to type RollingUpdate with rollingUpdate.maxSurge 1 and maxUnavailable 0.",
    types: [kubernetes.deployment],
    judge: ({ spec }, findings) => {
        const strategy = spec?.strategy;
        const replicas = spec?.replicas ?? 1;
        if (strategy?.type !== undefined && strategy.type !== null && strategy.type !== "RollingUpdate") {
            findings.deviates("spec.strategy.type", strategy.type, '"RollingUpdate"');
        }
        findings.part(() => {
            const unavailable = strategy?.rollingUpdate?.maxUnavailable;
            // Not set, a quarter of the pods may be missing.
            if (isZero(unavailable)) return;
            findings.deviates("spec.strategy.rollingUpdate.maxUnavailable", unavailable, "0");
        });
        findings.part(() => {
            const surge = strategy?.rollingUpdate?.maxSurge;
            if ((portionOf(surge ?? "25%", replicas, "up") ?? 0) >= 1) return;
            findings.deviates("spec.strategy.rollingUpdate.maxSurge", surge, "at least 1");
        });
    },
});

/** Zero as written, not by rounding: a small percentage removes pods as soon as there are enough of them. */
function isZero(value: unknown): boolean {
    return value === 0 || value === "0" || value === "0%";
}
