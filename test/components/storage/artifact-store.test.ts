import * as assert from "node:assert/strict";
import { ArtifactStore } from "../../../components/storage/artifact-store";
import { assertWellFormed, deploy, ofType, only } from "../../support/harness";

const args = {
    account: { accountId: "123456789012", region: "us-east-1" },
    environment: "staging",
    evidenceRetentionYears: 6,
};
const purposes = ["access-logs", "build-artifacts", "test-reports", "frontend-assets", "evidence"];
const named = (purpose: string) => `artifacts-${purpose}`;
const s3 = (kind: string) => `aws:s3/${kind[0]!.toLowerCase()}${kind.slice(1)}:${kind}`;

describe("ArtifactStore", () => {
    it("should declare a bucket per purpose, none public, all protected from deletion", async () => {
        const resources = await deploy(() => new ArtifactStore("artifacts", args));
        assertWellFormed(resources, "artifacts");
        assert.deepEqual(
            ofType(resources, s3("Bucket")).map((one) => [one.inputs.bucket, one.inputs.forceDestroy, one.protect]),
            purposes.map((purpose) => [`relaypacs-${purpose}-123456789012-us-east-1`, false, true]),
        );
        for (const purpose of purposes) {
            const block = only(resources, s3("BucketPublicAccessBlock"), named(purpose)).inputs;
            assert.deepEqual(
                [block.blockPublicAcls, block.blockPublicPolicy, block.ignorePublicAcls, block.restrictPublicBuckets],
                [true, true, true, true],
            );
            const ownership = only(resources, s3("BucketOwnershipControls"), named(purpose)).inputs;
            assert.deepEqual(ownership.rule, { objectOwnership: "BucketOwnerEnforced" });
            const versioning = only(resources, s3("BucketVersioning"), named(purpose)).inputs;
            assert.deepEqual(versioning.versioningConfiguration, { status: "Enabled" });
        }
    });

    it("should refuse plain HTTP in every bucket", async () => {
        const resources = await deploy(() => new ArtifactStore("artifacts", args));
        for (const purpose of purposes) {
            const policy = String(only(resources, s3("BucketPolicy"), named(purpose)).inputs.policy);
            const { Statement } = JSON.parse(policy) as { Statement: Record<string, unknown>[] };
            const arn = `arn:aws:s3:::relaypacs-${purpose}-123456789012-us-east-1`;
            assert.deepEqual(Statement[0], {
                Sid: "RefusePlainHttp",
                Effect: "Deny",
                Principal: { AWS: "*" },
                Action: "s3:*",
                Resource: [arn, `${arn}/*`],
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            });
            assert.equal(Statement.length, purpose === "access-logs" ? 2 : 1);
        }
    });

    it("should let buckets wait for the policy under which their access logs are written, and for no more", async () => {
        const resources = await deploy(() => new ArtifactStore("artifacts", args));
        for (const purpose of purposes.slice(1)) {
            const { dependencies } = only(resources, "relaypacs:storage:SecureBucket", named(purpose)).placement;
            assert.deepEqual(dependencies, [
                `relaypacs:storage:SecureBucket$${s3("BucketPolicy")}::${named("access-logs")}`,
            ]);
        }
    });

    it("should encrypt with its own key, except where log delivery writes", async () => {
        const resources = await deploy(() => new ArtifactStore("artifacts", args));
        const kind = s3("BucketServerSideEncryptionConfiguration");
        const key = "arn:aws:kms:us-east-1:123456789012:key/artifacts-key";
        for (const purpose of purposes) {
            const rule = only(resources, kind, named(purpose)).inputs.rules;
            assert.deepEqual(rule, [
                purpose === "access-logs"
                    ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: false }
                    : {
                          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key },
                          bucketKeyEnabled: true,
                      },
            ]);
        }
    });

    it("should lock evidence, and only evidence, for six years", async () => {
        const resources = await deploy(() => new ArtifactStore("artifacts", args));
        const lock = only(resources, s3("BucketObjectLockConfiguration"));
        assert.equal(lock.name, named("evidence"));
        assert.deepEqual(lock.inputs.rule, { defaultRetention: { mode: "COMPLIANCE", years: 6 } });
        assert.deepEqual(
            ofType(resources, s3("Bucket"))
                .filter((one) => one.inputs.objectLockEnabled)
                .map((one) => one.name),
            [named("evidence")],
        );
    });

    it("should expire each purpose's objects after their time, and never evidence", async () => {
        const resources = await deploy(() => new ArtifactStore("artifacts", args));
        const expiry = purposes.map((purpose) => {
            const rules = only(resources, s3("BucketLifecycleConfiguration"), named(purpose)).inputs.rules as {
                expiration?: { days: number };
                abortIncompleteMultipartUpload?: { daysAfterInitiation: number };
            }[];
            assert.deepEqual(rules[0]!.abortIncompleteMultipartUpload, { daysAfterInitiation: 7 });
            return [purpose, rules.map((rule) => rule.expiration?.days).find((days) => days !== undefined)];
        });
        assert.deepEqual(expiry, [
            ["access-logs", 400],
            ["build-artifacts", 90],
            ["test-reports", 180],
            ["frontend-assets", undefined],
            ["evidence", undefined],
        ]);
    });

    it("should keep the records of releases, which every deployment reads and evidence names", async () => {
        const resources = await deploy(() => new ArtifactStore("artifacts", args));
        const { rules } = only(resources, s3("BucketLifecycleConfiguration"), named("build-artifacts")).inputs as {
            rules: { filter: { prefix: string }; expiration?: object; noncurrentVersionExpiration?: object }[];
        };
        const ending = rules.filter((rule) => rule.expiration ?? rule.noncurrentVersionExpiration);
        assert.deepEqual(
            ending.map(({ filter }) => filter.prefix),
            ["builds/"],
        );
    });

    it("should log access to every bucket except the one that holds the logs", async () => {
        const resources = await deploy(() => new ArtifactStore("artifacts", args));
        assert.deepEqual(
            ofType(resources, s3("BucketLogging")).map((one) => [one.name, one.inputs.targetPrefix]),
            purposes.slice(1).map((purpose) => [named(purpose), `relaypacs-${purpose}-123456789012-us-east-1/`]),
        );
    });
});
