import { resourcePolicy } from "../shared/policy";
import { specification } from "../shared/standards";
import { kubernetes } from "../shared/types";
import type { Workload } from "../shared/workloads";

interface Settings {
    readonly namespaces: readonly string[];
}

export const kubernetesWorkloadStrategy = resourcePolicy<Workload, Settings>({
    name: "kubernetes-workload-strategy",
    description: "In production every service is released blue-green.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...specification("Section 6, Production Deployment", "Blue-Green deployment for zero-downtime"),
    remediationSteps: "Release the service as a Rollout (BlueGreenDeployment; relaypacs:deploymentStrategy blueGreen).",
    configSchema: {
        properties: {
            namespaces: {
                type: "array",
                items: { type: "string", minLength: 1 },
                uniqueItems: true,
                default: ["relaypacs-prod"],
                description: "Namespaces of production",
            },
        },
    },
    types: [kubernetes.deployment, kubernetes.statefulSet, kubernetes.daemonSet, kubernetes.replicaSet, kubernetes.pod],
    judge: ({ metadata }, findings, { type }) => {
        const namespace = metadata?.namespace ?? "";
        if (!findings.settings.namespaces.includes(namespace)) return;
        const kind = type.slice(type.lastIndexOf(":") + 1);
        findings.refuse(`${kind} in ${namespace} replaces pods one by one; accepted: a Rollout, released blue-green.`);
    },
});
