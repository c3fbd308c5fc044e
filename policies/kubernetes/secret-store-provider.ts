import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface SecretStore {
    readonly spec: {
        readonly provider: {
            readonly aws: {
                readonly service: string;
                readonly role: string;
                readonly auth: { readonly secretRef: object };
            };
        };
    };
}

export const kubernetesSecretStoreProvider = resourcePolicy<SecretStore>({
    name: "kubernetes-secret-store-provider",
    description: "Secrets come from the account's own AWS Secrets Manager, by an identity without static keys.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...nist("IA-5(7)", "No Embedded Unencrypted Static Authenticators"),
    remediationSteps:
        'Set spec.provider.aws with service "SecretsManager" and region; leave out role and auth.secretRef.',
    types: [kubernetes.secretStore],
    judge: ({ spec }, findings) => {
        findings.part(() => {
            const providers = Object.keys(spec?.provider ?? {});
            if (providers.length === 1 && providers[0] === "aws") return;
            findings.deviates("spec.provider", providers, "aws alone");
        });
        const aws = spec?.provider?.aws;
        findings.part(() => {
            const service = aws?.service;
            if (service !== "SecretsManager")
                findings.deviates("spec.provider.aws.service", service, '"SecretsManager"');
        });
        findings.part(() => {
            if (aws?.role) findings.deviates("spec.provider.aws.role", aws.role, "not set: the operator's own role");
        });
        findings.part(() => {
            if (aws?.auth?.secretRef) findings.refuse("spec.provider.aws.auth.secretRef is set; accepted: not set.");
        });
    },
});
