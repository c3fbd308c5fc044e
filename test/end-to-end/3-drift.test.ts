import * as assert from "node:assert/strict";
import { waitUntil } from "../../sandbox/machine/process";
import * as world from "./world";

const github = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
    const { GITHUB_BASE_URL: base, GITHUB_TOKEN: token } = world.variables();
    const response = await fetch(`${String(base)}api/v3/${path}`, {
        method,
        headers: { authorization: `Bearer ${String(token)}`, accept: "application/vnd.github+json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text ? (JSON.parse(text) as unknown) : undefined };
};

describe("A change made by hand", () => {
    const bucket = "relaypacs-test-reports-123456789012-us-east-1";
    const release = () => world.publish("1.3.1");

    it("should be found and repaired in the cluster, in AWS and on GitHub", async () => {
        await world.kubectl("scale", "deployment/frontend", "--replicas=1");
        await world.kubectl("delete", "networkpolicy", "default-deny");
        await world.aws(
            "s3api",
            "put-bucket-versioning",
            "--bucket",
            bucket,
            "--versioning-configuration",
            "Status=Suspended",
        );
        const changed = await github("PATCH", "repos/relaypacs/gateway", { allow_merge_commit: true });
        assert.equal(changed.status, 200);

        const options = { release: await release() };
        const found = await world.pulumi(["preview", "--refresh", "--expect-no-changes"], options);
        assert.notEqual(found.exitCode, 0);
        for (const resource of ["frontend", "default-deny", "artifacts-test-reports", "repository"]) {
            assert.match(
                found.output,
                new RegExp(`~.*${resource}|\\+.*${resource}`),
                `${resource} is not in the preview`,
            );
        }

        const repaired = await world.up(options, "--refresh");
        assert.equal(repaired.exitCode, 0, repaired.output);
        const clean = await world.pulumi(["preview", "--refresh", "--expect-no-changes"], options);
        assert.equal(clean.exitCode, 0, clean.output);
        const { spec } = await world.kubernetesObject<{ spec: { replicas: number } }>("deployment", "frontend");
        assert.equal(spec.replicas, 2);
        await world.kubernetesObject("networkpolicy", "default-deny");
        const versioning = await world.aws<{ Status: string }>("s3api", "get-bucket-versioning", "--bucket", bucket);
        assert.equal(versioning.Status, "Enabled");
        const repository = await github("GET", "repos/relaypacs/gateway");
        assert.equal((repository.body as { allow_merge_commit: boolean }).allow_merge_commit, false);
    });

    it("should not be an autoscaler, which would take the number of pods over: the quota refuses it", async () => {
        const autoscale = ["autoscale", "deployment/frontend", "--min=2", "--max=4", "--cpu=80%"];
        await assert.rejects(world.kubectl(...autoscale), /exceeded quota: compute/);
    });

    it("should not stop the next release, which takes the changed fields back without a refresh", async () => {
        await world.kubectl("scale", "deployment/backend", "--replicas=0");
        const refused = () =>
            world.request("/health").then(
                () => false,
                (error: unknown) => /\/health answered 503$/.test((error as Error).message),
            );
        // The frontend, whose path is shorter, does not answer in its place.
        await waitUntil(refused, "a 503 of a backend without pods", 60, 250);
        await world.request("/");
        const released = await world.up({ release: await world.publish("1.3.2") });
        assert.equal(released.exitCode, 0, released.output);
        await world.assertRuns("1.3.2");
        const { spec } = await world.kubernetesObject<{ spec: { replicas: number } }>("deployment", "backend");
        assert.equal(spec.replicas, 2);
    });
});
