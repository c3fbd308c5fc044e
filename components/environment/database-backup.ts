import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { NamespaceSecrets, type NamespaceSecretsArgs } from "../secrets/namespace-secrets";
import {
    databaseBackupLabels,
    databaseBackupName,
    restoreRehearsalLabels,
    restoreRehearsalName,
} from "../shared/network-rules";
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

/** Seconds after which a backup or a rehearsal has failed; the policy pack accepts at most an hour. */
const timeoutSeconds = 3600;

/**
 * Backs up an environment's database on a schedule (specification, section 7, "Database Rollback"): a CronJob that runs
 * `release backup-database`. Its service account, network and quota are the namespace's (`EnvironmentNamespace`), its role is
 * `BackupRole`. In staging a second, suspended CronJob tries the newest backup: a workflow starts a Job of it.
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
        const pods = { ...args, secretName, labels: databaseBackupLabels };
        const backup = ["backup-database", environment, "--bucket", args.bucket];
        new k8s.batch.v1.CronJob(
            name,
            cronJob({ ...pods, name: databaseBackupName, command: backup, backoffLimit: 2 }),
            { parent: this },
        );
        if (environment === "staging") {
            const command = ["restore-database", environment, "--rehearse", "--bucket", args.bucket];
            new k8s.batch.v1.CronJob(
                `${name}-rehearsal`,
                // A workflow starts its Jobs, because it signs how they end; a second try would hide a backup that is bad.
                cronJob({
                    ...pods,
                    name: restoreRehearsalName,
                    labels: restoreRehearsalLabels,
                    command,
                    suspend: true,
                }),
                { parent: this },
            );
        }
        this.registerOutputs();
    }
}

interface CronJobOptions extends DatabaseBackupArgs {
    /** Of the CronJob, its container and its service account. */
    readonly name: string;
    readonly labels: Record<string, string>;
    /** Arguments of `release`. */
    readonly command: pulumi.Input<string>[];
    /** Kubernetes Secret with the database's address. */
    readonly secretName: pulumi.Input<string>;
    /** How often a Job tries again. @default 0 */
    readonly backoffLimit?: number;
    /** Whether Jobs are only started from outside. @default false */
    readonly suspend?: boolean;
}

function cronJob(options: CronJobOptions): k8s.batch.v1.CronJobArgs {
    const { name, namespace, labels } = options;
    const { cpuRequest, cpuLimit, memoryRequest, memoryLimit } = databaseBackupSize;
    const scratch = `${options.scratchGibibytes}Gi`;
    return {
        metadata: { name, namespace, labels },
        spec: {
            schedule: options.schedule,
            timeZone: "Etc/UTC",
            suspend: options.suspend ?? false,
            // A backup that is still being made is not joined by the next one.
            concurrencyPolicy: "Forbid",
            startingDeadlineSeconds: timeoutSeconds,
            successfulJobsHistoryLimit: 3,
            failedJobsHistoryLimit: 3,
            jobTemplate: {
                spec: {
                    backoffLimit: options.backoffLimit ?? 0,
                    activeDeadlineSeconds: timeoutSeconds,
                    template: {
                        metadata: { labels },
                        spec: {
                            restartPolicy: "Never",
                            serviceAccountName: name,
                            automountServiceAccountToken: false,
                            enableServiceLinks: false,
                            securityContext: restrictedPod,
                            containers: [
                                {
                                    name,
                                    image: options.image,
                                    imagePullPolicy: "IfNotPresent",
                                    args: options.command,
                                    env: [{ name: "AWS_REGION", value: options.region }],
                                    envFrom: [{ secretRef: { name: options.secretName } }],
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
                                    // The dump is here.
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
    };
}
