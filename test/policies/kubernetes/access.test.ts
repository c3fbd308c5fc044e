import { kubernetesRoleBindingSubjects } from "../../../policies/kubernetes/role-binding-subjects";
import { kubernetesRoleEscalation } from "../../../policies/kubernetes/role-escalation";
import { kubernetesRoleSecrets } from "../../../policies/kubernetes/role-secrets";
import { kubernetesRoleWildcards } from "../../../policies/kubernetes/role-wildcards";
import { kubernetesSecretType } from "../../../policies/kubernetes/secret-type";
import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/kubernetes";
import { accepts, all, leaves, refuses, remediates, set, unchanged, unknownAt, unset } from "../support/cases";
import type { Change } from "../support/cases";
import { secret } from "../support/engine";
import { describeResourcePolicy } from "../support/suites";

const role = { type: kubernetes.role, given: fixtures.role };

const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };

describeResourcePolicy(kubernetesRoleWildcards, {
    ...role,
    cases: [
        refuses(
            "a rule with wildcards everywhere",
            set("rules.0", everything),
            ["apiGroups", "resources", "verbs"].map(
                (property) => `rules[0].${property} is ["*"]; accepted: names, without *.`,
            ),
        ),
        refuses(
            "a wildcard for subresources",
            set("rules.0.resources", ["pods", "*/*"]),
            'rules[0].resources is ["pods","*/*"]; accepted: names, without *.',
        ),
        refuses(
            "a wildcard for URL paths",
            set("rules.1", { nonResourceURLs: ["*"], verbs: ["get"] }),
            'rules[1].nonResourceURLs is ["*"]; accepted: names, without *.',
        ),
        refuses(
            "wildcards in a ClusterRole",
            set("rules.0.verbs", ["*"]),
            'rules[0].verbs is ["*"]; accepted: names, without *.',
            { type: kubernetes.clusterRole },
        ),
        accepts("a role without rules", unset("rules")),
        unknownAt("rules.0.verbs"),
    ],
});

const verbs = "accepted: any verbs but bind, escalate, impersonate.";

describeResourcePolicy(kubernetesRoleEscalation, {
    ...role,
    cases: [
        ...["bind", "escalate", "impersonate"].map((verb) =>
            refuses(`the verb ${verb}`, set("rules.0.verbs", ["get", verb]), `rules[0].verbs is ["${verb}"]; ${verbs}`),
        ),
        refuses(
            "permission to create tokens for other service accounts",
            set("rules.0", { apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] }),
            ['rules[0].resources is "serviceaccounts/token"; accepted: any resource but this with the verb create.'],
        ),
        refuses(
            "permission to approve certificates",
            set("rules.0", { resources: ["certificatesigningrequests/approval"], verbs: ["update"] }),
            [
                'rules[0].resources is "certificatesigningrequests/approval"; accepted: any resource but this with the verb update.',
            ],
        ),
        accepts("permission to read service accounts", set("rules.0.resources", ["serviceaccounts"])),
        unknownAt("rules.0.verbs"),
    ],
});

