import { kubernetesIngressTls } from "../../../policies/kubernetes/ingress-tls";
import { kubernetesNamespaceCompanions } from "../../../policies/kubernetes/namespace-companions";
import { kubernetesNamespacePodSecurity } from "../../../policies/kubernetes/namespace-pod-security";
import { kubernetesNetworkPolicyOpen } from "../../../policies/kubernetes/network-policy-open";
import { kubernetesResourceQuotaComplete } from "../../../policies/kubernetes/resource-quota-complete";
import { kubernetesServiceExposure } from "../../../policies/kubernetes/service-exposure";
import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/kubernetes";
import {
    accepts,
    all,
    leaves,
    refuses,
    remediates,
    set,
    unchanged,
    unknownAt,
    unknownValue,
    unset,
} from "../support/cases";
import type { Change, Properties } from "../support/cases";
import {
    acceptsStack,
    describeResourcePolicy,
    describeStackPolicy,
    of,
    refusesStack,
    together,
    unknownInStack,
    without,
} from "../support/suites";

/** Labels have dots and slashes in their names. */
const label =
    (name: string, value: unknown): Change =>
    (properties) => {
        const { labels } = properties.metadata as { labels: Properties };
        const key = `pod-security.kubernetes.io/${name}`;
        if (value === undefined) Reflect.deleteProperty(labels, key);
        else labels[key] = value;
    };

const labelIs = (name: string, given: string, accepted: string) =>
    `metadata.labels["pod-security.kubernetes.io/${name}"] is ${given}; accepted: ${accepted}.`;

const noLabels = ["enforce", "audit", "warn"].flatMap((mode) => [
    labelIs(mode, "not set", '"restricted"'),
    labelIs(`${mode}-version`, "not set", '"latest", or a version as "v1.36"'),
]);

describeResourcePolicy(kubernetesNamespacePodSecurity, {
    type: kubernetes.namespace,
    given: fixtures.namespace,
    cases: [
        refuses("a namespace without labels", unset("metadata.labels"), noLabels),
        refuses("a namespace without metadata", unset("metadata"), noLabels),
        refuses("a weaker standard", label("enforce", "baseline"), labelIs("enforce", '"baseline"', '"restricted"')),
        refuses("a missing mode", label("warn", undefined), labelIs("warn", "not set", '"restricted"')),
        refuses("a missing version", label("audit-version", undefined), [
            labelIs("audit-version", "not set", '"latest", or a version as "v1.36"'),
        ]),
        refuses("an invalid version", label("audit-version", "newest"), [
            labelIs("audit-version", '"newest"', '"latest", or a version as "v1.36"'),
        ]),
        accepts("a fixed version", label("enforce-version", "v1.36")),
        accepts("a namespace that is exempt", unset("metadata.labels"), {
            settings: { exempt: ["relaypacs-staging"] },
        }),
        remediates("a namespace without labels", unset("metadata.labels")),
        remediates("a weaker standard", label("enforce", "privileged")),
        remediates("a missing version", label("audit-version", undefined)),
        leaves("a namespace with its own version", label("enforce-version", "v1.30")),
        unknownAt("metadata.labels"),
    ],
});

const peers = "spec.ingress.0.from";

