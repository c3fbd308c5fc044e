import * as pulumi from "@pulumi/pulumi";
import { bucketArn, type Account } from "../../delivery/core/names";
import { restoreRehearsalName } from "../shared/network-rules";
import { allow } from "../shared/policy-document";
import { backupKeyPurpose } from "../storage/backup-store";
import { podRole } from "./pod-role";
import { keys, onlyAlias } from "./state-access";

export interface RehearsalRoleArgs {
    readonly account: Account;
    /** The environment that owns the resource, for its tags. */
    readonly environment: string;
}

/** Name of the role with which staging's backups are tried. */
export const rehearsalRoleName = "relaypacs-restore-rehearsal-staging";

export const rehearsalRoleArn = ({ accountId }: Account): string =>
    `arn:aws:iam::${accountId}:role/${rehearsalRoleName}`;

/**
 * The role of the pods that rehearse a restore in staging (specification, section 7), by EKS Pod Identity. It reads
 * staging's backups and does nothing else: production's are not for it to read, and it can't write, overwrite or delete one.
 */
export class RehearsalRole extends pulumi.ComponentResource {
    readonly arn: pulumi.Output<string>;

    constructor(name: string, args: RehearsalRoleArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:identity:RehearsalRole", name, {}, options);
        const { account } = args;
        const bucket = bucketArn(account, "database-backups");
        this.arn = podRole(
            name,
            {
                ...args,
                stack: "staging",
                serviceAccount: restoreRehearsalName,
                roleName: rehearsalRoleName,
                description: "Pods that rehearse a restore of the database in staging",
                statements: [
                    {
                        ...allow("ListBackups", ["s3:ListBucket"], bucket),
                        Condition: { StringLike: { "s3:prefix": "staging/*" } },
                    },
                    allow("ReadBackups", ["s3:GetObject"], `${bucket}/staging/*`),
                    allow(
                        "DecryptBackups",
                        ["kms:Decrypt"],
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
