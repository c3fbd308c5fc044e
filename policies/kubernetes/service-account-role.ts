import type { core } from "@pulumi/kubernetes/types/output";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { kubernetes } from "../shared/types";

const annotation = "eks.amazonaws.com/role-arn";

export const kubernetesServiceAccountRole = resourcePolicy<core.v1.ServiceAccount>({
    name: "kubernetes-service-account-role",
    description: "No pod takes a role in AWS: the platform's pods need none.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...nist("AC-6", "Least Privilege"),
    remediationSteps: `Remove the annotation ${annotation}.`,
    types: [kubernetes.serviceAccount],
    judge: ({ metadata }, findings) => {
        const role = (metadata?.annotations as Readonly<Record<string, string>> | null | undefined)?.[annotation];
        if (role) findings.deviates(`metadata.annotations["${annotation}"]`, role, "not set");
    },
});
