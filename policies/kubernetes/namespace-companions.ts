import type { PolicyResource } from "@pulumi/policy";
import { stackPolicy } from "../shared/policy";
import { isEmpty } from "../shared/selectors";
import type { Selector } from "../shared/selectors";
import { requireCompanions } from "../shared/stack-index";
import { cisKubernetes } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface NamespacedProperties {
    readonly metadata?: { readonly name?: string; readonly namespace?: string };
    readonly spec?: {
        readonly podSelector?: Selector;
        readonly policyTypes?: readonly string[];
        readonly ingress?: readonly unknown[];
        readonly egress?: readonly unknown[];
    };
}

const propertiesOf = (resource: PolicyResource) => resource.props as NamespacedProperties;
const link = { input: "metadata", value: (resource: PolicyResource) => propertiesOf(resource).metadata?.namespace };
const identities = [(namespace: PolicyResource) => propertiesOf(namespace).metadata?.name];

export const kubernetesNamespaceCompanions = stackPolicy({
    name: "kubernetes-namespace-companions",
    description: "Every namespace denies traffic by default, and bounds what it uses.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...cisKubernetes("5.3.2", "Ensure that all Namespaces have Network Policies defined"),
    remediationSteps:
        "Declare a NetworkPolicy with an empty podSelector, policyTypes Ingress and Egress and no rules, a ResourceQuota " +
        "and a LimitRange in the namespace.",
    judge: (stack, findings) => {
        const namespaces = stack.ofTypes(kubernetes.namespace);
        requireCompanions(stack, findings, namespaces, identities, [
            { type: kubernetes.resourceQuota, called: "quota (kubernetes.core.v1.ResourceQuota)", link },
            { type: kubernetes.limitRange, called: "limit range (kubernetes.core.v1.LimitRange)", link },
        ]);
        const policies = stack.pointers(kubernetes.networkPolicy, link);
        findings.each(namespaces, (namespace) => {
            const found = policies.to(namespace, identities).map((policy) => propertiesOf(policy).spec);
            for (const direction of ["Ingress", "Egress"] as const) {
                if (found.some((spec) => denies(spec, direction))) continue;
                const given = `${namespace.name} does not deny ${direction.toLowerCase()} by default`;
                const accepted = `a NetworkPolicy with an empty podSelector, policyTypes ["${direction}"] and no rules`;
                findings.refuse(`${given}; accepted: ${accepted}.`, namespace.urn);
            }
        });
    },
});

function denies(spec: NamespacedProperties["spec"], direction: "Ingress" | "Egress"): boolean {
    if (!spec || !isEmpty(spec.podSelector ?? {})) return false;
    const rules = direction === "Ingress" ? spec.ingress : spec.egress;
    // Without policyTypes, a policy is about ingress, and about egress only when it has rules for it.
    const covers = spec.policyTypes ? spec.policyTypes.includes(direction) : direction === "Ingress";
    return covers && (rules?.length ?? 0) === 0;
}
