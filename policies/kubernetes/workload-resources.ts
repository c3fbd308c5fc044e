import { resourcePolicy } from "../shared/policy";
import { quantityOf } from "../shared/quantities";
import { kubernetesHardening } from "../shared/standards";
import { containersOf, podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

export const kubernetesWorkloadResources = resourcePolicy<Workload>({
    name: "kubernetes-workload-resources",
    description: "Containers ask for the processor and memory that they need, and are limited to what they may take.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...kubernetesHardening("Resource policies", "Limit resource consumption of namespaces, nodes, or pods"),
    remediationSteps: "Set resources.requests and resources.limits, each with cpu and memory.",
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        // Kubernetes allows no resources on ephemeral containers.
        const sized = containersOf(pods).filter(({ kind }) => kind !== "ephemeralContainers");
        findings.each(sized, ({ path, container: { resources } }) => {
            for (const resource of ["cpu", "memory"] as const) {
                const example = resource === "cpu" ? '"100m"' : '"128Mi"';
                const given = (kind: "requests" | "limits") => {
                    const value = resources?.[kind]?.[resource];
                    const quantity = quantityOf(value);
                    if (!quantity) {
                        const accepted = `a quantity above zero, as ${example}`;
                        findings.deviates(`${path}.resources.${kind}.${resource}`, value, accepted);
                    }
                    return quantity;
                };
                const [request, limit] = [given("requests"), given("limits")];
                if (request && limit && request > limit) {
                    const value = resources?.requests?.[resource];
                    findings.deviates(`${path}.resources.requests.${resource}`, value, "at most the limit");
                }
            }
        });
    },
});
