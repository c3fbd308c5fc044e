import type { rbac } from "@pulumi/kubernetes/types/output";
import { reaches, roleTypes } from "./rules";
import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";

/** API groups whose objects change what the cluster does with the objects of everyone. */
const groups: readonly string[] = ["admissionregistration.k8s.io", "apiregistration.k8s.io"];
const writing: readonly string[] = ["create", "update", "patch", "delete", "deletecollection"];

export const kubernetesRoleAdmission = resourcePolicy<rbac.v1.Role>({
    name: "kubernetes-role-admission",
    description: "No role may change admission webhooks or API services, which see and rewrite all objects.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...cisKubernetes("5.1.12", "Minimize access to webhook configuration objects"),
    remediationSteps: "Remove the API group, or leave it the verbs get, list and watch.",
    types: roleTypes,
    judge: ({ rules }, findings) => {
        findings.each(rules, ({ apiGroups, verbs }, index) => {
            const found = groups.find((group) => reaches(apiGroups as readonly string[] | null | undefined, group));
            if (found === undefined || !reaches(verbs as readonly string[] | null | undefined, ...writing)) return;
            findings.deviates(`rules[${index}].verbs`, verbs, `get, list and watch for ${found}`);
        });
    },
});
