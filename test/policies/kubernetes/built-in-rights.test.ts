import { kubernetesRoleAdmission } from "../../../policies/kubernetes/role-admission";
import { kubernetesRoleAggregation } from "../../../policies/kubernetes/role-aggregation";
import { kubernetesRoleBindingBuiltIn } from "../../../policies/kubernetes/role-binding-built-in";
import { kubernetesServiceAccountRole } from "../../../policies/kubernetes/service-account-role";
import { kubernetesServiceExternalName } from "../../../policies/kubernetes/service-external-name";
import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/kubernetes";
import { accepts, all, refuses, set, unknownAt, unset } from "../support/cases";
import { describeResourcePolicy } from "../support/suites";

const clusterRole = { ...fixtures.role, kind: "ClusterRole" };
const webhooks = (verbs: readonly string[]) => [
    { apiGroups: ["admissionregistration.k8s.io"], resources: ["mutatingwebhookconfigurations"], verbs },
];

describeResourcePolicy(kubernetesRoleAggregation, {
    type: kubernetes.clusterRole,
    given: clusterRole,
    cases: [
        refuses(
            "a role of other roles' rules",
            set("aggregationRule", { clusterRoleSelectors: [] }),
            'aggregationRule is {"clusterRoleSelectors":[]}; accepted: not set, with the rules in rules.',
        ),
        unknownAt("aggregationRule"),
    ],
});

describeResourcePolicy(kubernetesRoleAdmission, {
    type: kubernetes.role,
    given: fixtures.role,
    cases: [
        accepts("reading webhooks", set("rules", webhooks(["get", "list", "watch"]))),
        refuses(
            "creating webhooks",
            set("rules", webhooks(["create"])),
            'rules[0].verbs is ["create"]; accepted: get, list and watch for admissionregistration.k8s.io.',
            { type: kubernetes.clusterRole },
        ),
        refuses(
            "doing anything with API services",
            set("rules.1", { apiGroups: ["apiregistration.k8s.io"], resources: ["apiservices"], verbs: ["*"] }),
            'rules[1].verbs is ["*"]; accepted: get, list and watch for apiregistration.k8s.io.',
        ),
        refuses(
            "patching in all API groups",
            set("rules.0.apiGroups", ["*"]),
            'rules[0].verbs is ["get","list","watch","patch"]; accepted: get, list and watch for admissionregistration.k8s.io.',
        ),
        accepts("a role without rules", unset("rules")),
        unknownAt("rules.0.verbs", { given: { rules: webhooks(["get"]) } }),
        unknownAt("rules.0.apiGroups", {
            given: { rules: [{ apiGroups: [""], verbs: ["get"] }, ...webhooks(["update"])] },
            messages: ['rules[1].verbs is ["update"]; accepted: get, list and watch for admissionregistration.k8s.io.'],
        }),
    ],
});

const builtIn = (name: string) => `roleRef.name is "${name}"; accepted: a role that lists what is needed.`;

describeResourcePolicy(kubernetesRoleBindingBuiltIn, {
    type: kubernetes.roleBinding,
    given: fixtures.roleBinding,
    cases: [
        accepts("a cluster's role of another name", set("roleRef.kind", "ClusterRole")),
        accepts("a namespace's own role of such a name", set("roleRef.name", "admin")),
        ...["admin", "edit", "system:node"].map((name) =>
            refuses(
                `the role ${name}`,
                all(set("roleRef.kind", "ClusterRole"), set("roleRef.name", name)),
                builtIn(name),
            ),
        ),
        refuses(
            "such a role in the whole cluster",
            all(set("roleRef.kind", "ClusterRole"), set("roleRef.name", "edit")),
            builtIn("edit"),
            { type: kubernetes.clusterRoleBinding },
        ),
        accepts("a binding without a role, which the cluster refuses", unset("roleRef")),
        unknownAt("roleRef.name"),
    ],
});

describeResourcePolicy(kubernetesServiceAccountRole, {
    type: kubernetes.serviceAccount,
    given: fixtures.serviceAccount,
    cases: [
        accepts("another annotation", set("metadata.annotations", { note: "x" })),
        refuses(
            "a role in AWS",
            set("metadata.annotations", { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/x" }),
            'metadata.annotations["eks.amazonaws.com/role-arn"] is "arn:aws:iam::123456789012:role/x"; accepted: not set.',
        ),
        unknownAt("metadata.annotations"),
    ],
});

describeResourcePolicy(kubernetesServiceExternalName, {
    type: kubernetes.service,
    given: fixtures.service,
    cases: [
        refuses(
            "a name outside",
            all(set("spec.type", "ExternalName"), set("spec.externalName", "db.example")),
            'spec.externalName is "db.example"; accepted: pods by spec.selector.',
        ),
        refuses(
            "the type without a name",
            set("spec.type", "ExternalName"),
            "spec.externalName is not set; accepted: pods by spec.selector.",
        ),
        unknownAt("spec.externalName"),
    ],
});
