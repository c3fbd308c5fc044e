import type { core } from "@pulumi/kubernetes/types/output";
import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { kubernetes } from "../shared/types";

const modes = ["enforce", "audit", "warn"] as const;
const prefix = "pod-security.kubernetes.io";

interface Settings {
    readonly exempt: readonly string[];
    readonly version: string;
}

/** Remediated: the pack holds the namespace's own workloads to the same standard already. */
export const kubernetesNamespacePodSecurity = resourcePolicy<core.v1.Namespace, Settings>({
    name: "kubernetes-namespace-pod-security",
    description: "The cluster itself holds every pod of a namespace to the restricted Pod Security Standard.",
    enforcementLevel: "remediate",
    severity: "high",
    ...cisKubernetes("5.2.1", "Ensure that the cluster has at least one active policy control mechanism in place"),
    remediationSteps: `Set the labels ${prefix}/enforce, audit and warn to restricted, and each label's -version.`,
    configSchema: {
        properties: {
            exempt: {
                type: "array",
                items: { type: "string", minLength: 1 },
                uniqueItems: true,
                default: [],
                description: "Names of namespaces that may be less strict",
            },
            version: {
                type: "string",
                pattern: "^(latest|v1\\.[0-9]+)$",
                default: "latest",
                description: "Version of the standard that a remediation writes",
            },
        },
    },
    types: [kubernetes.namespace],
    judge: ({ metadata }, findings) => {
        if (findings.settings.exempt.includes(metadata?.name ?? "")) return;
        const labels = metadata?.labels as Readonly<Record<string, string>> | null | undefined;
        for (const mode of modes) {
            findings.part(() => {
                const given = labels?.[`${prefix}/${mode}`];
                if (given !== "restricted")
                    findings.deviates(`metadata.labels["${prefix}/${mode}"]`, given, '"restricted"');
            });
            findings.part(() => {
                const given = labels?.[`${prefix}/${mode}-version`];
                if (given !== undefined && /^(latest|v1\.[0-9]+)$/.test(given)) return;
                const accepted = '"latest", or a version as "v1.36"';
                findings.deviates(`metadata.labels["${prefix}/${mode}-version"]`, given, accepted);
            });
        }
    },
    remediate: (namespace, { exempt, version }) => {
        const metadata = (namespace.metadata ??= {});
        if (exempt.includes(metadata.name ?? "")) return false;
        const labels = (metadata.labels ??= {}) as Record<string, string | undefined>;
        let changed = false;
        for (const mode of modes) {
            if (labels[`${prefix}/${mode}`] !== "restricted") {
                labels[`${prefix}/${mode}`] = "restricted";
                changed = true;
            }
            if (labels[`${prefix}/${mode}-version`] === undefined) {
                labels[`${prefix}/${mode}-version`] = version;
                changed = true;
            }
        }
        return changed;
    },
});
