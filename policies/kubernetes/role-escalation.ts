import type { rbac } from "@pulumi/kubernetes/types/output";
import { roleTypes } from "./rules";
import { someKnown } from "../shared/known";
import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";

const escalating: readonly string[] = ["bind", "escalate", "impersonate"];
/** Resources by which a role's holder gains another identity's rights, with the verb that does it. */
const gateways: Readonly<Record<string, string>> = {
    "serviceaccounts/token": "create",
    "nodes/proxy": "create",
    "certificatesigningrequests/approval": "update",
};

export const kubernetesRoleEscalation = resourcePolicy<rbac.v1.Role>({
    name: "kubernetes-role-escalation",
    description: "No role lets its holder take more rights than the role gives.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...cisKubernetes("5.1.8", "Limit use of the Bind, Impersonate and Escalate permissions in the Kubernetes cluster"),
    remediationSteps: "Remove the verb or the resource that the message names.",
    types: roleTypes,
    judge: ({ rules }, findings) => {
        findings.each(rules, (rule, index) => {
            const given = (rule.verbs ?? []) as readonly string[];
            const refused = findings.filter(given, (verb) => escalating.includes(verb));
            if (refused.length > 0) {
                findings.deviates(`rules[${index}].verbs`, refused, `any verbs but ${escalating.join(", ")}`);
            }
            for (const [resource, verb] of Object.entries(gateways)) {
                findings.part(() => {
                    const resources = rule.resources as readonly string[] | null | undefined;
                    if (!someKnown(given, (each) => each === verb)) return;
                    if (!someKnown(resources, (each) => each === resource)) return;
                    const accepted = `any resource but this with the verb ${verb}`;
                    findings.deviates(`rules[${index}].resources`, resource, accepted);
                });
            }
        });
    },
});
