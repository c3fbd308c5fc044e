import type { rbac } from "@pulumi/kubernetes/types/output";
import type { Unvalidated } from "../shared/unvalidated";
import { someKnown } from "../shared/known";
import { kubernetes } from "../shared/types";

export const roleTypes = [kubernetes.role, kubernetes.clusterRole];
export const bindingTypes = [kubernetes.roleBinding, kubernetes.clusterRoleBinding];

export type Rule = Unvalidated<rbac.v1.PolicyRule>;

/** Whether a rule's list holds one of the values, or everything. */
export function reaches(list: readonly string[] | null | undefined, ...values: readonly string[]): boolean {
    return someKnown(list, (each) => each === "*" || values.includes(each));
}
