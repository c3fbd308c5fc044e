import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { EncryptionKey } from "../security/encryption-key";
import { bucketName, type Account, type BucketPurpose } from "../../delivery/core/names";
import { SecureBucket } from "./secure-bucket";

export interface ArtifactStoreArgs {
    readonly account: Account;
    readonly environment: string;
    /** Years that evidence can't be deleted. */
    readonly evidenceRetentionYears: number;
}

type Rules = aws.types.input.s3.BucketLifecycleConfigurationRule[];

const expire = (id: string, days: number, prefix = ""): Rules[number] => ({
    id,
    status: "Enabled",
    filter: { prefix },
    expiration: { days },
    noncurrentVersionExpiration: { noncurrentDays: 30 },
});

/** What expires per purpose. */
const lifecycles: Readonly<Record<"build-artifacts" | "test-reports" | "frontend-assets" | "evidence", Rules>> = {
    // A build can be repeated. The records under releases/ never expire: every deployment and every rollback reads its
    // release's record, and evidence, which is kept for years, names them.
    "build-artifacts": [expire("builds", 90, "builds/")],
    "test-reports": [expire("reports", 180)],
    // Each version has a folder of its own, and the assets of all releases stay, for rollbacks. Only objects that a second
    // publication of the same version has overwritten expire.
    "frontend-assets": [
        {
            id: "replaced-assets",
            status: "Enabled",
            filter: { prefix: "" },
            noncurrentVersionExpiration: { noncurrentDays: 90 },
        },
    ],
    // Evidence outlives its release and never expires. Envelopes stay where they are: S3 moves no object below 128 KB to
    // other storage, where it would cost more. Reports that are larger move.
    evidence: [
        {
            id: "archive-evidence",
            status: "Enabled",
            filter: { prefix: "" },
            transitions: [{ days: 90, storageClass: "GLACIER_IR" }],
        },
    ],
};

/** Access logs are kept for 400 days: a year and a month, so that a yearly review still has them. */
const accessLogDays = 400;

/**
 * The S3 buckets of the pipeline (specification, section 1 and stages 3 and 5): build artifacts, test reports,
 * frontend assets, evidence, and the access logs of all four.
 */
export class ArtifactStore extends pulumi.ComponentResource {
    /** Bucket names by purpose. */
    readonly buckets: Readonly<Record<keyof typeof lifecycles, pulumi.Output<string>>>;
    readonly keyArn: pulumi.Output<string>;

    constructor(name: string, args: ArtifactStoreArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:storage:ArtifactStore", name, {}, options);
        const child = { parent: this };
        const key = new EncryptionKey(
            `${name}-key`,
            { ...args, purpose: "artifacts", description: "Encrypts RelayPACS build artifacts, reports and evidence" },
            child,
        );
        const logs = this.accessLogs(`${name}-access-logs`, args);
        const bucket = (purpose: keyof typeof lifecycles) =>
            new SecureBucket(
                `${name}-${purpose}`,
                {
                    environment: args.environment,
                    bucketName: bucketName(args.account, purpose),
                    keyArn: key.arn,
                    accessLogBucket: bucketName(args.account, "access-logs"),
                    lifecycleRules: lifecycles[purpose],
                    ...(purpose === "evidence" && { lockYears: args.evidenceRetentionYears }),
                },
                { parent: this, dependsOn: logs.policy },
            ).bucket;
        this.buckets = {
            "build-artifacts": bucket("build-artifacts"),
            "test-reports": bucket("test-reports"),
            "frontend-assets": bucket("frontend-assets"),
            evidence: bucket("evidence"),
        };
        this.keyArn = key.arn;
        this.registerOutputs({ buckets: this.buckets, keyArn: this.keyArn });
    }

    private accessLogs(name: string, { account, environment }: ArtifactStoreArgs): SecureBucket {
        const purpose: BucketPurpose = "access-logs";
        const target = bucketName(account, purpose);
        return new SecureBucket(
            name,
            {
                environment,
                bucketName: target,
                lifecycleRules: [expire("access-logs", accessLogDays)],
                statements: [
                    {
                        Sid: "LogDelivery",
                        Effect: "Allow",
                        Principal: { Service: "logging.s3.amazonaws.com" },
                        Action: "s3:PutObject",
                        Resource: `arn:aws:s3:::${target}/*`,
                        Condition: { StringEquals: { "aws:SourceAccount": account.accountId } },
                    },
                ],
            },
            { parent: this },
        );
    }
}
