import * as pulumi from "@pulumi/pulumi";
import { bucketName, type Account } from "../../delivery/core/names";
import { EncryptionKey } from "../security/encryption-key";
import { SecureBucket } from "./secure-bucket";

export interface BackupStoreArgs {
    readonly account: Account;
    readonly environment: string;
    /** Days that a backup stays, and for which one that was overwritten or deleted can still be read. */
    readonly retentionDays: number;
}

/** Purpose of the key that encrypts backups of databases: its alias is `alias/relaypacs-database-backups`. */
export const backupKeyPurpose = "database-backups";

/**
 * The S3 bucket that keeps the backups of all environments' databases (specification, section 7, "Database Rollback"):
 * encrypted with a key of its own, so that who reads artifacts can't read patients' data, and versioned, so that what is
 * overwritten or deleted stays readable for as long as a backup is kept.
 */
export class BackupStore extends pulumi.ComponentResource {
    readonly bucket: pulumi.Output<string>;
    readonly keyArn: pulumi.Output<string>;

    constructor(name: string, args: BackupStoreArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:storage:BackupStore", name, {}, options);
        const { account, environment, retentionDays } = args;
        const key = new EncryptionKey(
            `${name}-key`,
            { account, environment, purpose: backupKeyPurpose, description: "Encrypts backups of RelayPACS databases" },
            { parent: this },
        );
        const { bucket } = new SecureBucket(
            name,
            {
                environment,
                bucketName: bucketName(account, "database-backups"),
                keyArn: key.arn,
                accessLogBucket: bucketName(account, "access-logs"),
                lifecycleRules: [
                    {
                        id: "expire-backups",
                        status: "Enabled",
                        filter: { prefix: "" },
                        expiration: { days: retentionDays },
                        noncurrentVersionExpiration: { noncurrentDays: retentionDays },
                    },
                ],
            },
            { parent: this },
        );
        this.bucket = bucket;
        this.keyArn = key.arn;
        this.registerOutputs({ bucket: this.bucket, keyArn: this.keyArn });
    }
}
