import type { rbac } from "@pulumi/kubernetes/types/output";
import { reaches, roleTypes } from "./rules";
import type { Rule } from "./rules";
import { everyKnown } from "../shared/known";
import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface Settings {
    readonly allowed: readonly string[];
    readonly certificateReaders: readonly string[];
}

export const kubernetesRoleSecrets = resourcePolicy<rbac.v1.Role, Settings>({
    name: "kubernetes-role-secrets",
    description:
        "No role lists the secrets of a namespace, but those that it names, and a ClusterRole reads only those that it names.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...cisKubernetes("5.1.2", "Minimize access to secrets"),
    remediationSteps:
        "Name the secrets in resourceNames with the verb get; list a role that needs them all in allowed.",
    configSchema: {
        properties: {
            allowed: {
                type: "array",
                items: { type: "string", minLength: 1 },
                uniqueItems: true,
                default: [],
                description: "Names of roles that may read every secret",
            },
            certificateReaders: {
                type: "array",
                items: { type: "string", minLength: 1 },
                uniqueItems: true,
                default: ["ingress-certificates"],
                description:
                    "Names of Roles of one namespace by which an ingress controller, which starts only when it may list " +
                    "secrets, reads that namespace's certificates; they may read secrets and do nothing else",
            },
        },
    },
    types: roleTypes,
    judge: ({ metadata, rules }, findings, { type }) => {
        const { allowed, certificateReaders } = findings.settings;
        if (allowed.includes(metadata?.name ?? "")) return;
        const isReader = type === kubernetes.role && certificateReaders.includes(metadata?.name ?? "");
        if (isReader && everyKnown(rules, readsSecretsOnly)) return;
        findings.each(rules, ({ apiGroups, resources, verbs, resourceNames }, index) => {
            if (!reaches(apiGroups, "") || !reaches(resources, "secrets")) return;
            // A list with resourceNames is allowed to anyone who asks for exactly one of the names (metadata.name).
            const listing = reaches(verbs, "list", "watch") && !resourceNames?.length;
            // Within a namespace, a reader must know a secret's name; a ClusterRole must list the names.
            const reading = type === kubernetes.clusterRole && reaches(verbs, "get") && !resourceNames?.length;
            if (listing) findings.deviates(`rules[${index}].verbs`, verbs, "no list or watch of secrets");
            else if (reading)
                findings.deviates(`rules[${index}].resourceNames`, resourceNames, "the names of the secrets");
        });
    },
});

function readsSecretsOnly(rule: Rule): boolean {
    return everyKnown(Object.entries(readers), ([property, accepted]) =>
        only(rule[property as keyof typeof readers], accepted),
    );
}

/** The only rules of a reader of certificates. */
const readers = { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] } as const;

const only = (list: readonly string[] | null | undefined, accepted: readonly string[]): boolean =>
    (list ?? []).length > 0 && everyKnown(list, (each) => accepted.includes(each));
