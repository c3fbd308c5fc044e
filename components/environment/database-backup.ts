import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { NamespaceSecrets, type NamespaceSecretsArgs } from "../secrets/namespace-secrets";
import { databaseBackupLabels, databaseBackupName } from "../shared/network-rules";
import { restrictedContainer, restrictedPod } from "../shared/pod-security";
import { databaseBackupSize } from "../shared/resource-quota";

export interface DatabaseBackupArgs extends Pick<
    NamespaceSecretsArgs,
    "environment" | "namespace" | "delivery" | "region" | "entries"
> {
    /** Image by digest, with `release` and PostgreSQL's client programs (release/backup-database/Dockerfile). */
    readonly image: string;
    /** Bucket that gets the backups. */
    readonly bucket: string;
    /** When, as cron writes it, in UTC. */
    readonly schedule: string;
    /** Room for one dump on the node's disk, in GiB. */
    readonly scratchGibibytes: number;
}

/** Seconds after which a backup has failed; the policy pack accepts at most an hour. */
const timeoutSeconds = 3600;

/**
 * Backs up an environment's database on a schedule (specification, section 7, "Database Rollback"): a CronJob that runs
 * `release backup-database`. Its service account, network and quota are the namespace's (`EnvironmentNamespace`), its role is
 * `BackupRole`.
 */
export class DatabaseBackup extends pulumi.ComponentResource {
    constructor(name: string, args: DatabaseBackupArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:environment:DatabaseBackup", name, {}, options);
        const { environment, namespace, delivery, region, entries } = args;
        const { secretName } = new NamespaceSecrets(
            `${name}-secrets`,
            { environment, namespace, delivery, region, entries, variables: { "database-url": "DATABASE_URL" } },
            { parent: this },
        );
        const { cpuRequest, cpuLimit, memoryRequest, memoryLimit } = databaseBackupSize;
        const scratch = `${args.scratchGibibytes}Gi`;
        new k8s.batch.v1.CronJob(
            name,
            {
                metadata: { name: databaseBackupName, namespace, labels: databaseBackupLabels },
                spec: {
                    schedule: args.schedule,
                    timeZone: "Etc/UTC",
                    // A backup that is still being made is not joined by the next one.
                    concurrencyPolicy: "Forbid",
                    startingDeadlineSeconds: timeoutSeconds,
                    successfulJobsHistoryLimit: 3,
                    failedJobsHistoryLimit: 3,
                    jobTemplate: {
                        spec: {
                            backoffLimit: 2,
                            activeDeadlineSeconds: timeoutSeconds,
                            template: {
                                metadata: { labels: databaseBackupLabels },
                                spec: {
                                    restartPolicy: "Never",
                                    serviceAccountName: databaseBackupName,
                                    automountServiceAccountToken: false,
                                    enableServiceLinks: false,
                                    securityContext: restrictedPod,
                                    containers: [
                                        {
                                            name: databaseBackupName,
                                            image: args.image,
                                            imagePullPolicy: "IfNotPresent",
                                            args: ["backup-database", environment, "--bucket", args.bucket],
                                            env: [{ name: "AWS_REGION", value: region }],
                                            envFrom: [{ secretRef: { name: secretName } }],
                                            resources: {
                                                requests: {
                                                    cpu: cpuRequest,
                                                    memory: memoryRequest,
                                                    "ephemeral-storage": scratch,
                                                },
                                                limits: {
                                                    cpu: cpuLimit,
                                                    memory: memoryLimit,
                                                    "ephemeral-storage": scratch,
                                                },
                                            },
                                            securityContext: restrictedContainer,
                                            // The dump is made here.
                                            volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
                                            terminationMessagePolicy: "FallbackToLogsOnError",
                                        },
                                    ],
                                    volumes: [{ name: "tmp", emptyDir: { sizeLimit: scratch } }],
                                },
                            },
                        },
                    },
                },
            },
            { parent: this },
        );
        this.registerOutputs();
    }
}
