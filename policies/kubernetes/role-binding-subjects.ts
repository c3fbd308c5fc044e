import type { rbac } from "@pulumi/kubernetes/types/output";
import { bindingTypes } from "./rules";
import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";

const everyone: readonly unknown[] = [
    "system:masters",
    "system:anonymous",
    "system:unauthenticated",
    "system:authenticated",
    "system:serviceaccounts",
];

export const kubernetesRoleBindingSubjects = resourcePolicy<rbac.v1.RoleBinding>({
    name: "kubernetes-role-binding-subjects",
    description: "Roles are bound to named accounts, never to all users, and cluster-admin to no one.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...cisKubernetes("5.1.1", "Ensure that the cluster-admin role is only used where required"),
    remediationSteps: "Bind a role that lists what is needed to a service account or a group of its own.",
    types: bindingTypes,
    judge: ({ roleRef, subjects }, findings) => {
        findings.part(() => {
            const role = roleRef?.name;
            if (role === "cluster-admin") findings.deviates("roleRef.name", role, 'any role but "cluster-admin"');
        });
        findings.each(subjects, (subject, index) => {
            const { name } = subject;
            const place = `subjects[${index}].name`;
            const group = name?.startsWith("system:serviceaccounts:");
            if (everyone.includes(name) || group) findings.deviates(place, name, "a named account or group");
            else if (name === "default" && subject.kind === "ServiceAccount") {
                findings.deviates(place, name, 'any service account but "default"');
            }
        });
    },
});
