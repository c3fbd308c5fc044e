import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface Certificate {
    readonly spec: { readonly isCA: boolean };
}

export const kubernetesCertificateLeaf = resourcePolicy<Certificate>({
    name: "kubernetes-certificate-leaf",
    description: "A certificate is for a host, and signs no others.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...nist("SC-17", "Public Key Infrastructure Certificates"),
    remediationSteps: "Leave spec.isCA out.",
    types: [kubernetes.certificate],
    judge: ({ spec }, findings) => {
        if (spec?.isCA) findings.deviates("spec.isCA", spec.isCA, "not set or false");
    },
});
