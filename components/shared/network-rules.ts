import type * as k8s from "@pulumi/kubernetes";

/** A peer: every pod of a namespace. */
export const inNamespace = (name: string) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});

/** Pods of a service, and pods of its migrations, carry the service's name. */
export const serviceLabels = (service: string): Record<string, string> => ({ "app.kubernetes.io/name": service });

/** Labels of pods that test a release before it serves. */
export const smokeTestsLabels: Record<string, string> = { "app.kubernetes.io/component": "smoke-tests" };

/** Name of the CronJob that backs up the database, of its pods and of their account. */
export const databaseBackupName = "database-backup";

/** Labels of the pods that back up the database. */
export const databaseBackupLabels: Record<string, string> = { "app.kubernetes.io/component": databaseBackupName };

/** Name of the CronJob that restores staging's newest backup to try it, of its pods and of their account. */
export const restoreRehearsalName = "restore-rehearsal";

/** Labels of the pods that rehearse a restore. */
export const restoreRehearsalLabels: Record<string, string> = { "app.kubernetes.io/component": restoreRehearsalName };

/** Where EKS Pod Identity gives pods their role: the agent on each node. */
export const podIdentityAgent = { cidr: "169.254.170.23/32", port: 80 };

/** Name resolution, which every pod needs. */
export const nameResolution: k8s.types.input.networking.v1.NetworkPolicySpec = {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [
        {
            to: [{ ...inNamespace("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
            ports: [
                { protocol: "UDP", port: 53 },
                { protocol: "TCP", port: 53 },
            ],
        },
    ],
};
