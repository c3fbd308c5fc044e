import type { core } from "@pulumi/kubernetes/types/output";
import { resourcePolicy } from "../shared/policy";
import { quantityOf } from "../shared/quantities";
import { kubernetesHardening } from "../shared/standards";
import { kubernetes } from "../shared/types";

const required = ["pods", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"] as const;

export const kubernetesResourceQuotaComplete = resourcePolicy<core.v1.ResourceQuota>({
    name: "kubernetes-resource-quota-complete",
    description: "A quota bounds pods, processor and memory.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...kubernetesHardening("Resource policies", "ResourceQuotas restrict the total resource usage of a namespace"),
    remediationSteps: `Set spec.hard for ${required.join(", ")}.`,
    types: [kubernetes.resourceQuota],
    judge: ({ spec }, findings) => {
        // A scoped quota counts some pods only; the others need one of their own.
        if (spec?.scopes?.length || spec?.scopeSelector) return;
        const hard = spec?.hard as Readonly<Record<string, unknown>> | null | undefined;
        for (const resource of required) {
            findings.part(() => {
                const given = hard?.[resource];
                if (quantityOf(given)) return;
                findings.deviates(`spec.hard["${resource}"]`, given, "a quantity above zero");
            });
        }
    },
});