describeResourcePolicy(kubernetesNetworkPolicyOpen, {
    type: kubernetes.networkPolicy,
    given: fixtures.networkPolicy,
    cases: [
        accepts("a policy that denies by default", unchanged, { given: fixtures.defaultDeny }),
        refuses(
            "ingress from everywhere",
            set("spec.ingress", [{}]),
            "spec.ingress[0].from is not set; accepted: at least one peer.",
        ),
        refuses(
            "ingress from everywhere on one port",
            set(peers, []),
            "spec.ingress[0].from is []; accepted: at least one peer.",
        ),
        refuses(
            "egress to everywhere",
            set("spec.egress", [{}]),
            "spec.egress[0].to is not set; accepted: at least one peer.",
        ),
        accepts("egress to everywhere on one port", set("spec.egress", [{ ports: [{ port: 53 }] }])),
        refuses("egress to the whole internet", set("spec.egress", [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }]), [
            'spec.egress[0].to[0].ipBlock.cidr is "0.0.0.0/0"; accepted: a narrower range, or named ports.',
        ]),
        refuses("egress to the whole internet by IPv6", set("spec.egress", [{ to: [{ ipBlock: { cidr: "::/0" } }] }]), [
            'spec.egress[0].to[0].ipBlock.cidr is "::/0"; accepted: a narrower range, or named ports.',
        ]),
        accepts(
            "egress to the internet on one port",
            set("spec.egress", [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 443 }] }]),
        ),
        refuses("peers in every namespace", set("spec.egress", [{ to: [{ namespaceSelector: {} }] }]), [
            "spec.egress[0].to[0].namespaceSelector is {}; accepted: named namespaces, or named ports.",
        ]),
        accepts(
            "some pods of every namespace",
            set("spec.egress", [{ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "dns" } } }] }]),
        ),
        accepts("all pods of the policy's namespace", set(peers, [{ podSelector: {} }])),
        unknownAt(peers),
    ],
});

const serviceAccepted = 'accepted: "ClusterIP", or "LoadBalancer" annotated as internal.';

