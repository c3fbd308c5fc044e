import { resourcePolicy } from "../shared/policy";
import { specification } from "../shared/standards";
import { replicatedTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

interface Settings {
    readonly minimum: number;
}

export const kubernetesWorkloadReplicas = resourcePolicy<Workload, Settings>({
    name: "kubernetes-workload-replicas",
    description: "A workload that serves survives the loss of a pod.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...specification("Section 6, Staging Deployment", "The backend runs 2 replicas"),
    remediationSteps: "Set spec.replicas to 2 or more.",
    configSchema: {
        properties: {
            minimum: { type: "integer", minimum: 1, maximum: 50, default: 2, description: "Minimum number of pods" },
        },
    },
    types: replicatedTypes,
    judge: ({ spec }, findings) => {
        const { minimum } = findings.settings;
        // Kubernetes runs one pod when the number is not set.
        if ((spec?.replicas ?? 1) >= minimum) return;
        findings.deviates("spec.replicas", spec?.replicas, `at least ${minimum}`);
    },
});
