import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { kubernetes } from "../shared/types";
import { podsOf, workloadTypes } from "../shared/workloads";
import type { PodSpec, Workload } from "../shared/workloads";

interface Settings {
    readonly allowed: readonly string[];
}

type Mounting = { -readonly [Key in "automountServiceAccountToken" | "serviceAccountName"]?: PodSpec[Key] };

/** Remediated: a program that needs the API server's token is listed by name; no other program is affected. */
export const kubernetesWorkloadAccountToken = resourcePolicy<
    Workload & { readonly automountServiceAccountToken?: boolean },
    Settings
>({
    name: "kubernetes-workload-account-token",
    description: "Pods and service accounts mount no token of the API server, except those that use it.",
    enforcementLevel: "remediate",
    severity: "medium",
    ...cisKubernetes("5.1.6", "Ensure that Service Account Tokens are only mounted where necessary"),
    remediationSteps:
        "Set automountServiceAccountToken to false; list the service account of a program that calls the API server in " +
        "this policy's setting allowed.",
    configSchema: {
        properties: {
            allowed: {
                type: "array",
                items: { type: "string", pattern: "^[a-z0-9-]+/[a-z0-9-]+$" },
                uniqueItems: true,
                // The cluster's controllers, whose work is on the API server, each in a namespace without anything else.
                default: [
                    "argo-rollouts/argo-rollouts-prod",
                    "argo-rollouts/argo-rollouts-staging",
                    "monitoring/prometheus",
                    "traefik/traefik-prod",
                    "traefik/traefik-staging",
                ],
                description: "Service accounts whose pods may mount the token, each as NAMESPACE/NAME",
            },
        },
    },
    types: [...workloadTypes, kubernetes.serviceAccount],
    judge: (given, findings, { type }) => {
        const { path, mounting } = mountingOf(type, given as Workload) ?? {};
        if (!mounting || mounting.automountServiceAccountToken === false) return;
        if (isAllowed(findings.settings.allowed, type, given as Workload, mounting)) return;
        const property = `${path ? `${path}.` : ""}automountServiceAccountToken`;
        findings.deviates(property, mounting.automountServiceAccountToken, "false");
    },
    remediate: (given, { allowed }, { type }) => {
        const workload = given as Workload;
        const { mounting } = mountingOf(type, workload) ?? {};
        if (!mounting || mounting.automountServiceAccountToken === false) return false;
        if (isAllowed(allowed, type, workload, mounting)) return false;
        mounting.automountServiceAccountToken = false;
        return true;
    },
});

function isAllowed(
    allowed: readonly string[],
    type: string,
    { metadata }: Workload,
    { serviceAccountName }: Mounting,
): boolean {
    const account = type === kubernetes.serviceAccount ? metadata?.name : serviceAccountName;
    return allowed.includes(`${metadata?.namespace ?? ""}/${account ?? ""}`);
}

/** What mounts the token: the service account itself, or the pod's specification. */
function mountingOf(type: string, given: Workload): { path: string; mounting: Mounting } | undefined {
    if (type === kubernetes.serviceAccount) return { path: "", mounting: given as Mounting };
    const pods = podsOf(type, given);
    return pods && { path: pods.path, mounting: pods.spec as Mounting };
}
