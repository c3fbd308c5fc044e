import type { core } from "@pulumi/kubernetes/types/output";
import { resourcePolicy } from "../shared/policy";
import { markSecret } from "../shared/secret-values";
import { cisKubernetes } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface Settings {
    readonly types: readonly string[];
}

/** Remediates values: those that are not Pulumi secrets become ones. */
export const kubernetesSecretType = resourcePolicy<core.v1.Secret, Settings>({
    name: "kubernetes-secret-type",
    description: "Secrets have an accepted type, no token of a service account among them; their values stay secret.",
    enforcementLevel: "remediate",
    severity: "high",
    ...cisKubernetes("5.1.6", "Ensure that Service Account Tokens are only mounted where necessary"),
    remediationSteps:
        "Use a type that the message lists; ask for service account tokens by TokenRequest, which expire.",
    configSchema: {
        properties: {
            types: {
                type: "array",
                items: { type: "string", minLength: 1 },
                minItems: 1,
                uniqueItems: true,
                default: ["Opaque", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson"],
                description: "Accepted types",
            },
        },
    },
    types: [kubernetes.secret],
    judge: ({ type }, findings) => {
        const { types } = findings.settings;
        // Kubernetes treats a secret without a type as Opaque.
        if (types.includes(type ?? "Opaque")) return;
        findings.deviates("type", type, types.join(", "));
    },
    remediate: (secret) => markSecret(secret, "data", "stringData"),
});
