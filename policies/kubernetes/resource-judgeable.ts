import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { workloadTypes } from "../shared/workloads";

interface Settings {
    readonly allowed: readonly string[];
}

export const kubernetesResourceJudgeable = resourcePolicy<object, Settings>({
    name: "kubernetes-resource-judgeable",
    description: "Nothing is deployed in a way that hides its workloads from the other policies.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...cisKubernetes("5.7.3", "Apply Security Context to Your Pods and Containers"),
    remediationSteps:
        "Declare the workloads one by one; list a resource that must stay as it is by name in this policy's setting " +
        "allowed, and its type in the setting exceptions of stack-resource-type.",
    configSchema: {
        properties: {
            allowed: {
                type: "array",
                items: { type: "string", minLength: 1 },
                uniqueItems: true,
                default: [],
                description: "Pulumi names of resources that may hide workloads",
            },
        },
    },
    types: [
        "kubernetes:helm.sh/v3:Release",
        ...workloadTypes.flatMap((type) => [`${type}Patch`, `${type}List`]),
        "kubernetes:apps/v1beta1:Deployment",
        "kubernetes:apps/v1beta2:Deployment",
        "kubernetes:extensions/v1beta1:Deployment",
        "kubernetes:batch/v1beta1:CronJob",
        "kubernetes:core/v1:ReplicationController",
        "kubernetes:argoproj.io/v1alpha1:AnalysisRun",
        "kubernetes:argoproj.io/v1alpha1:ClusterAnalysisTemplate",
        "kubernetes:argoproj.io/v1alpha1:Experiment",
    ],
    judge: (_given, findings, { name, type }) => {
        if (findings.settings.allowed.includes(name)) return;
        findings.refuse(`${type} hides its workloads from the guardrails; accepted: each workload as a resource.`);
    },
});
