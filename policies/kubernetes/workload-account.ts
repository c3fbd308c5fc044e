import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

export const kubernetesWorkloadAccount = resourcePolicy<Workload>({
    name: "kubernetes-workload-account",
    description: "Pods run as a service account of their own.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...cisKubernetes("5.1.5", "Ensure that default service accounts are not actively used"),
    remediationSteps: "Declare a ServiceAccount and set serviceAccountName to its name.",
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        const account = pods.spec.serviceAccountName;
        if (account && account !== "default") return;
        findings.deviates(`${pods.path}.serviceAccountName`, account, 'any service account but "default"');
    },
});
