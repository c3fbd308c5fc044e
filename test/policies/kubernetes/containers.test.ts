import { kubernetesWorkloadImageDigest } from "../../../policies/kubernetes/workload-image-digest";
import { kubernetesWorkloadImageRegistry } from "../../../policies/kubernetes/workload-image-registry";
import { kubernetesWorkloadPlainCredentials } from "../../../policies/kubernetes/workload-plain-credentials";
import { kubernetesWorkloadReadinessProbe } from "../../../policies/kubernetes/workload-readiness-probe";
import { kubernetesWorkloadResources } from "../../../policies/kubernetes/workload-resources";
import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/kubernetes";
import { accepts, all, refuses, set, unchanged, unknownAt, unknownValue, unset } from "../support/cases";
import { describeResourcePolicy } from "../support/suites";
import { otherKinds } from "../support/workloads";

const deployment = { type: kubernetes.deployment, given: fixtures.deployment };

const podSpec = "spec.template.spec";

const first = `${podSpec}.containers.0`;

const place = `${podSpec}.containers[backend]`;

const digestAccepted = "accepted: NAME@sha256: and 64 hexadecimal digits.";

const untagged = fixtures.image.split("@")[0]!;

describeResourcePolicy(kubernetesWorkloadImageDigest, {
    ...deployment,
    cases: [
        refuses(
            "an image by tag",
            set(`${first}.image`, `${untagged}:v1.2.3`),
            `${place}.image is "${untagged}:v1.2.3"; ${digestAccepted}`,
        ),
        accepts("a tag beside the digest", set(`${first}.image`, `${untagged}:v1.2.3@${fixtures.digest}`)),
        refuses("a digest of 63 digits", set(`${first}.image`, fixtures.image.slice(0, -1)), [
            `${place}.image is "${fixtures.image.slice(0, -1)}"; ${digestAccepted}`,
        ]),
        refuses("a digest of 65 digits", set(`${first}.image`, `${fixtures.image}0`), [
            `${place}.image is "${fixtures.image}0"; ${digestAccepted}`,
        ]),
        refuses("a digest in capitals", set(`${first}.image`, `${untagged}@${fixtures.digest.replace("f", "F")}`), [
            `${place}.image is "${untagged}@${fixtures.digest.replace("f", "F")}"; ${digestAccepted}`,
        ]),
        refuses(
            "a container without an image",
            unset(`${first}.image`),
            `${place}.image is not set; ${digestAccepted}`,
        ),
        ...otherKinds("image", "nginx:latest", (path) => `${path}.image is "nginx:latest"; ${digestAccepted}`),
        accepts("a Rollout that refers to a Deployment", unchanged, {
            type: kubernetes.rollout,
            given: { spec: { workloadRef: { kind: "Deployment", name: "backend" } } },
        }),
        unknownAt(`${first}.image`),
        {
            ...unknownAt(`${first}.image`, {
                messages: [`${podSpec}.initContainers[init].image is "busybox"; ${digestAccepted}`],
            }),
            title: "one image is not known yet, and refuse another one",
            change: all(
                set(`${first}.image`, unknownValue),
                set(`${podSpec}.initContainers`, [{ name: "init", image: "busybox" }]),
            ),
        },
    ],
});

const registries = "accepted: an image of 123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/.";

describeResourcePolicy(kubernetesWorkloadImageRegistry, {
    ...deployment,
    cases: [
        refuses(
            "an image of Docker Hub",
            set(`${first}.image`, "relaypacs/backend"),
            `${place}.image is "relaypacs/backend"; ${registries}`,
        ),
        refuses(
            "a registry whose name only starts like an accepted one",
            set(`${first}.image`, "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example/relaypacs/backend"),
            `${place}.image is "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example/relaypacs/backend"; ${registries}`,
        ),
        accepts("a registry that the setting names", set(`${first}.image`, "quay.io/argoproj/rollouts"), {
            settings: { registries: ["quay.io/argoproj/"] },
        }),
        refuses("a container without an image", unset(`${first}.image`), `${place}.image is not set; ${registries}`),
        ...otherKinds("image", "nginx", (path) => `${path}.image is "nginx"; ${registries}`),
        unknownAt(`${first}.image`),
    ],
});

const probeAccepted = "accepted: a probe with one of httpGet, tcpSocket, grpc, exec.";

describeResourcePolicy(kubernetesWorkloadReadinessProbe, {
    ...deployment,
    cases: [
        refuses(
            "a container without a readiness probe",
            unset(`${first}.readinessProbe`),
            `${place}.readinessProbe is not set; ${probeAccepted}`,
        ),
        refuses("a readiness probe that checks nothing", set(`${first}.readinessProbe`, { periodSeconds: 5 }), [
            `${place}.readinessProbe is {"periodSeconds":5}; ${probeAccepted}`,
        ]),
        refuses("a second container without a readiness probe", set(`${podSpec}.containers.1`, { name: "proxy" }), [
            `${podSpec}.containers[proxy].readinessProbe is not set; ${probeAccepted}`,
        ]),
        accepts("a migration without a readiness probe", unchanged, { type: kubernetes.job, given: fixtures.job }),
        accepts("an init container without a readiness probe", set(`${podSpec}.initContainers`, [{ name: "init" }])),
        refuses(
            "a Rollout without a readiness probe",
            unset(`${first}.readinessProbe`),
            `${place}.readinessProbe is not set; ${probeAccepted}`,
            {
                type: kubernetes.rollout,
                given: fixtures.rollout,
            },
        ),
        unknownAt(`${first}.readinessProbe`),
    ],
});

