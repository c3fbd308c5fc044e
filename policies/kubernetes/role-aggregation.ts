import type { rbac } from "@pulumi/kubernetes/types/output";
import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { kubernetes } from "../shared/types";

export const kubernetesRoleAggregation = resourcePolicy<rbac.v1.ClusterRole>({
    name: "kubernetes-role-aggregation",
    description: "A role has its rules in itself: rules that the cluster adds from other roles are judged nowhere.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...cisKubernetes("5.1.3", "Minimize wildcard use in Roles and ClusterRoles"),
    remediationSteps: "List the rules, and leave aggregationRule out.",
    types: [kubernetes.clusterRole],
    judge: ({ aggregationRule }, findings) => {
        if (aggregationRule) findings.deviates("aggregationRule", aggregationRule, "not set, with the rules in rules");
    },
});
