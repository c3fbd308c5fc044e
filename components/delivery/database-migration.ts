import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { serviceLabels } from "../shared/network-rules";
import { container, podSpec, type PodArgs } from "../shared/pod-template";

export interface DatabaseMigrationArgs extends PodArgs {
    readonly namespace: pulumi.Input<string>;
    /** Seconds after which the migration counts as failed. */
    readonly timeoutSeconds: number;
}

/**
 * How PostgreSQL's client library connects: a statement that waits for a lock gives up after five seconds, and the
 * migration fails. Without a limit it waits for the longest transaction, and every query that comes after it waits for
 * the migration, reading ones too. A service's own `PGOPTIONS` has precedence.
 */
const lockTimeout = { name: "PGOPTIONS", value: "-c lock_timeout=5s" };

/**
 * `alembic upgrade head` with the new image, before any pod of it serves (specification, stage 9). What depends on
 * this component changes only after the migration is complete; a failed one leaves the old version serving. Each
 * image has a Job of its own, and a new update repeats a failed one. A rollback runs no migration: an older image's
 * Alembic does not know the database's revision.
 */
export class DatabaseMigration extends pulumi.ComponentResource {
    constructor(name: string, args: DatabaseMigrationArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:delivery:DatabaseMigration", name, {}, options);
        const { service, image } = args;
        const labels = { ...serviceLabels(service.name), "app.kubernetes.io/component": "migration" };
        const base = container(args);
        const digest = image.slice(image.indexOf("@sha256:") + "@sha256:".length);
        new k8s.batch.v1.Job(
            name,
            {
                metadata: {
                    name: `${service.name}-migration-${digest.slice(0, 12)}`,
                    namespace: args.namespace,
                    labels,
                    annotations: {
                        "pulumi.com/replaceUnready": "true",
                        "pulumi.com/timeoutSeconds": String(args.timeoutSeconds + 30),
                    },
                },
                spec: {
                    // No retry: a migration that failed half-way needs a person, not a second run.
                    backoffLimit: 0,
                    activeDeadlineSeconds: args.timeoutSeconds,
                    template: {
                        metadata: { labels },
                        spec: {
                            ...podSpec(service, [
                                {
                                    ...base,
                                    env: [...("PGOPTIONS" in service.environment ? [] : [lockTimeout]), ...base.env],
                                    command: ["alembic"],
                                    args: ["upgrade", "head"],
                                },
                            ]),
                            restartPolicy: "Never",
                        },
                    },
                },
            },
            { parent: this },
        );
        this.registerOutputs();
    }
}
