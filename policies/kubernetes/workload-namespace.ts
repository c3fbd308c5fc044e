import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

const refused: readonly unknown[] = ["default", "kube-system", "kube-public", "kube-node-lease", "", undefined, null];

export const kubernetesWorkloadNamespace = resourcePolicy<Workload>({
    name: "kubernetes-workload-namespace",
    description: "Workloads have a namespace of their own.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...cisKubernetes("5.7.4", "The default namespace should not be used"),
    remediationSteps: "Set metadata.namespace to the environment's namespace.",
    types: workloadTypes,
    judge: ({ metadata }, findings) => {
        const namespace = metadata?.namespace;
        if (!refused.includes(namespace)) return;
        findings.deviates("metadata.namespace", namespace, 'a namespace other than "default" and those of Kubernetes');
    },
});
