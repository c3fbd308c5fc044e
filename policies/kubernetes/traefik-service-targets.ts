import { resourcePolicy } from "../shared/policy";
import { kubernetesHardening } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface Target {
    readonly name: string;
    readonly namespace: string;
}

interface Routing {
    readonly metadata: { readonly namespace: string };
    readonly spec: {
        /** Of a TraefikService. */
        readonly mirroring: object;
        readonly weighted: { readonly services: readonly Target[] };
        /** Of an IngressRoute. */
        readonly routes: readonly { readonly services: readonly Target[] }[];
    };
}

export const kubernetesTraefikServiceTargets = resourcePolicy<Routing>({
    name: "kubernetes-traefik-service-targets",
    description: "Requests reach Services of their own namespace, each once: they hold patients' images.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...kubernetesHardening("Network separation and hardening", "Lock down access to cluster services from outside"),
    remediationSteps: "Name Services of the same namespace, and mirror no requests.",
    types: [kubernetes.traefikService, kubernetes.ingressRoute],
    judge: ({ metadata, spec }, findings) => {
        findings.part(() => {
            if (spec?.mirroring) findings.deviates("spec.mirroring", spec.mirroring, "not set");
        });
        const judge = (path: string, { namespace }: { readonly namespace?: string | null | undefined }) => {
            if (!namespace || namespace === metadata?.namespace) return;
            findings.deviates(`${path}.namespace`, namespace, "the namespace of the resource");
        };
        findings.each(spec?.weighted?.services, (target, index) => {
            judge(`spec.weighted.services[${index}]`, target);
        });
        findings.each(spec?.routes, ({ services }, route) => {
            findings.each(services, (target, index) => {
                judge(`spec.routes[${route}].services[${index}]`, target);
            });
        });
    },
});
