import type { core } from "@pulumi/kubernetes/types/output";
import { resourcePolicy } from "../shared/policy";
import { kubernetesHardening } from "../shared/standards";
import { kubernetes } from "../shared/types";

export const kubernetesServiceExternalName = resourcePolicy<core.v1.Service>({
    name: "kubernetes-service-external-name",
    description: "A Service leads to pods of the cluster, and not to a name outside.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...kubernetesHardening("Network separation and hardening", "Lock down access to cluster services from outside"),
    remediationSteps: "Give the address to the program that calls it, and a network policy that allows it.",
    types: [kubernetes.service],
    judge: ({ spec }, findings) => {
        const name = spec?.externalName;
        if (spec?.type === "ExternalName" || name)
            findings.deviates("spec.externalName", name, "pods by spec.selector");
    },
});