const certificates = (more: object): Change =>
    all(
        set("metadata.name", "ingress-certificates"),
        set("rules", [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"], ...more }]),
    );
const listing = 'rules[0].verbs is ["get","list","watch"]; accepted: no list or watch of secrets.';
const secrets = (more: object) => set("rules.1", { apiGroups: [""], resources: ["secrets"], ...more });

describeResourcePolicy(kubernetesRoleSecrets, {
    ...role,
    cases: [
        refuses(
            "permission to list secrets",
            secrets({ verbs: ["list"] }),
            'rules[1].verbs is ["list"]; accepted: no list or watch of secrets.',
        ),
        accepts("permission to watch named secrets", secrets({ verbs: ["get", "watch"], resourceNames: ["backend"] })),
        refuses(
            "permission to watch with an empty list of names",
            secrets({ verbs: ["get", "watch"], resourceNames: [] }),
            ['rules[1].verbs is ["get","watch"]; accepted: no list or watch of secrets.'],
        ),
        accepts("permission to get any secret of the role's namespace", secrets({ verbs: ["get"] })),
        refuses(
            "permission to get any secret of all namespaces",
            secrets({ verbs: ["get"] }),
            "rules[1].resourceNames is not set; accepted: the names of the secrets.",
            {
                type: kubernetes.clusterRole,
            },
        ),
        refuses(
            "every verb on secrets",
            secrets({ verbs: ["*"] }),
            'rules[1].verbs is ["*"]; accepted: no list or watch of secrets.',
        ),
        refuses(
            "every verb on every resource",
            set("rules.0", everything),
            'rules[0].verbs is ["*"]; accepted: no list or watch of secrets.',
        ),
        accepts("permission to create secrets", secrets({ verbs: ["create"] })),
        accepts(
            "permission to list secrets of another API group",
            set("rules.1", { apiGroups: ["external-secrets.io"], resources: ["secrets"], verbs: ["list"] }),
        ),
        accepts("a role that the setting allowed names", secrets({ verbs: ["list"] }), {
            settings: { allowed: ["deployer"] },
        }),
        accepts("the ingress controller's role for certificates", certificates({})),
        refuses(
            "that role with permission to list another resource too",
            certificates({ resources: ["secrets", "configmaps"] }),
            listing,
        ),
        refuses("that role with permission to update", certificates({ verbs: ["get", "list", "watch", "update"] }), [
            'rules[0].verbs is ["get","list","watch","update"]; accepted: no list or watch of secrets.',
        ]),
        refuses("that role in all namespaces", certificates({}), listing, { type: kubernetes.clusterRole }),
        refuses("that role where the setting certificateReaders is empty", certificates({}), listing, {
            settings: { certificateReaders: [] },
        }),
        unknownAt("rules.1.verbs"),
    ],
});

describeResourcePolicy(kubernetesRoleBindingSubjects, {
    type: kubernetes.roleBinding,
    given: fixtures.roleBinding,
    cases: [
        refuses(
            "a binding of cluster-admin",
            set("roleRef.name", "cluster-admin"),
            'roleRef.name is "cluster-admin"; accepted: any role but "cluster-admin".',
        ),
        ...[
            "system:masters",
            "system:anonymous",
            "system:unauthenticated",
            "system:authenticated",
            "system:serviceaccounts",
            "system:serviceaccounts:default",
        ].map((name) =>
            refuses(
                `the group ${name} as subject`,
                set("subjects.0", { kind: "Group", name }),
                `subjects[0].name is "${name}"; accepted: a named account or group.`,
            ),
        ),
        refuses("the default service account", set("subjects.0.name", "default"), [
            'subjects[0].name is "default"; accepted: any service account but "default".',
        ]),
        refuses(
            "a ClusterRoleBinding of cluster-admin",
            set("roleRef.name", "cluster-admin"),
            'roleRef.name is "cluster-admin"; accepted: any role but "cluster-admin".',
            {
                type: kubernetes.clusterRoleBinding,
            },
        ),
        accepts("a named group as subject", set("subjects.0", { kind: "Group", name: "relaypacs:on-call" })),
        unknownAt("subjects.0.name"),
    ],
});

const data = { ...fixtures.secret, stringData: { "database-url": "postgres://app@db/app" } };

const marked: Change = (properties) => {
    properties.stringData = secret(properties.stringData);
};

describeResourcePolicy(kubernetesSecretType, {
    type: kubernetes.secret,
    given: fixtures.secret,
    cases: [
        refuses("a service account token as a Secret", set("type", "kubernetes.io/service-account-token"), [
            'type is "kubernetes.io/service-account-token"; accepted: Opaque, kubernetes.io/tls, kubernetes.io/dockerconfigjson.',
        ]),
        accepts("a missing type, since the default is Opaque", unset("type")),
        accepts("a type that the setting names", set("type", "kubernetes.io/ssh-auth"), {
            settings: { types: ["kubernetes.io/ssh-auth"] },
        }),
        remediates("plain values of a Secret", unchanged, marked, { given: data }),
        leaves("values that are secret already", marked, { given: data }),
        leaves("a secret without values", unchanged),
        unknownAt("type"),
    ],
});
