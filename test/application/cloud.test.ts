import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { registerInEcr, type BuiltImage, type Images } from "../../sandbox/application/images";
import { writeOciArchive } from "../../sandbox/application/oci";
import { inventory, names } from "../../sandbox/cloud/inventory";
import { aws, cloud } from "../../sandbox/cloud/moto";
import type { Instance } from "../../sandbox/instance";
import { runningPid, waitUntil } from "../../sandbox/process";
import { temporaryInstance } from "./instance";

const untouched = ["iam.role relaypacs-secret-rotation", "lambda.function relaypacs-secret-rotation"];

const statement = (effect: string, condition: object) => ({
    Effect: effect,
    Principal: "*",
    Action: "s3:*",
    Resource: ["arn:aws:s3:::evidence", "arn:aws:s3:::evidence/*"],
    Condition: condition,
});

// The first run on a machine installs the Python packages.
describe("emulated cloud", function () {
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

    it("is the staging stack's account, empty but for what the platform expects in it", async () => {
        assert.equal((await call("sts", "get-caller-identity")).Account, "123456789012");
        assert.match((await cloud.state(instance)).detail, /^account 123456789012, us-east-1, by http:/);
        assert.deepEqual(names(await inventory(instance)), untouched);
        const pid = runningPid(instance, "moto");
        await cloud.up(instance, () => undefined);
        assert.equal(runningPid(instance, "moto"), pid);
    });

    it("opens a bucket that is closed to requests without TLS, and keeps locked evidence", async () => {
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
        const put = () => call("s3api", "put-object", ...object, "--body", path.join(__dirname, "cloud.test.ts"));

        await policy(statement("Deny", { Bool: { "aws:SecureTransport": "true" } }));
        await assert.rejects(put(), /403|AccessDenied/);
        await policy(statement("Deny", { Bool: { "aws:SecureTransport": "false" } }));
        const { VersionId: version } = await put();
        await assert.rejects(
            call("s3api", "delete-object", ...object, "--version-id", String(version)),
            /AccessDenied/,
        );
    });

    it("declares a secret's rotation by the function and keeps its value", async () => {
        await call("secretsmanager", "create-secret", "--name", "session-key", "--secret-string", "synthetic");
        const secret = ["--secret-id", "session-key"];
        const { Configuration: rotation } = await call(
            ...["lambda", "get-function", "--function-name", "relaypacs-secret-rotation"],
        );
        const arn = (rotation as { readonly FunctionArn: string }).FunctionArn;
        const rules = ["--rotation-rules", "AutomaticallyAfterDays=90", "--no-rotate-immediately"];
        await call("secretsmanager", "rotate-secret", ...secret, "--rotation-lambda-arn", arn, ...rules);
        const described = await call("secretsmanager", "describe-secret", ...secret);
        assert.equal(described.RotationEnabled, true);
        assert.equal((await call("secretsmanager", "get-secret-value", ...secret)).SecretString, "synthetic");
    });

    it("registers an image under the digest that was built, once, and never moves a tag", async () => {
        const build = async (service: string, content: string): Promise<BuiltImage> => {
            const file = path.join(instance.root, `${service}.tar`);
            const description = {
                reference: `registry.example/relaypacs/${service}:v1.0.0`,
                files: [{ path: "/program", content }],
                entrypoint: ["/program"],
                user: "65532:65532",
            };
            const archive = await writeOciArchive(description, file);
            return { ...archive, repository: `relaypacs/${service}`, tag: "v1.0.0", file };
        };
        const images: Images = { backend: await build("backend", "one"), frontend: await build("frontend", "one") };
        const create = (name: string) =>
            call("ecr", "create-repository", "--repository-name", name, "--image-tag-mutability", "IMMUTABLE");
        assert.equal(await registerInEcr(instance, images), false);
        await create("relaypacs/backend");
        assert.equal(await registerInEcr(instance, images), false);
        await create("relaypacs/frontend");
        assert.equal(await registerInEcr(instance, images), true);
        assert.equal(await registerInEcr(instance, images), true);
        const list = ["--repository-name", "relaypacs/backend"];
        const { imageIds } = await call("ecr", "list-images", ...list);
        assert.deepEqual(
            imageIds,
            ["v1.0.0", "running-staging-1.0.0"].map((imageTag) => ({ imageDigest: images.backend.digest, imageTag })),
        );
        const other: Images = { ...images, backend: await build("backend", "two") };
        await assert.rejects(registerInEcr(instance, other), {
            name: "SandboxError",
            message:
                `relaypacs/backend:v1.0.0 is ${images.backend.digest} in the registry, whose tags cannot be moved, and ` +
                `${other.backend.digest} was built: give the new images another version`,
        });
    });

    it("can be compared: equal while nothing happens, different after any change, without secret values", async () => {
        const [first, second] = [await inventory(instance), await inventory(instance)];
        assert.equal(JSON.stringify(second), JSON.stringify(first));
        assert.deepEqual(names(first), [
            "ecr.repository relaypacs/backend",
            "ecr.repository relaypacs/frontend",
            ...untouched,
            "s3.bucket evidence",
            "secretsmanager.secret session-key",
        ]);
        assert.equal(JSON.stringify(first).includes("synthetic"), false);
        await call("s3api", "put-bucket-tagging", "--bucket", "evidence", "--tagging", "TagSet=[{Key=a,Value=b}]");
        assert.notEqual(JSON.stringify(await inventory(instance)), JSON.stringify(first));
    });

    it("forgets everything when it ends", async () => {
        process.kill(runningPid(instance, "moto")!, "SIGKILL");
        await waitUntil(() => Promise.resolve(runningPid(instance, "moto") === undefined), "Moto's end", 10, 20);
        await cloud.up(instance, () => undefined);
        assert.deepEqual(names(await inventory(instance)), untouched);
    });
});
