import * as assert from "node:assert/strict";
import { BackupStore } from "../../../components/storage/backup-store";
import { assertWellFormed, deploy, only } from "../../support/harness";

const account = { accountId: "123456789012", region: "us-east-1" };
const s3 = (kind: string) => `aws:s3/${kind[0]!.toLowerCase()}${kind.slice(1)}:${kind}`;
const register = (retentionDays = 35) =>
    deploy(() => new BackupStore("database-backups", { account, environment: "staging", retentionDays }));

describe("BackupStore", () => {
    it("should be one bucket with its own key, versioned, closed to the public, and protected from deletion", async () => {
        const resources = await register();
        assertWellFormed(resources, "database-backups");
        const bucket = only(resources, s3("Bucket"));
        assert.deepEqual(
            [bucket.inputs.bucket, bucket.inputs.forceDestroy, bucket.protect],
            ["relaypacs-database-backups-123456789012-us-east-1", false, true],
        );
        assert.deepEqual(only(resources, s3("BucketVersioning")).inputs.versioningConfiguration, { status: "Enabled" });
        assert.equal(only(resources, "aws:kms/alias:Alias").inputs.name, "alias/relaypacs-database-backups");
        const { rules } = only(resources, s3("BucketServerSideEncryptionConfiguration")).inputs as {
            readonly rules: { applyServerSideEncryptionByDefault: { sseAlgorithm: string } }[];
        };
        assert.equal(rules[0]?.applyServerSideEncryptionByDefault.sseAlgorithm, "aws:kms");
        assert.equal(
            only(resources, s3("BucketLogging")).inputs.targetBucket,
            "relaypacs-access-logs-123456789012-us-east-1",
        );
        assert.equal(only(resources, s3("BucketPublicAccessBlock")).inputs.restrictPublicBuckets, true);
    });

    it("should keep backups for as long as it is told, and what was overwritten or deleted as long again", async () => {
        for (const days of [7, 35, 3650]) {
            const { rules } = only(await register(days), s3("BucketLifecycleConfiguration")).inputs as {
                readonly rules: readonly { readonly id: string }[];
            };
            assert.deepEqual(
                rules.find(({ id }) => id === "expire-backups"),
                {
                    id: "expire-backups",
                    status: "Enabled",
                    filter: { prefix: "" },
                    expiration: { days },
                    noncurrentVersionExpiration: { noncurrentDays: days },
                },
            );
        }
    });
});
