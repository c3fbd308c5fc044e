import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { kubernetes } from "../shared/types";
import type { Workload } from "../shared/workloads";

export const kubernetesRolloutTemplate = resourcePolicy<Workload>({
    name: "kubernetes-rollout-template",
    description: "A Rollout has its pods' template in itself, where the other policies judge it.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...cisKubernetes("5.7.3", "Apply Security Context to Your Pods and Containers"),
    remediationSteps: "Move the template from the workload that spec.workloadRef names to spec.template.",
    types: [kubernetes.rollout],
    judge: ({ spec }, findings) => {
        const workload = spec?.workloadRef;
        if (workload) findings.deviates("spec.workloadRef", workload, "not set, with the pods in spec.template");
    },
});
