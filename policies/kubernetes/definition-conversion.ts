import type { apiextensions } from "@pulumi/kubernetes/types/output";
import { resourcePolicy } from "../shared/policy";
import { kubernetesHardening } from "../shared/standards";
import { kubernetes } from "../shared/types";

export const kubernetesDefinitionConversion = resourcePolicy<apiextensions.v1.CustomResourceDefinition>({
    name: "kubernetes-definition-conversion",
    description: "No webhook rewrites the objects of a custom kind after they were judged.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...kubernetesHardening("Authentication and authorization", "Limit who and what may change objects of the cluster"),
    remediationSteps: 'Leave spec.conversion out, or set its strategy to "None".',
    types: [kubernetes.customResourceDefinition],
    judge: ({ spec }, findings) => {
        const strategy = spec?.conversion?.strategy ?? "None";
        if (strategy !== "None") findings.deviates("spec.conversion.strategy", strategy, '"None"');
    },
});
