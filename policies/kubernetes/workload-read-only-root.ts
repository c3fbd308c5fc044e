import { resourcePolicy } from "../shared/policy";
import { kubernetesHardening } from "../shared/standards";
import { containersOf, podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

export const kubernetesWorkloadReadOnlyRoot = resourcePolicy<Workload>({
    name: "kubernetes-workload-read-only-root",
    description: "Containers cannot change their own image's files.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...kubernetesHardening("Immutable container file systems", "Use an immutable container file system where possible"),
    remediationSteps: "Set readOnlyRootFilesystem to true, and mount an emptyDir where the program writes.",
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        findings.each(containersOf(pods), ({ path, container }) => {
            const readOnly = container.securityContext?.readOnlyRootFilesystem;
            if (readOnly !== true)
                findings.deviates(`${path}.securityContext.readOnlyRootFilesystem`, readOnly, "true");
        });
    },
});
