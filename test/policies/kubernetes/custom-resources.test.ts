import { kubernetesCertificateLeaf } from "../../../policies/kubernetes/certificate-leaf";
import { kubernetesDefinitionConversion } from "../../../policies/kubernetes/definition-conversion";
import { kubernetesExternalSecretStore } from "../../../policies/kubernetes/external-secret-store";
import { kubernetesIngressRouteTls } from "../../../policies/kubernetes/ingress-route-tls";
import { kubernetesResourceKind } from "../../../policies/kubernetes/resource-kind";
import { kubernetesRolloutTemplate } from "../../../policies/kubernetes/rollout-template";
import { kubernetesSecretStoreProvider } from "../../../policies/kubernetes/secret-store-provider";
import { kubernetesTraefikServiceTargets } from "../../../policies/kubernetes/traefik-service-targets";
import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/kubernetes";
import { accepts, all, refuses, set, unknownAt, unset } from "../support/cases";
import { describeResourcePolicy } from "../support/suites";

describeResourcePolicy(kubernetesResourceKind, {
    type: kubernetes.configMap,
    given: { apiVersion: "v1", kind: "ConfigMap", data: {} },
    cases: [
        accepts("a Deployment", all(set("apiVersion", "apps/v1"), set("kind", "Deployment")), {
            type: kubernetes.deployment,
        }),
        accepts("a custom kind", set("data", {}), { type: kubernetes.rollout, given: fixtures.rollout }),
        refuses("a Pod that is registered as a ConfigMap", set("kind", "Pod"), 'kind is "Pod"; accepted: "ConfigMap".'),
        refuses(
            "a Deployment that is registered as a ConfigMap",
            all(set("apiVersion", "apps/v1"), set("kind", "Deployment")),
            ['apiVersion is "apps/v1"; accepted: "v1".', 'kind is "Deployment"; accepted: "ConfigMap".'],
        ),
        refuses("an object without a kind", unset("kind"), 'kind is not set; accepted: "ConfigMap".'),
        refuses("an object without a version", unset("apiVersion"), 'apiVersion is not set; accepted: "v1".'),
        refuses(
            "another version of a kind",
            set("apiVersion", "apps/v1beta1"),
            'apiVersion is "apps/v1beta1"; accepted: "apps/v1".',
            { type: kubernetes.deployment, given: fixtures.deployment },
        ),
        unknownAt("kind"),
        unknownAt("apiVersion", {
            given: { apiVersion: "v1", kind: "Pod" },
            messages: ['kind is "Pod"; accepted: "ConfigMap".'],
        }),
    ],
});

describeResourcePolicy(kubernetesRolloutTemplate, {
    type: kubernetes.rollout,
    given: fixtures.rollout,
    cases: [
        accepts("a Rollout without a specification, which other policies refuse", unset("spec")),
        refuses(
            "a Rollout that takes its pods from a Deployment",
            set("spec.workloadRef", { kind: "Deployment", name: "backend" }),
            'spec.workloadRef is {"kind":"Deployment","name":"backend"}; accepted: not set, with the pods in spec.template.',
        ),
        unknownAt("spec.workloadRef"),
    ],
});

const route = {
    apiVersion: "traefik.io/v1alpha1",
    kind: "IngressRoute",
    metadata: { name: "public", namespace: "relaypacs-prod" },
    spec: {
        entryPoints: ["websecure"],
        routes: [
            { kind: "Rule", match: "Host(`relaypacs.com`)", services: [{ kind: "TraefikService", name: "backend" }] },
        ],
        tls: { secretName: "public-tls" },
    },
};

describeResourcePolicy(kubernetesIngressRouteTls, {
    type: kubernetes.ingressRoute,
    given: route,
    cases: [
        refuses(
            "plain HTTP",
            set("spec.entryPoints", ["web"]),
            'spec.entryPoints is ["web"]; accepted: ["websecure"].',
        ),
        refuses(
            "plain HTTP beside TLS",
            set("spec.entryPoints", ["websecure", "web"]),
            'spec.entryPoints is ["websecure","web"]; accepted: ["websecure"].',
        ),
        refuses(
            "every entry point, which is the default",
            unset("spec.entryPoints"),
            'spec.entryPoints is not set; accepted: ["websecure"].',
        ),
        refuses(
            "the controller's own certificate",
            set("spec.tls", {}),
            "spec.tls.secretName is not set; accepted: the Secret with the certificate.",
        ),
        refuses(
            "no certificate",
            unset("spec.tls"),
            "spec.tls.secretName is not set; accepted: the Secret with the certificate.",
        ),
        unknownAt("spec.entryPoints"),
        unknownAt("spec.tls.secretName"),
    ],
});

const weights = {
    apiVersion: "traefik.io/v1alpha1",
    kind: "TraefikService",
    metadata: { name: "backend", namespace: "relaypacs-prod" },
    spec: { weighted: { services: [{ name: "backend-blue", port: 80, weight: 100 }] } },
};
const elsewhere = (path: string) => `${path}.namespace is "other"; accepted: the namespace of the resource.`;

