import { kubernetesWorkloadHostAccess } from "../../../policies/kubernetes/workload-host-access";
import { kubernetesWorkloadKernelProfiles } from "../../../policies/kubernetes/workload-kernel-profiles";
import { kubernetesWorkloadPrivileges } from "../../../policies/kubernetes/workload-privileges";
import { kubernetesWorkloadReadOnlyRoot } from "../../../policies/kubernetes/workload-read-only-root";
import { kubernetesWorkloadVolumeTypes } from "../../../policies/kubernetes/workload-volume-types";
import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/kubernetes";
import { accepts, all, refuses, set, unknownAt, unset } from "../support/cases";
import { describeResourcePolicy } from "../support/suites";
import { otherKinds } from "../support/workloads";

const deployment = { type: kubernetes.deployment, given: fixtures.deployment };
const podSpec = "spec.template.spec";
const podContext = `${podSpec}.securityContext`;
const first = `${podSpec}.containers.0`;
const place = `${podSpec}.containers[backend]`;
const context = `${first}.securityContext`;
const contextPlace = `${place}.securityContext`;

describeResourcePolicy(kubernetesWorkloadHostAccess, {
    ...deployment,
    cases: [
        ...["hostNetwork", "hostPID", "hostIPC"].map((property) =>
            refuses(
                `the use of ${property}`,
                set(`${podSpec}.${property}`, true),
                `${podSpec}.${property} is true; accepted: false, or not set.`,
            ),
        ),
        accepts("hostNetwork set to false", set(`${podSpec}.hostNetwork`, false)),
        refuses("a HostProcess pod", set(`${podContext}.windowsOptions`, { hostProcess: true }), [
            `${podContext}.windowsOptions.hostProcess is true; accepted: false, or not set.`,
        ]),
        refuses("a HostProcess container", set(`${context}.windowsOptions`, { hostProcess: true }), [
            `${contextPlace}.windowsOptions.hostProcess is true; accepted: false, or not set.`,
        ]),
        refuses(
            "a host port",
            set(`${first}.ports.0.hostPort`, 8000),
            `${place}.ports[0].hostPort is 8000; accepted: 0, or not set.`,
        ),
        accepts("host port zero", set(`${first}.ports.0.hostPort`, 0)),
        refuses("a readiness probe of another host", set(`${first}.readinessProbe.httpGet.host`, "169.254.169.254"), [
            `${place}.readinessProbe.httpGet.host is "169.254.169.254"; accepted: not set: the pod's own address.`,
        ]),
        refuses("a preStop request to another host", set(`${first}.lifecycle.preStop`, { tcpSocket: { host: "db" } }), [
            `${place}.lifecycle.preStop.tcpSocket.host is "db"; accepted: not set: the pod's own address.`,
        ]),
        ...otherKinds(
            "ports",
            [{ hostPort: 80 }],
            (path) => `${path}.ports[0].hostPort is 80; accepted: 0, or not set.`,
        ),
        unknownAt(`${podSpec}.hostNetwork`),
    ],
});

describeResourcePolicy(kubernetesWorkloadPrivileges, {
    ...deployment,
    cases: [
        refuses(
            "a privileged container",
            set(`${context}.privileged`, true),
            `${contextPlace}.privileged is true; accepted: false, or not set.`,
        ),
        refuses(
            "privilege escalation",
            set(`${context}.allowPrivilegeEscalation`, true),
            `${contextPlace}.allowPrivilegeEscalation is true; accepted: false.`,
        ),
        refuses("a missing value, since the default allows escalation", unset(`${context}.allowPrivilegeEscalation`), [
            `${contextPlace}.allowPrivilegeEscalation is not set; accepted: false.`,
        ]),
        refuses(
            "a container that drops no capabilities",
            unset(`${context}.capabilities`),
            `${contextPlace}.capabilities.drop is not set; accepted: ["ALL"].`,
        ),
        refuses("a container that drops only some capabilities", set(`${context}.capabilities.drop`, ["NET_RAW"]), [
            `${contextPlace}.capabilities.drop is ["NET_RAW"]; accepted: ["ALL"].`,
        ]),
        refuses("an added capability", set(`${context}.capabilities.add`, ["NET_BIND_SERVICE", "SYS_ADMIN"]), [
            `${contextPlace}.capabilities.add is ["SYS_ADMIN"]; accepted: ["NET_BIND_SERVICE"], or not set.`,
        ]),
        accepts("the added capability NET_BIND_SERVICE", set(`${context}.capabilities.add`, ["NET_BIND_SERVICE"])),
        refuses(
            "a missing value, since the default allows root",
            unset(`${podContext}.runAsNonRoot`),
            `${contextPlace}.runAsNonRoot is not set; accepted: true, here or on the pod.`,
        ),
        refuses("a container that overrides the pod's user", set(`${context}.runAsNonRoot`, false), [
            `${contextPlace}.runAsNonRoot is false; accepted: true, here or on the pod.`,
        ]),
        accepts(
            "runAsNonRoot on the container",
            all(unset(`${podContext}.runAsNonRoot`), set(`${context}.runAsNonRoot`, true)),
        ),
        refuses(
            "user 0 on the pod",
            set(`${podContext}.runAsUser`, 0),
            `${podContext}.runAsUser is 0; accepted: any user but 0.`,
        ),
        refuses(
            "user 0 on the container",
            set(`${context}.runAsUser`, 0),
            `${contextPlace}.runAsUser is 0; accepted: any user but 0.`,
        ),
        accepts("no explicit user", unset(`${podContext}.runAsUser`)),
        refuses(
            "an unmasked /proc",
            set(`${context}.procMount`, "Unmasked"),
            `${contextPlace}.procMount is "Unmasked"; accepted: "Default", or not set.`,
        ),
        refuses("a container without a security context", unset(context), [
            `${contextPlace}.allowPrivilegeEscalation is not set; accepted: false.`,
            `${contextPlace}.capabilities.drop is not set; accepted: ["ALL"].`,
        ]),
        ...otherKinds("securityContext.privileged", true, (path) => [
            `${path}.securityContext.privileged is true; accepted: false, or not set.`,
        ]),
        unknownAt(`${context}.privileged`),
    ],
});

