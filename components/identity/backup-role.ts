import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bucketArn, tags, type Account } from "../../delivery/core/names";
import { databaseBackupName } from "../shared/network-rules";
import { allow, policyDocument } from "../shared/policy-document";
import { backupKeyPurpose } from "../storage/backup-store";
import { after } from "../shared/known-after";
import { podTrust } from "./pod-trust";
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
        const role = new aws.iam.Role(
            name,
            {
                name: backupRoleName(stack),
                description: `Pods that back up the database of ${stack}`,
                maxSessionDuration: 3600,
                assumeRolePolicy: podTrust(account, stack, databaseBackupName),
                tags: tags(args.environment),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            name,
            {
                name: "least-privilege",
                role: role.id,
                policy: policyDocument([
                    allow("AddBackups", ["s3:PutObject"], `${bucketArn(account, "database-backups")}/${stack}/*`),
                    // Decrypt is for the parts of a large object; without s3:GetObject it opens no backup.
                    allow(
                        "EncryptBackups",
                        ["kms:Decrypt", "kms:GenerateDataKey"],
                        keys(account),
                        onlyAlias(`alias/relaypacs-${backupKeyPurpose}`),
                    ),
                ]),
            },
            { parent: this },
        );
        this.arn = after([policy], role.arn);
        this.registerOutputs({ arn: this.arn });
    }
}