describeResourcePolicy(kubernetesTraefikServiceTargets, {
    type: kubernetes.traefikService,
    given: weights,
    cases: [
        accepts("a Service of the same namespace", set("spec.weighted.services.0.namespace", "relaypacs-prod")),
        accepts("a route to Services of its namespace", set("metadata.name", "public"), {
            type: kubernetes.ingressRoute,
            given: route,
        }),
        refuses(
            "a Service of another namespace",
            set("spec.weighted.services.0.namespace", "other"),
            elsewhere("spec.weighted.services[0]"),
        ),
        refuses(
            "a route to another namespace",
            set("spec.routes.0.services.0.namespace", "other"),
            elsewhere("spec.routes[0].services[0]"),
            { type: kubernetes.ingressRoute, given: route },
        ),
        refuses(
            "a copy of each request",
            set("spec.mirroring", { name: "backend" }),
            'spec.mirroring is {"name":"backend"}; accepted: not set.',
        ),
        unknownAt("spec.weighted.services.0.namespace"),
        unknownAt("spec.mirroring"),
    ],
});

describeResourcePolicy(kubernetesSecretStoreProvider, {
    type: kubernetes.secretStore,
    given: { spec: { provider: { aws: { service: "SecretsManager", region: "us-east-1" } } } },
    cases: [
        accepts(
            "an identity of a service account",
            set("spec.provider.aws.auth", { jwt: { serviceAccountRef: { name: "external-secrets" } } }),
        ),
        refuses("another provider", set("spec.provider", { vault: { server: "https://vault.example" } }), [
            'spec.provider is ["vault"]; accepted: aws alone.',
            'spec.provider.aws.service is not set; accepted: "SecretsManager".',
        ]),
        refuses(
            "another provider beside it",
            set("spec.provider.fake", {}),
            'spec.provider is ["aws","fake"]; accepted: aws alone.',
        ),
        refuses(
            "the parameter store",
            set("spec.provider.aws.service", "ParameterStore"),
            'spec.provider.aws.service is "ParameterStore"; accepted: "SecretsManager".',
        ),
        refuses(
            "a role",
            set("spec.provider.aws.role", "arn:aws:iam::999999999999:role/x"),
            'spec.provider.aws.role is "arn:aws:iam::999999999999:role/x"; accepted: not set: the operator\'s own role.',
        ),
        refuses(
            "static keys",
            set("spec.provider.aws.auth", { secretRef: { accessKeyIDSecretRef: { name: "x" } } }),
            "spec.provider.aws.auth.secretRef is set; accepted: not set.",
        ),
        unknownAt("spec.provider.aws.service"),
        unknownAt("spec.provider.aws.role"),
    ],
});

describeResourcePolicy(kubernetesExternalSecretStore, {
    type: kubernetes.externalSecret,
    given: {
        spec: {
            secretStoreRef: { kind: "SecretStore", name: "backend" },
            data: [{ secretKey: "DATABASE_URL", remoteRef: { key: "relaypacs/staging/database-url" } }],
        },
    },
    cases: [
        accepts("the default kind of store", unset("spec.secretStoreRef.kind")),
        refuses(
            "a store of the whole cluster",
            set("spec.secretStoreRef.kind", "ClusterSecretStore"),
            'spec.secretStoreRef.kind is "ClusterSecretStore"; accepted: "SecretStore".',
        ),
        refuses(
            "a value from another source",
            set("spec.data.0.sourceRef", { storeRef: { name: "x" } }),
            'spec.data[0].sourceRef is {"storeRef":{"name":"x"}}; accepted: not set.',
        ),
        refuses(
            "values from a generator",
            set("spec.dataFrom", [{ sourceRef: { generatorRef: { name: "x" } } }]),
            'spec.dataFrom[0].sourceRef is {"generatorRef":{"name":"x"}}; accepted: not set.',
        ),
        unknownAt("spec.secretStoreRef.kind"),
        unknownAt("spec.data.0.sourceRef"),
    ],
});

describeResourcePolicy(kubernetesDefinitionConversion, {
    type: kubernetes.customResourceDefinition,
    given: { spec: { group: "argoproj.io", conversion: { strategy: "None" } } },
    cases: [
        accepts("a definition without conversion", unset("spec.conversion")),
        refuses(
            "a webhook",
            set("spec.conversion.strategy", "Webhook"),
            'spec.conversion.strategy is "Webhook"; accepted: "None".',
        ),
        unknownAt("spec.conversion.strategy"),
    ],
});

describeResourcePolicy(kubernetesCertificateLeaf, {
    type: kubernetes.certificate,
    given: { spec: { secretName: "public-tls", dnsNames: ["relaypacs.com"] } },
    cases: [
        accepts("a certificate that says so", set("spec.isCA", false)),
        refuses("an authority", set("spec.isCA", true), "spec.isCA is true; accepted: not set or false."),
        unknownAt("spec.isCA"),
    ],
});