describeResourcePolicy(kubernetesWorkloadKernelProfiles, {
    ...deployment,
    cases: [
        refuses("a pod without a seccomp profile", unset(`${podContext}.seccompProfile`), [
            `${contextPlace}.seccompProfile.type is not set; accepted: "RuntimeDefault" or "Localhost", here or on the pod.`,
        ]),
        refuses("a container that switches seccomp off", set(`${context}.seccompProfile`, { type: "Unconfined" }), [
            `${contextPlace}.seccompProfile.type is "Unconfined"; accepted: "RuntimeDefault" or "Localhost", here or on the pod.`,
        ]),
        accepts(
            "a seccomp profile of the node",
            set(`${podContext}.seccompProfile`, { type: "Localhost", localhostProfile: "a" }),
        ),
        refuses("a pod with AppArmor off", set(`${podContext}.appArmorProfile`, { type: "Unconfined" }), [
            `${podContext}.appArmorProfile.type is "Unconfined"; accepted: "RuntimeDefault", "Localhost", or not set.`,
        ]),
        refuses("an unsafe SELinux type", set(`${context}.seLinuxOptions`, { type: "spc_t" }), [
            `${contextPlace}.seLinuxOptions.type is "spc_t"; accepted: container_t, container_init_t, container_kvm_t, container_engine_t, or not set.`,
        ]),
        refuses("an SELinux user and role", set(`${podContext}.seLinuxOptions`, { user: "u", role: "r" }), [
            `${podContext}.seLinuxOptions.user is "u"; accepted: not set.`,
            `${podContext}.seLinuxOptions.role is "r"; accepted: not set.`,
        ]),
        accepts("an SELinux type for containers", set(`${context}.seLinuxOptions`, { type: "container_t" })),
        refuses(
            "an unsafe sysctl",
            set(`${podContext}.sysctls`, [{ name: "net.ipv4.tcp_syncookies" }, { name: "kernel.msgmax" }]),
            [`${podContext}.sysctls[1].name is "kernel.msgmax"; accepted: one of the safe sysctls of the standard.`],
        ),
        ...otherKinds("securityContext.seccompProfile", { type: "Unconfined" }, (path) => [
            `${path}.securityContext.seccompProfile.type is "Unconfined"; accepted: "RuntimeDefault" or "Localhost", here or on the pod.`,
        ]),
        unknownAt(`${podContext}.seccompProfile.type`),
    ],
});

const volumeTypes =
    "accepted: configMap, csi, downwardAPI, emptyDir, ephemeral, persistentVolumeClaim, projected, secret.";

describeResourcePolicy(kubernetesWorkloadVolumeTypes, {
    ...deployment,
    cases: [
        ...["hostPath", "nfs", "gitRepo", "iscsi"].map((type) =>
            refuses(
                `the volume type ${type}`,
                set(`${podSpec}.volumes.0`, { name: "tmp", [type]: {} }),
                `${podSpec}.volumes[tmp] is "${type}"; ${volumeTypes}`,
            ),
        ),
        ...["configMap", "csi", "downwardAPI", "ephemeral", "persistentVolumeClaim", "projected", "secret"].map(
            (type) => accepts(`the volume type ${type}`, set(`${podSpec}.volumes.0`, { name: "tmp", [type]: {} })),
        ),
        accepts("a pod without volumes", unset(`${podSpec}.volumes`)),
        unknownAt(`${podSpec}.volumes`),
    ],
});

describeResourcePolicy(kubernetesWorkloadReadOnlyRoot, {
    ...deployment,
    cases: [
        refuses("a writable root file system", set(`${context}.readOnlyRootFilesystem`, false), [
            `${contextPlace}.readOnlyRootFilesystem is false; accepted: true.`,
        ]),
        refuses("a missing value, since the default is writable", unset(`${context}.readOnlyRootFilesystem`), [
            `${contextPlace}.readOnlyRootFilesystem is not set; accepted: true.`,
        ]),
        ...otherKinds("securityContext.readOnlyRootFilesystem", false, (path) => [
            `${path}.securityContext.readOnlyRootFilesystem is false; accepted: true.`,
        ]),
        unknownAt(`${context}.readOnlyRootFilesystem`),
    ],
});
