import type { rbac } from "@pulumi/kubernetes/types/output";
import { roleTypes } from "./rules";
import { someKnown } from "../shared/known";
import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";

export const kubernetesRoleWildcards = resourcePolicy<rbac.v1.Role>({
    name: "kubernetes-role-wildcards",
    description: "Roles name what they allow.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...cisKubernetes("5.1.3", "Minimize wildcard use in Roles and ClusterRoles"),
    remediationSteps: "Name the API groups, resources and verbs.",
    types: roleTypes,
    judge: ({ rules }, findings) => {
        findings.each(rules, (rule, index) => {
            for (const property of ["apiGroups", "resources", "verbs", "nonResourceURLs"] as const) {
                findings.part(() => {
                    const list = rule[property] as readonly string[] | null | undefined;
                    const open = someKnown(list, (each) => each === "*" || each === "*/*");
                    if (open) findings.deviates(`rules[${index}].${property}`, list, "names, without *");
                });
            }
        });
    },
});
