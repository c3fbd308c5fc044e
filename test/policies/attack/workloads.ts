import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/kubernetes";
import { set, unset, type Change } from "../support/cases";
import { attack, type Attack } from "./attack";

const statefulSet = { ...fixtures.deployment, kind: "StatefulSet" };

/** Kinds that run pods, each with its compliant form. */
const workloads: readonly (readonly [string, object])[] = [
    [kubernetes.deployment, fixtures.deployment],
    [kubernetes.statefulSet, statefulSet],
    [kubernetes.rollout, fixtures.rollout],
    [kubernetes.job, fixtures.job],
];

const pod = "spec.template.spec";
const container = `${pod}.containers.0`;

/** What a pod may not do: title, change, policy and sentence, where C is the path of its container. */
const defects: readonly (readonly [string, Change, string, string])[] = [
    [
        "runs as root",
        set(`${pod}.securityContext.runAsUser`, 0),
        "kubernetes-workload-privileges",
        "spec.template.spec.securityContext.runAsUser is 0; accepted: any user but 0.",
    ],
    [
        "runs as any user",
        set(`${pod}.securityContext.runAsNonRoot`, false),
        "kubernetes-workload-privileges",
        "C.securityContext.runAsNonRoot is false; accepted: true, here or on the pod.",
    ],
    [
        "has the host's network",
        set(`${pod}.hostNetwork`, true),
        "kubernetes-workload-host-access",
        "spec.template.spec.hostNetwork is true; accepted: false, or not set.",
    ],
    [
        "sees the host's processes",
        set(`${pod}.hostPID`, true),
        "kubernetes-workload-host-access",
        "spec.template.spec.hostPID is true; accepted: false, or not set.",
    ],
    [
        "mounts the host's files",
        set(`${pod}.volumes.0`, { name: "tmp", hostPath: { path: "/" } }),
        "kubernetes-workload-volume-types",
        'spec.template.spec.volumes[tmp] is "hostPath"; accepted: configMap, csi, downwardAPI, emptyDir, ephemeral, persistentVolumeClaim, projected, secret.',
    ],
    [
        "is privileged",
        set(`${container}.securityContext.privileged`, true),
        "kubernetes-workload-privileges",
        "C.securityContext.privileged is true; accepted: false, or not set.",
    ],
    [
        "may gain rights",
        set(`${container}.securityContext.allowPrivilegeEscalation`, true),
        "kubernetes-workload-privileges",
        "C.securityContext.allowPrivilegeEscalation is true; accepted: false.",
    ],
    [
        "has a capability",
        set(`${container}.securityContext.capabilities.add`, ["SYS_ADMIN"]),
        "kubernetes-workload-privileges",
        'C.securityContext.capabilities.add is ["SYS_ADMIN"]; accepted: ["NET_BIND_SERVICE"], or not set.',
    ],
    [
        "has no seccomp profile",
        set(`${pod}.securityContext.seccompProfile.type`, "Unconfined"),
        "kubernetes-workload-kernel-profiles",
        'C.securityContext.seccompProfile.type is "Unconfined"; accepted: "RuntimeDefault" or "Localhost", here or on the pod.',
    ],
    [
        "may write to its image",
        set(`${container}.securityContext.readOnlyRootFilesystem`, false),
        "kubernetes-workload-read-only-root",
        "C.securityContext.readOnlyRootFilesystem is false; accepted: true.",
    ],
    [
        "runs an image by tag",
        set(`${container}.image`, "123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/backend:latest"),
        "kubernetes-workload-image-digest",
        'C.image is "123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/backend:latest"; accepted: NAME@sha256: and 64 hexadecimal digits.',
    ],
    [
        "runs an image of another registry",
        set(`${container}.image`, `docker.io/evil/miner@${fixtures.digest}`),
        "kubernetes-workload-image-registry",
        'C.image is "docker.io/evil/miner@sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"; accepted: an image of 123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/.',
    ],
    [
        "has no limits",
        unset(`${container}.resources`),
        "kubernetes-workload-resources",
        'C.resources.requests.cpu is not set; accepted: a quantity above zero, as "100m".',
    ],
    [
        "gets a token of the cluster",
        set(`${pod}.automountServiceAccountToken`, true),
        "kubernetes-workload-account-token",
        "spec.template.spec.automountServiceAccountToken is true; accepted: false.",
    ],
    [
        "uses the default account",
        unset(`${pod}.serviceAccountName`),
        "kubernetes-workload-account",
        'spec.template.spec.serviceAccountName is not set; accepted: any service account but "default".',
    ],
    [
        "has a password in a variable",
        set(`${container}.env.0`, { name: "DB_PASS", value: "hunter2" }),
        "kubernetes-workload-plain-credentials",
        "C.env[DB_PASS].value holds a credential in plain text; accepted: valueFrom.secretKeyRef.",
    ],
    [
        "has a password in a command",
        set(`${container}.args`, ["--password=hunter2"]),
        "stack-resource-plain-credentials",
        "spec.template.spec.containers[0].args[0] holds a credential as an option; accepted: a reference to a secret.",
    ],
    [
        "runs in the default namespace",
        unset("metadata.namespace"),
        "kubernetes-workload-namespace",
        'metadata.namespace is not set; accepted: a namespace other than "default" and those of Kubernetes.',
    ],
    ["is a Pod by another name", set("kind", "Pod"), "kubernetes-resource-kind", 'kind is "Pod"; accepted: "KIND".'],
];

export const workloadAttacks: readonly Attack[] = workloads.flatMap(([type, given]) => {
    const { kind, name } = {
        kind: type.split(":").at(-1) ?? "",
        name: type === kubernetes.job ? "migration" : "backend",
    };
    return defects.map(([title, change, policy, sentence]) =>
        attack(
            `a ${kind} ${title}`,
            type,
            given,
            change,
            policy,
            sentence.replaceAll("C.", `spec.template.spec.containers[${name}].`).replaceAll("KIND", kind),
        ),
    );
});
