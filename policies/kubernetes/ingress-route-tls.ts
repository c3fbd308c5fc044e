import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface IngressRoute {
    readonly spec: { readonly entryPoints: readonly string[]; readonly tls: { readonly secretName: string } };
}

export const kubernetesIngressRouteTls = resourcePolicy<IngressRoute>({
    name: "kubernetes-ingress-route-tls",
    description: "A route of the ingress controller is served with TLS alone, by a certificate of its namespace.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...nist("SC-8(1)", "Transmission Confidentiality and Integrity: Cryptographic Protection"),
    remediationSteps: 'Set spec.entryPoints to ["websecure"], and spec.tls.secretName.',
    types: [kubernetes.ingressRoute],
    judge: ({ spec }, findings) => {
        findings.part(() => {
            const points = spec?.entryPoints as readonly string[] | null | undefined;
            if (points?.length === 1 && points[0] === "websecure") return;
            findings.deviates("spec.entryPoints", points, '["websecure"]');
        });
        findings.part(() => {
            const secret = spec?.tls?.secretName;
            if (!secret) findings.deviates("spec.tls.secretName", secret, "the Secret with the certificate");
        });
    },
});
