import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface Source {
    readonly sourceRef: object;
}

interface ExternalSecret {
    readonly spec: {
        readonly secretStoreRef: { readonly kind: string };
        readonly data: readonly Source[];
        readonly dataFrom: readonly Source[];
    };
}

export const kubernetesExternalSecretStore = resourcePolicy<ExternalSecret>({
    name: "kubernetes-external-secret-store",
    description: "An ExternalSecret reads the store of its own namespace, which the pack judges.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...nist("AC-3", "Access Enforcement"),
    remediationSteps: "Name a SecretStore in spec.secretStoreRef, and no sourceRef.",
    types: [kubernetes.externalSecret],
    judge: ({ spec }, findings) => {
        findings.part(() => {
            // The operator's default is the namespace's own store.
            const kind = spec?.secretStoreRef?.kind ?? "SecretStore";
            if (kind !== "SecretStore") findings.deviates("spec.secretStoreRef.kind", kind, '"SecretStore"');
        });
        for (const list of ["data", "dataFrom"] as const) {
            findings.each(spec?.[list], ({ sourceRef }, index) => {
                if (sourceRef) findings.deviates(`spec.${list}[${index}].sourceRef`, sourceRef, "not set");
            });
        }
    },
});