describeResourcePolicy(kubernetesServiceExposure, {
    type: kubernetes.service,
    given: fixtures.service,
    cases: [
        refuses("a load balancer", set("spec.type", "LoadBalancer"), `spec.type is "LoadBalancer"; ${serviceAccepted}`),
        refuses("a node port", set("spec.type", "NodePort"), `spec.type is "NodePort"; ${serviceAccepted}`),
        refuses(
            "external IP addresses",
            set("spec.externalIPs", ["192.0.2.1"]),
            'spec.externalIPs is ["192.0.2.1"]; accepted: not set.',
        ),
        accepts(
            "an internal load balancer",
            all(
                set("spec.type", "LoadBalancer"),
                set("metadata.annotations", { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" }),
            ),
        ),
        refuses(
            "a load balancer that faces the internet",
            all(
                set("spec.type", "LoadBalancer"),
                set("metadata.annotations", {
                    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing",
                }),
            ),
            `spec.type is "LoadBalancer"; ${serviceAccepted}`,
        ),
        accepts("a load balancer that the setting names", set("spec.type", "LoadBalancer"), {
            settings: { allowed: ["relaypacs-staging/backend"] },
        }),
        ...["staging", "prod"].map((environment) =>
            accepts(
                `the load balancer of ${environment}`,
                all(
                    set("spec.type", "LoadBalancer"),
                    set("metadata.namespace", "traefik"),
                    set("metadata.name", `traefik-${environment}`),
                ),
            ),
        ),
        refuses(
            "another load balancer in the same namespace",
            all(set("spec.type", "LoadBalancer"), set("metadata.namespace", "traefik")),
            `spec.type is "LoadBalancer"; ${serviceAccepted}`,
        ),
        accepts("a missing type, since the default is ClusterIP", unset("spec.type")),
        unknownAt("spec.type"),
    ],
});

describeResourcePolicy(kubernetesIngressTls, {
    type: kubernetes.ingress,
    given: fixtures.ingress,
    cases: [
        refuses("an ingress without TLS", unset("spec.tls"), "spec.tls is not set; accepted: an entry for each host."),
        refuses("TLS for another host", set("spec.tls.0.hosts", ["relaypacs.com"]), [
            'spec.tls[].hosts is ["relaypacs.com"]; accepted: a list that includes "staging.relaypacs.com".',
        ]),
        accepts("TLS by a wildcard certificate", set("spec.tls.0.hosts", ["*.relaypacs.com"])),
        refuses(
            "a wildcard certificate for a host two levels below",
            all(set("spec.tls.0.hosts", ["*.relaypacs.com"]), set("spec.rules.0.host", "a.staging.relaypacs.com")),
            'spec.tls[].hosts is ["*.relaypacs.com"]; accepted: a list that includes "a.staging.relaypacs.com".',
        ),
        refuses(
            "a rule without a host",
            unset("spec.rules.0.host"),
            "spec.rules[0].host is not set; accepted: a host name.",
        ),
        unknownAt("spec.rules.0.host"),
    ],
});

const hard =
    (resource: string, value: unknown): Change =>
    (properties) => {
        const spec = properties.spec as { hard: Properties };
        if (value === undefined) Reflect.deleteProperty(spec.hard, resource);
        else spec.hard[resource] = value;
    };

describeResourcePolicy(kubernetesResourceQuotaComplete, {
    type: kubernetes.resourceQuota,
    given: fixtures.resourceQuota,
    cases: [
        ...["pods", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"].map((resource) =>
            refuses(
                `a quota without ${resource}`,
                hard(resource, undefined),
                `spec.hard["${resource}"] is not set; accepted: a quantity above zero.`,
            ),
        ),
        refuses(
            "an invalid quantity",
            hard("pods", "many"),
            'spec.hard["pods"] is "many"; accepted: a quantity above zero.',
        ),
        accepts("a scoped quota", all(unset("spec.hard"), set("spec.scopes", ["BestEffort"]))),
        unknownAt("spec.hard"),
    ],
});

const namespaced = {
    namespace: { type: kubernetes.namespace, properties: fixtures.namespace },
    quota: { type: kubernetes.resourceQuota, properties: fixtures.resourceQuota },
    limits: { type: kubernetes.limitRange, properties: fixtures.limitRange },
    deny: { type: kubernetes.networkPolicy, properties: fixtures.defaultDeny },
    backend: { type: kubernetes.networkPolicy, properties: fixtures.networkPolicy },
};

const open = (direction: "Ingress" | "Egress") =>
    `namespace does not deny ${direction.toLowerCase()} by default; accepted: a NetworkPolicy with an empty podSelector, policyTypes ["${direction}"] and no rules.`;

describeStackPolicy(kubernetesNamespaceCompanions, {
    given: namespaced,
    cases: [
        refusesStack(
            "a namespace without a quota",
            without("quota"),
            "namespace has no quota (kubernetes.core.v1.ResourceQuota); accepted: at least one, in the same stack.",
            { on: "namespace" },
        ),
        refusesStack(
            "a namespace without a limit range",
            without("limits"),
            "namespace has no limit range (kubernetes.core.v1.LimitRange); accepted: at least one, in the same stack.",
        ),
        refusesStack("a namespace without a default denial", without("deny"), [open("Ingress"), open("Egress")], {
            on: "namespace",
        }),
        refusesStack(
            "a default denial of ingress alone",
            of("deny", set("spec.policyTypes", ["Ingress"])),
            open("Egress"),
        ),
        refusesStack(
            "a default denial without types, which covers ingress alone",
            of("deny", unset("spec.policyTypes")),
            open("Egress"),
        ),
        refusesStack(
            "a denial for some of the pods",
            of("deny", set("spec.podSelector", { matchLabels: { app: "a" } })),
            [open("Ingress"), open("Egress")],
        ),
        refusesStack("a denial with an exception", of("deny", set("spec.ingress", [{}])), open("Ingress")),
        refusesStack("a denial in another namespace", of("deny", set("metadata.namespace", "other")), [
            open("Ingress"),
            open("Egress"),
        ]),
        acceptsStack("a denial that is split between two policies", (stack) => {
            stack.egress = structuredClone(stack.deny!);
            set("spec.policyTypes", ["Ingress"])(stack.deny!.properties);
            set("spec.policyTypes", ["Egress"])(stack.egress.properties);
        }),
        acceptsStack("companions of a namespace whose name is not known yet, linked by dependency", (stack) => {
            set("metadata.name", unknownValue)(stack.namespace!.properties);
            for (const name of ["quota", "limits", "deny"]) {
                stack[name] = { ...stack[name]!, dependencies: { metadata: ["namespace"] } };
                set("metadata.namespace", unknownValue)(stack[name].properties);
            }
        }),
        unknownInStack(
            "the namespace of a quota is not known yet",
            together(without("limits"), of("quota", set("metadata.namespace", unknownValue))),
            "metadata.namespace",
            "namespace has no limit range (kubernetes.core.v1.LimitRange); accepted: at least one, in the same stack.",
        ),
    ],
});
