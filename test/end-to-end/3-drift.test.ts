import * as assert from "node:assert/strict";
import { waitUntil } from "../../sandbox/machine/process";
import { wrongIn } from "./network";
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
        await world.kubectl("delete", "networkpolicy", "default-deny", "name-resolution");
        const open = (await wrongIn("staging")).join("\n");
        for (const one of ["frontend → database", "frontend → kubernetes-api", "frontend → metadata"])
            assert.match(open, new RegExp(`^${one} \\([\\d.:]+\\) is open: connected$`, "m"));
        // Nothing listens there: the pod itself refuses.
        assert.match(open, /^prometheus → smoke-tests \([\d.:]+\) is open: ECONNREFUSED$/m);
        assert.match(open, /^outside → smoke-tests \([\d.:]+\) is open: ECONNREFUSED$/m);
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
        const unprotected = await github("PUT", "repos/relaypacs/gateway/branches/main/protection", {
            required_status_checks: null,
            enforce_admins: false,
            required_pull_request_reviews: null,
            restrictions: null,
        });
        assert.equal(unprotected.status, 200);
        await world.kubectl("set", "env", "deployment/frontend", "BY_HAND=1");

        const options = { release: await release() };
        const drift = await world.release(["drift", "--stack", "staging"], options);
        assert.equal(drift.exitCode, 2, drift.output);
        for (const sentence of [
            /^Deployment relaypacs-staging\/frontend: spec\.replicas is 1, and the stack has 2; it belongs to kubectl\b/m,
            /^Deployment relaypacs-staging\/frontend: spec\.template\.spec\.containers\[frontend\]\.env\S* was added beside the stack; it belongs to kubectl-set since /m,
            /^NetworkPolicy relaypacs-staging\/default-deny is gone\.$/m,
            /^NetworkPolicy relaypacs-staging\/name-resolution is gone\.$/m,
            /^aws BucketVersioning artifacts-test-reports: versioningConfiguration\.status is "Suspended", and the stack has "Enabled"\.$/m,
            /^github Repository repository: allowMergeCommit is true, and the stack has false\.$/m,
            /^github BranchProtection repository-main: enforceAdmins is false, and the stack has true\.$/m,
            /^Of staging, 6 resources differ from what was applied\. Change it back: pulumi up --refresh --stack staging\./m,
        ])
            assert.match(drift.output, sentence);
        // An update leaves what others have added, so it goes as it came.
        await world.kubectl("set", "env", "deployment/frontend", "BY_HAND-");
        const repaired = await world.up(options, "--refresh");
        assert.equal(repaired.exitCode, 0, repaired.output);
        const none = await world.release(["drift", "--stack", "staging"], options);
        assert.deepEqual([none.exitCode, none.output], [0, "Nothing of staging has drifted."]);
        const { spec } = await world.kubernetesObject<{ spec: { replicas: number } }>("deployment", "frontend");
        assert.equal(spec.replicas, 2);
        assert.deepEqual(await wrongIn("staging"), []);
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
