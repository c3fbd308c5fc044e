import * as pulumi from "@pulumi/pulumi";
import { bucketArn, type Account } from "../../delivery/core/names";
import { databaseBackupName } from "../shared/network-rules";
import { allow } from "../shared/policy-document";
import { backupKeyPurpose } from "../storage/backup-store";
import { podRole } from "./pod-role";
import { keys, onlyAlias, type Stack } from "./state-access";

export interface BackupRoleArgs {
    readonly account: Account;
    /** The environment that owns the resource, for its tags. */
    readonly environment: string;
    /** The environment whose database the role may back up. */
    readonly stack: Stack;
}

/** Name of the role with which an environment's database is backed up. */
export const backupRoleName = (stack: Stack): string => `relaypacs-database-backup-${stack}`;

export const backupRoleArn = ({ accountId }: Account, stack: Stack): string =>
    `arn:aws:iam::${accountId}:role/${backupRoleName(stack)}`;

/**
 * The role of the pods that back up one environment's database, by EKS Pod Identity. It adds objects under the
 * environment's name and does nothing else: it can't read a backup, delete one, or change how long it is kept. What it
 * overwrites stays as an earlier version.
 */
export class BackupRole extends pulumi.ComponentResource {
    readonly arn: pulumi.Output<string>;

    constructor(name: string, args: BackupRoleArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:identity:BackupRole", name, {}, options);
        const { account, stack } = args;
        this.arn = podRole(
            name,
            {
                ...args,
                serviceAccount: databaseBackupName,
                roleName: backupRoleName(stack),
                description: `Pods that back up the database of ${stack}`,
                statements: [
                    allow("AddBackups", ["s3:PutObject"], `${bucketArn(account, "database-backups")}/${stack}/*`),
                    // Decrypt is for the parts of a large object; without s3:GetObject it opens no backup.
                    allow(
                        "EncryptBackups",
                        ["kms:Decrypt", "kms:GenerateDataKey"],
                        keys(account),
                        onlyAlias(`alias/relaypacs-${backupKeyPurpose}`),
                    ),
                ],
            },
            this,
        );
        this.registerOutputs({ arn: this.arn });
    }
}
