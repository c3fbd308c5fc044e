import { resourcePolicy } from "../shared/policy";
import { quantityOf } from "../shared/quantities";
import { kubernetesHardening } from "../shared/standards";
import { containersOf, podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

const disk = "ephemeral-storage";

const examples = { cpu: "100m", memory: "128Mi", [disk]: "256Mi" };

export const kubernetesWorkloadResources = resourcePolicy<Workload>({
    name: "kubernetes-workload-resources",
    description:
        "Containers ask for the processor and memory that they need, and are limited to what they may take, also of the node's disk.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...kubernetesHardening("Resource policies", "Limit resource consumption of namespaces, nodes, or pods"),
    remediationSteps:
        "Set resources.requests and resources.limits, each with cpu and memory, and the limit of ephemeral-storage.",
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        // Kubernetes allows no resources on ephemeral containers.
        const sized = containersOf(pods).filter(({ kind }) => kind !== "ephemeralContainers");
        findings.each(sized, ({ path, container: { resources } }) => {
            for (const [resource, example] of Object.entries(examples)) {
                const given = (kind: "requests" | "limits") => {
                    const value = resources?.[kind]?.[resource];
                    // What a container asks for of the disk is its limit, unless it says less.
                    if (value === undefined && kind === "requests" && resource === disk) return undefined;
                    const quantity = quantityOf(value);
                    if (!quantity) {
                        const accepted = `a quantity above zero, as "${example}"`;
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
