import type { core } from "@pulumi/kubernetes/types/output";
import { resourcePolicy } from "../shared/policy";
import { kubernetesHardening } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface Settings {
    readonly allowed: readonly string[];
}

/** Annotations by which a load balancer stays inside the network, with the value that says so. */
const internal: Readonly<Record<string, string>> = {
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
};

export const kubernetesServiceExposure = resourcePolicy<core.v1.Service, Settings>({
    name: "kubernetes-service-exposure",
    description: "Services are reached from inside the cluster; the way in is the ingress.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...kubernetesHardening("Network separation and hardening", "Lock down access to cluster services from outside"),
    remediationSteps:
        "Use type ClusterIP behind an Ingress, annotate the load balancer as internal, or list the service as " +
        "NAMESPACE/NAME in this policy's setting allowed.",
    configSchema: {
        properties: {
            allowed: {
                type: "array",
                items: { type: "string", pattern: "^[a-z0-9-]+/[a-z0-9-]+$" },
                uniqueItems: true,
                default: ["traefik/traefik-staging", "traefik/traefik-prod"],
                description: "Services that may be reached from outside, each as NAMESPACE/NAME; the ingresses' own",
            },
        },
    },
    types: [kubernetes.service],
    judge: ({ metadata, spec }, findings) => {
        findings.part(() => {
            const addresses = spec?.externalIPs;
            if (addresses?.length) findings.deviates("spec.externalIPs", addresses, "not set");
        });
        const type = spec?.type;
        if (type !== "LoadBalancer" && type !== "NodePort") return;
        if (findings.settings.allowed.includes(`${metadata?.namespace}/${metadata?.name}`)) return;
        const annotations = (metadata?.annotations ?? {}) as Readonly<Record<string, string>>;
        if (type === "LoadBalancer" && Object.entries(internal).some(([key, value]) => annotations[key] === value))
            return;
        findings.deviates("spec.type", type, '"ClusterIP", or "LoadBalancer" annotated as internal');
    },
});
