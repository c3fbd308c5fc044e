import type { networking } from "@pulumi/kubernetes/types/output";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { kubernetes } from "../shared/types";

export const kubernetesIngressTls = resourcePolicy<networking.v1.Ingress>({
    name: "kubernetes-ingress-tls",
    description: "Every host that an ingress serves is served with TLS.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...nist("SC-8(1)", "Transmission Confidentiality and Integrity: Cryptographic Protection"),
    remediationSteps: "List each rule's host in spec.tls with the secret that holds its certificate.",
    types: [kubernetes.ingress],
    judge: ({ spec }, findings) => {
        const covered = () => (spec?.tls ?? []).flatMap((entry) => (entry.hosts ?? []) as readonly string[]);
        if (!spec?.tls?.length) findings.deviates("spec.tls", spec?.tls, "an entry for each host");
        findings.each(spec?.rules, ({ host }, index) => {
            if (!host) findings.deviates(`spec.rules[${index}].host`, host, "a host name");
            else if (spec?.tls?.length && !covered().some((each) => covers(each, host))) {
                findings.deviates(`spec.tls[].hosts`, covered(), `a list that includes ${JSON.stringify(host)}`);
            }
        });
    },
});

function covers(pattern: string, host: string): boolean {
    if (pattern === host) return true;
    return pattern.startsWith("*.") && host.slice(host.indexOf(".")) === pattern.slice(1);
}
