import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { inventory, names } from "../../../../sandbox/parts/cloud/inventory";
import { aws, cloud } from "../../../../sandbox/parts/cloud/moto";
import { currentVersion } from "../../../../delivery/core/secret-versions";
import type { Instance } from "../../../../sandbox/machine/instance";
import { runningPid, waitUntil } from "../../../../sandbox/machine/process";
import { temporaryInstance } from "../../support/instance";

const logins = ["secretsmanager.secret relaypacs-rotation/prod", "secretsmanager.secret relaypacs-rotation/staging"];
const untouched = ["iam.role relaypacs-secret-rotation", "lambda.function relaypacs-secret-rotation", ...logins];

const manifestType = "application/vnd.oci.image.manifest.v1+json";

const statement = (effect: string, condition: object) => ({
    Effect: effect,
    Principal: "*",
    Action: "s3:*",
    Resource: ["arn:aws:s3:::evidence", "arn:aws:s3:::evidence/*"],
    Condition: condition,
});

// The first run on a machine installs the Python packages.
describe("The emulated cloud", function () {
    this.timeout(300_000);
    let instance: Instance;
    before(async () => {
        instance = await temporaryInstance();
        await cloud.up(instance, () => undefined);
    });
    after(async () => {
        await cloud.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });

    const call = async (...args: string[]) => {
        const output = await aws(instance, args);
        return (output === "" ? {} : JSON.parse(output)) as Record<string, unknown>;
    };

    it("should be the staging stack's account, empty but for what the platform expects in it", async () => {
        assert.equal((await call("sts", "get-caller-identity")).Account, "123456789012");
        assert.match((await cloud.state(instance)).detail, /^account 123456789012, us-east-1, by http:/);
        assert.deepEqual(names(await inventory(instance)), untouched);
        const pid = runningPid(instance, "moto");
        await cloud.up(instance, () => undefined);
        assert.equal(runningPid(instance, "moto"), pid);
    });

    it("should open a bucket that denies requests without TLS, and keep locked evidence", async () => {
        await call("s3api", "create-bucket", "--bucket", "evidence", "--object-lock-enabled-for-bucket");
        const lock = { Mode: "COMPLIANCE", Years: 6 };
        const configuration = JSON.stringify({ ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: lock } });
        const bucket = ["--bucket", "evidence"];
        await call("s3api", "put-object-lock-configuration", ...bucket, "--object-lock-configuration", configuration);
        const policy = (...Statement: object[]) =>
            call(
                "s3api",
                "put-bucket-policy",
                ...bucket,
                "--policy",
                JSON.stringify({ Version: "2012-10-17", Statement }),
            );
        const object = [...bucket, "--key", "a"];
        const put = () => call("s3api", "put-object", ...object, "--body", __filename);

        await policy(statement("Deny", { Bool: { "aws:SecureTransport": "true" } }));
        await assert.rejects(put(), /403|AccessDenied/);
        await policy(statement("Deny", { Bool: { "aws:SecureTransport": "false" } }));
        const { VersionId: version } = await put();
        await assert.rejects(
            call("s3api", "delete-object", ...object, "--version-id", String(version)),
            /AccessDenied/,
        );
    });

    it("should declare a secret's rotation by the function and keep its value, and rotate it when asked to", async () => {
        const name = "relaypacs/staging/application-secret-key";
        await call("secretsmanager", "create-secret", "--name", name, "--secret-string", "synthetic");
        const secret = ["--secret-id", name];
        const { Configuration: rotation } = await call(
            ...["lambda", "get-function", "--function-name", "relaypacs-secret-rotation"],
        );
        const arn = (rotation as { readonly FunctionArn: string }).FunctionArn;
        const rules = ["--rotation-rules", "AutomaticallyAfterDays=90", "--no-rotate-immediately"];
        await call("secretsmanager", "rotate-secret", ...secret, "--rotation-lambda-arn", arn, ...rules);
        const described = await call("secretsmanager", "describe-secret", ...secret);
        assert.equal(described.RotationEnabled, true);
        assert.deepEqual(Object.values(described.VersionIdsToStages as object), [["AWSCURRENT"]]);
        const value = async (...which: string[]) =>
            (await call("secretsmanager", "get-secret-value", ...secret, ...which)).SecretString;
        assert.equal(await value(), "synthetic");
        for (const _ of ["first", "second"]) {
            const previous = await value();
            await call("secretsmanager", "rotate-secret", ...secret);
            assert.notEqual(await value(), previous);
            assert.equal(await value("--version-stage", "AWSCURRENT"), await value());
        }
    });

    it("should tell a secret's versions without their values, and give out each of them by its id", async () => {
        const secret = ["--secret-id", "rotated"];
        await call("secretsmanager", "create-secret", "--name", "rotated", "--secret-string", "first");
        const put = async (value: string) =>
            (await call("secretsmanager", "put-secret-value", ...secret, "--secret-string", value)).VersionId as string;
        const described = async () => {
            const answer = await call("secretsmanager", "describe-secret", ...secret);
            assert.equal(JSON.stringify(answer).includes("synthetic"), false);
            return answer.VersionIdsToStages as Record<string, readonly string[]>;
        };
        const [configured = ""] = Object.keys(await described());
        const [second, third] = [await put("synthetic-2"), await put("synthetic-3")];
        const stages = await described();
        assert.deepEqual([stages[second], stages[third]], [["AWSPREVIOUS"], ["AWSCURRENT"]]);
        assert.deepEqual(stages[configured] ?? [], []);
        const { Versions } = await call("secretsmanager", "list-secret-version-ids", ...secret);
        assert.equal(JSON.stringify(Versions).includes("synthetic"), false);
        assert.equal(
            currentVersion(
                (Versions as { VersionId: string; VersionStages: string[] }[]).map((one) => ({
                    versionId: one.VersionId,
                    versionStages: one.VersionStages,
                })),
            ),
            third,
        );
        // What a refresh asks for: it finds the configuration's version, and has no reason to write it again.
        const values = await Promise.all(
            [configured, second, third].map((id) =>
                call("secretsmanager", "get-secret-value", ...secret, "--version-id", id),
            ),
        );
        assert.deepEqual(
            values.map(({ SecretString }) => SecretString),
            ["first", "synthetic-2", "synthetic-3"],
        );
        await call("secretsmanager", "delete-secret", ...secret, "--force-delete-without-recovery");
    });

    it("should give an image its manifest's digest, whichever digest a client names", async () => {
        const repository = ["--repository-name", "relaypacs/backend"];
        await call("ecr", "create-repository", ...repository, "--image-tag-mutability", "IMMUTABLE");
        const part = (size: number) => ({ mediaType: "any", digest: `sha256:${"a".repeat(64)}`, size });
        const manifests = [1, 2].map((size) =>
            JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config: part(size), layers: [part(3)] }),
        );
        const digests = manifests.map((text) => `sha256:${createHash("sha256").update(text).digest("hex")}`);
        const put = (at: number, ...more: string[]) =>
            call("ecr", "put-image", ...repository, "--image-manifest", manifests[at]!, ...more);
        await put(0, "--image-tag", "v1.0.0");
        await put(0, "--image-tag", "v1.0.0-same");
        await put(1, "--image-tag", "v2.0.0", "--image-digest", digests[0]!);
        const { imageDetails } = await call("ecr", "describe-images", ...repository);
        assert.deepEqual(
            (imageDetails as { imageDigest: string; imageTags: string[] }[]).map((it) => [
                it.imageDigest,
                it.imageTags,
            ]),
            [
                [digests[0], ["v1.0.0", "v1.0.0-same"]],
                [digests[1], ["v2.0.0"]],
            ],
        );
        const { images } = await call(
            "ecr",
            "batch-get-image",
            ...repository,
            "--image-ids",
            `imageDigest=${digests[1]!}`,
        );
        assert.equal((images as { imageManifest: string }[])[0]!.imageManifest, manifests[1]);
        await assert.rejects(put(1, "--image-tag", "v1.0.0"), /AlreadyExistsException/);
    });

    it("should be comparable, equal while nothing happens and different after any change, without secret values", async () => {
        const [first, second] = [await inventory(instance), await inventory(instance)];
        assert.equal(JSON.stringify(second), JSON.stringify(first));
        assert.deepEqual(names(first), [
            "ecr.repository relaypacs/backend",
            "iam.role relaypacs-secret-rotation",
            "lambda.function relaypacs-secret-rotation",
            "s3.bucket evidence",
            ...logins,
            "secretsmanager.secret relaypacs/staging/application-secret-key",
        ]);
        assert.equal(JSON.stringify(first).includes("synthetic"), false);
        await call("s3api", "put-bucket-tagging", "--bucket", "evidence", "--tagging", "TagSet=[{Key=a,Value=b}]");
        assert.notEqual(JSON.stringify(await inventory(instance)), JSON.stringify(first));
    });

    it("should lose everything when it ends", async () => {
        process.kill(runningPid(instance, "moto")!, "SIGKILL");
        await waitUntil(() => Promise.resolve(runningPid(instance, "moto") === undefined), "Moto's end", 10, 20);
        await cloud.up(instance, () => undefined);
        assert.deepEqual(names(await inventory(instance)), untouched);
    });
});
