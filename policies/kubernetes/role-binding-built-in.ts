import type { rbac } from "@pulumi/kubernetes/types/output";
import { bindingTypes } from "./rules";
import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";

/** Roles that every cluster has, and that no rule of the pack judges. */
const builtIn: readonly string[] = ["admin", "edit"];

export const kubernetesRoleBindingBuiltIn = resourcePolicy<rbac.v1.RoleBinding>({
    name: "kubernetes-role-binding-built-in",
    description: "No one is bound to a built-in role that may change a namespace, and read its secrets.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...cisKubernetes("5.1.2", "Minimize access to secrets"),
    remediationSteps: "Bind a role that lists what is needed.",
    types: bindingTypes,
    judge: ({ roleRef }, findings) => {
        const name = roleRef?.name;
        if (roleRef?.kind !== "ClusterRole" || name === undefined || name === null) return;
        if (!builtIn.includes(name) && !name.startsWith("system:")) return;
        findings.deviates("roleRef.name", name, "a role that lists what is needed");
    },
});
