import * as assert from "node:assert/strict";
import { inventory, names } from "../../sandbox/parts/cloud/inventory";
import { administrator } from "../../sandbox/parts/github/relaypacs";
import { toolNames } from "../../settings/schema";
import { Client } from "../sandbox/parts/github/harness";
import * as world from "./world";

describe("The destruction of production", () => {
    it("should leave nothing of it in the cluster, and staging untouched", async () => {
        const listed = await world.pulumi(["stack", "output", "version"], { stack: "prod" });
        assert.equal(listed.exitCode, 0, listed.output);
        const unprotected = await world.pulumi(["state", "unprotect", "--all", "--yes"], { stack: "prod" });
        assert.equal(unprotected.exitCode, 0, unprotected.output);
        const destroyed = await world.pulumi(["destroy", "--yes", "--skip-preview"], { stack: "prod" });
        assert.equal(destroyed.exitCode, 0, destroyed.output);
        await assert.rejects(world.kubectl("get", "namespace", "relaypacs-prod"), /not found/);
        const { spec } = await world.kubernetesObject<{ spec: { replicas: number } }>("deployment", "backend");
        assert.equal(spec.replicas, 2);
    });
});

describe("The destruction of staging", () => {
    const github = new Client(`http://127.0.0.1:${String(world.instance.ports.github)}`, administrator);

    it("should be refused while the data is protected", async () => {
        const { exitCode, output } = await world.pulumi(["destroy", "--yes"]);
        assert.notEqual(exitCode, 0);
        assert.match(output, /protected|protect/);
        const { spec } = await world.kubernetesObject<{ spec: { replicas: number } }>("deployment", "backend");
        assert.equal(spec.replicas, 2);
    });

    it("should leave AWS, GitHub and the cluster empty once that protection is removed", async () => {
        // An image repository can only be deleted when it is empty, and the code repository only when that is
        // requested.
        const repository = JSON.stringify({ owner: "relaypacs", name: "gateway", archiveOnDestroy: false });
        const agreed = await world.up({
            release: await world.publish("1.4.0"),
            variables: { RELAYPACS_REPOSITORY: repository },
        });
        assert.equal(agreed.exitCode, 0, agreed.output);
        for (const name of ["backend", "frontend", ...toolNames]) await deleteImages(`relaypacs/${name}`);

        const unprotected = await world.pulumi(["state", "unprotect", "--all", "--yes"]);
        assert.equal(unprotected.exitCode, 0, unprotected.output);
        // Access logs arrive as long as there are buckets to log, so their own bucket is emptied when no other is left.
        const first = await world.pulumi(["destroy", "--yes", "--skip-preview"]);
        const errors = first.output.split("\n").filter((line) => /api error/.test(line));
        assert.deepEqual(
            errors.filter((line) => !/relaypacs-access-logs.*BucketNotEmpty/.test(line)),
            [],
            first.output,
        );
        await emptyBucket("relaypacs-access-logs-123456789012-us-east-1");
        const destroyed = await world.pulumi(["destroy", "--yes", "--skip-preview"]);
        assert.equal(destroyed.exitCode, 0, destroyed.output);

        const left = names(await inventory(world.instance));
        assert.deepEqual(
            left.filter((name) => !/rotation/.test(name)),
            [],
        );
        assert.equal((await github.get("/repos/relaypacs/gateway")).status, 404);
        await assert.rejects(world.kubectl("get", "namespace", world.namespace), /not found/);
        const { deployment } = JSON.parse(await world.exportedState()) as {
            deployment: { resources?: { type: string }[] };
        };
        assert.deepEqual(deployment.resources ?? [], []);
    });
});

async function deleteImages(repository: string): Promise<void> {
    const { imageIds } = await world.aws<{ imageIds: object[] }>("ecr", "list-images", "--repository-name", repository);
    if (imageIds.length === 0) return;
    await world.aws(
        "ecr",
        "batch-delete-image",
        "--repository-name",
        repository,
        "--image-ids",
        JSON.stringify(imageIds),
    );
}

interface ObjectVersion {
    readonly Key: string;
    readonly VersionId: string;
}

async function emptyBucket(bucket: string): Promise<void> {
    const buckets = await world.aws<{ Buckets: { Name: string }[] }>("s3api", "list-buckets");
    if (!buckets.Buckets.some(({ Name }) => Name === bucket)) return;
    const found = await world.aws<{ Versions?: ObjectVersion[]; DeleteMarkers?: ObjectVersion[] }>(
        "s3api",
        "list-object-versions",
        "--bucket",
        bucket,
    );
    const all = [...(found.Versions ?? []), ...(found.DeleteMarkers ?? [])];
    // S3 deletes at most a thousand objects per request, and Linux takes at most 128 KiB in one argument.
    const most = 500;
    for (let at = 0; at < all.length; at += most) {
        const Objects = all.slice(at, at + most).map(({ Key, VersionId }) => ({ Key, VersionId }));
        await world.aws(
            "s3api",
            "delete-objects",
            "--bucket",
            bucket,
            "--delete",
            JSON.stringify({ Objects, Quiet: true }),
        );
    }
}