const examples = { cpu: "100m", memory: "128Mi", "ephemeral-storage": "256Mi" };

const resourceCases = (["requests", "limits"] as const).flatMap((kind) =>
    Object.entries(examples).flatMap(([resource, example]) => {
        const accepted = `accepted: a quantity above zero, as "${example}".`;
        const path = `resources.${kind}.${resource}`;
        return [
            // Kubernetes takes the limit of the disk for what a container asks for.
            kind === "requests" && resource === "ephemeral-storage"
                ? accepts(`no ${resource} in ${kind}`, unset(`${first}.${path}`))
                : refuses(
                      `no ${resource} in ${kind}`,
                      unset(`${first}.${path}`),
                      `${place}.${path} is not set; ${accepted}`,
                  ),
            refuses(
                `zero ${resource} in ${kind}`,
                set(`${first}.${path}`, "0"),
                `${place}.${path} is "0"; ${accepted}`,
            ),
            refuses(
                `an invalid quantity of ${resource} in ${kind}`,
                set(`${first}.${path}`, "much"),
                `${place}.${path} is "much"; ${accepted}`,
            ),
        ];
    }),
);

describeResourcePolicy(kubernetesWorkloadResources, {
    ...deployment,
    cases: [
        ...resourceCases,
        accepts("requests equal to the limit", set(`${first}.resources.requests`, { cpu: "0.5", memory: "268435456" })),
        refuses("more of the disk than the limit", set(`${first}.resources.requests.ephemeral-storage`, "257Mi"), [
            `${place}.resources.requests.ephemeral-storage is "257Mi"; accepted: at most the limit.`,
        ]),
        refuses("requests above the limit", set(`${first}.resources.requests.cpu`, "501m"), [
            `${place}.resources.requests.cpu is "501m"; accepted: at most the limit.`,
        ]),
        refuses("an init container without resources", set(`${podSpec}.initContainers`, [{ name: "init" }]), [
            `${podSpec}.initContainers[init].resources.requests.cpu is not set; accepted: a quantity above zero, as "100m".`,
            `${podSpec}.initContainers[init].resources.limits.cpu is not set; accepted: a quantity above zero, as "100m".`,
            `${podSpec}.initContainers[init].resources.requests.memory is not set; accepted: a quantity above zero, as "128Mi".`,
            `${podSpec}.initContainers[init].resources.limits.memory is not set; accepted: a quantity above zero, as "128Mi".`,
            `${podSpec}.initContainers[init].resources.limits.ephemeral-storage is not set; accepted: a quantity above zero, as "256Mi".`,
        ]),
        accepts("an ephemeral container without resources", set(`${podSpec}.ephemeralContainers`, [{ name: "debug" }])),
        accepts("the resources of a migration", unchanged, { type: kubernetes.job, given: fixtures.job }),
        unknownAt(`${first}.resources.requests.cpu`),
    ],
});

const env = `${first}.env`;

const hidden = (name: string) =>
    `${place}.env[${name}].value holds a credential in plain text; accepted: valueFrom.secretKeyRef.`;

describeResourcePolicy(kubernetesWorkloadPlainCredentials, {
    ...deployment,
    cases: [
        ...[
            "DB_PASSWORD",
            "GITHUB_TOKEN",
            "SECRET_KEY",
            "APP_SECRET",
            "password",
            "awsSecretAccessKey",
            "PGPASSWORD",
        ].map((name) => refuses(`a plain value of ${name}`, set(`${env}.0`, { name, value: "hunter2" }), hidden(name))),
        refuses(
            "a password inside a URL",
            set(`${env}.0`, { name: "DATABASE", value: "postgres://app:hunter2@db/app" }),
            hidden("DATABASE"),
        ),
        ...["MONKEY", "TOKEN_TTL", "KEYBOARD", "LOG_LEVEL", "PASSWORD_FILE"].map((name) =>
            accepts(`a plain value of ${name}`, set(`${env}.0`, { name, value: "en" })),
        ),
        accepts("an empty value of a credential", set(`${env}.0`, { name: "DB_PASSWORD", value: "" })),
        accepts("a URL without a password", set(`${env}.0`, { name: "DATABASE", value: "postgres://app@db/app" })),
        accepts("a URL with a port", set(`${env}.0`, { name: "ORIGIN", value: "https://relaypacs.com:443/a@b" })),
        accepts(
            "a credential by reference",
            set(`${env}.0`, { name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "a", key: "b" } } }),
        ),
        refuses(
            "a credential of an init container",
            set(`${podSpec}.initContainers`, [{ name: "init", env: [{ name: "API_KEY", value: "x" }] }]),
            [
                `${podSpec}.initContainers[init].env[API_KEY].value holds a credential in plain text; accepted: valueFrom.secretKeyRef.`,
            ],
        ),
        unknownAt(`${env}.0.value`),
    ],
});
