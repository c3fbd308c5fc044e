import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { containersOf, podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

interface Settings {
    readonly registries: readonly string[];
}

export const kubernetesWorkloadImageRegistry = resourcePolicy<Workload, Settings>({
    name: "kubernetes-workload-image-registry",
    description: "Containers run images of known registries.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...cisKubernetes("5.5.1", "Configure Image Provenance using ImagePolicyWebhook admission controller"),
    remediationSteps:
        "Push the image to RelayPACS's registry, or list its registry in this policy's setting registries.",
    configSchema: {
        properties: {
            registries: {
                type: "array",
                items: { type: "string", pattern: "^[a-z0-9.:-]+/([a-z0-9._/-]+/)?$" },
                minItems: 1,
                uniqueItems: true,
                default: ["123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/"],
                description: "Beginnings of accepted image names; each ends with a slash",
            },
        },
    },
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const { registries } = findings.settings;
        const pods = podsOf(type, workload);
        if (!pods) return;
        findings.each(containersOf(pods), ({ path, container: { image } }) => {
            if (registries.some((registry) => image?.startsWith(registry))) return;
            findings.deviates(`${path}.image`, image, `an image of ${registries.join(", ")}`);
        });
    },
});
