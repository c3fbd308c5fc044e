import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement } from "../shared/policy-document";
import { tags } from "../../delivery/core/names";
import { after } from "../shared/known-after";

export interface SecureBucketArgs {
    readonly environment: string;
    readonly bucketName: string;
    /** Key for SSE-KMS. Without one, Amazon S3's own keys: the only kind that log delivery can write to. */
    readonly keyArn?: pulumi.Input<string>;
    /** Bucket that receives access logs, under the prefix `<bucketName>/`. */
    readonly accessLogBucket?: string;
    /** What expires, and when. Incomplete multipart uploads are always aborted after seven days. */
    readonly lifecycleRules: readonly aws.types.input.s3.BucketLifecycleConfigurationRule[];
    /** Years in which no version of an object can be deleted by anyone (Object Lock, compliance mode). */
    readonly lockYears?: number;
    /** Policy statements in addition to the one that denies plain HTTP. */
    readonly statements?: readonly Statement[];
}

/**
 * An S3 bucket by the AWS Foundational Security Best Practices: no public access (S3.8), requests by TLS only
 * (S3.5), ownership enforced (S3.12), versioned (S3.14), encrypted (S3.17), with a lifecycle (S3.13) and access logs
 * (S3.9).
 */
export class SecureBucket extends pulumi.ComponentResource {
    readonly arn: pulumi.Output<string>;
    /** The bucket's name, known once its policy and its public access block are in place. */
    readonly bucket: pulumi.Output<string>;
    /** What another bucket's access logs wait for; its lifecycle takes a minute longer and concerns no one else. */
    readonly policy: aws.s3.BucketPolicy;

    constructor(name: string, args: SecureBucketArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:storage:SecureBucket", name, {}, options);
        const bucket = new aws.s3.Bucket(
            name,
            {
                bucket: args.bucketName,
                forceDestroy: false,
                objectLockEnabled: args.lockYears !== undefined,
                tags: tags(args.environment),
            },
            { parent: this, protect: true },
        );
        // By name, not by output, so that policies can check every part in the first preview.
        const own = { bucket: args.bucketName };
        const child = { parent: this, dependsOn: bucket };
        new aws.s3.BucketOwnershipControls(name, { ...own, rule: { objectOwnership: "BucketOwnerEnforced" } }, child);
        const block = new aws.s3.BucketPublicAccessBlock(
            name,
            {
                ...own,
                blockPublicAcls: true,
                blockPublicPolicy: true,
                ignorePublicAcls: true,
                restrictPublicBuckets: true,
            },
            child,
        );
        // S3 refuses concurrent changes of one bucket's access, so the policy depends on the block.
        this.policy = new aws.s3.BucketPolicy(
            name,
            { ...own, policy: tlsOnly(args) },
            { parent: this, dependsOn: block },
        );
        const versioning = new aws.s3.BucketVersioning(
            name,
            { ...own, versioningConfiguration: { status: "Enabled" } },
            child,
        );
        this.encryption(name, args, child);
        this.lifecycle(name, args, versioning);
        if (args.accessLogBucket !== undefined) {
            new aws.s3.BucketLogging(
                name,
                { ...own, targetBucket: args.accessLogBucket, targetPrefix: `${args.bucketName}/` },
                child,
            );
        }
        if (args.lockYears !== undefined) {
            new aws.s3.BucketObjectLockConfiguration(
                name,
                { ...own, rule: { defaultRetention: { mode: "COMPLIANCE", years: args.lockYears } } },
                { parent: this, dependsOn: versioning },
            );
        }
        this.arn = bucket.arn;
        this.bucket = after([this.policy], bucket.id);
        this.registerOutputs({ arn: this.arn, bucket: this.bucket });
    }

    private encryption(
        name: string,
        { bucketName, keyArn }: SecureBucketArgs,
        options: pulumi.CustomResourceOptions,
    ): void {
        const algorithm =
            keyArn === undefined ? { sseAlgorithm: "AES256" } : { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn };
        new aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            {
                bucket: bucketName,
                rules: [{ applyServerSideEncryptionByDefault: algorithm, bucketKeyEnabled: keyArn !== undefined }],
            },
            options,
        );
    }

    private lifecycle(name: string, args: SecureBucketArgs, versioning: aws.s3.BucketVersioning): void {
        new aws.s3.BucketLifecycleConfiguration(
            name,
            {
                bucket: args.bucketName,
                rules: [
                    {
                        id: "abort-unfinished-uploads",
                        status: "Enabled",
                        filter: { prefix: "" },
                        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                    },
                    ...args.lifecycleRules,
                ],
            },
            { parent: this, dependsOn: versioning },
        );
    }
}

function tlsOnly({ bucketName, statements = [] }: SecureBucketArgs): string {
    const arn = `arn:aws:s3:::${bucketName}`;
    return policyDocument([
        {
            Sid: "RefusePlainHttp",
            Effect: "Deny",
            Principal: { AWS: "*" },
            Action: "s3:*",
            Resource: [arn, `${arn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        ...statements,
    ]);
}
