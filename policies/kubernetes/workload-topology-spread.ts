import { resourcePolicy } from "../shared/policy";
import { selects } from "../shared/selectors";
import { specification } from "../shared/standards";
import { podsOf, replicatedTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

export const kubernetesWorkloadTopologySpread = resourcePolicy<Workload>({
    name: "kubernetes-workload-topology-spread",
    description: "Pods of a workload that serves spread over nodes or zones.",
    enforcementLevel: "mandatory",
    severity: "low",
    ...specification("Section 6, Deployment Strategies", "Zero-downtime deployment"),
    remediationSteps:
        "Add a topologySpreadConstraints entry over kubernetes.io/hostname or topology.kubernetes.io/zone whose " +
        "labelSelector matches the pods.",
    types: replicatedTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        const property = `${pods.path}.topologySpreadConstraints`;
        const constraints = pods.spec.topologySpreadConstraints;
        if (!constraints?.length) findings.deviates(property, constraints, "a constraint over nodes or zones");
        findings.each(constraints, ({ labelSelector }, index) => {
            if (selects(labelSelector, pods.labels)) return;
            findings.deviates(`${property}[${index}].labelSelector`, labelSelector, "a selector that matches the pods");
        });
    },
});
