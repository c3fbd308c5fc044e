/** Labels of a namespace: Pod Security Standards, level `restricted`, for admission, audit log and warnings alike. */
export const podSecurity: Readonly<Record<string, string>> = Object.fromEntries(
    ["enforce", "audit", "warn"].flatMap((mode) => [
        [`pod-security.kubernetes.io/${mode}`, "restricted"],
        [`pod-security.kubernetes.io/${mode}-version`, "latest"],
    ]),
);

/** Seconds that a terminating pod continues to serve, until proxies and endpoints have removed it. */
export const preStopSeconds = 5;

/** Every pod's security context, by the `restricted` standard: one unprivileged user, the runtime's seccomp profile. */
export const restrictedPod = {
    runAsNonRoot: true,
    runAsUser: 65532,
    runAsGroup: 65532,
    fsGroup: 65532,
    seccompProfile: { type: "RuntimeDefault" },
} as const;

/** Every container's security context: no capabilities, a read-only root. */
export const restrictedContainer = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem: true,
};

/**
 * A container's share of the node's disk: its logs, which the kubelet keeps up to 50 MiB of, and what it writes to its
 * volumes. Pods that take more than their limit are evicted; without one, a full disk would evict others.
 *
 * @param volumes MiB that its volumes may hold
 * @returns requests and limits, to be set beside cpu and memory
 */
export const nodeDisk = (volumes: number) => ({
    requests: { "ephemeral-storage": "64Mi" },
    limits: { "ephemeral-storage": `${volumes + 192}Mi` },
});

/** Spreads pods with these labels over nodes, where there are several. */
export const spreadOverNodes = (labels: Readonly<Record<string, string>>) => [
    {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: labels },
    },
];
