import * as assert from "node:assert/strict";
import { runningJobs, runsLine, servicesOf } from "../../../release/status/services";
import { ApiServer } from "../../delivery/rollouts/api-server";

type Put = Parameters<ApiServer["put"]>;

const now = Date.parse("2026-11-30T12:00:00Z");
const digest = (character: string) => `sha256:${character.repeat(64)}`;
const template = (version: string, character = "a") => ({
    metadata: {
        labels: { "app.kubernetes.io/version": version },
        annotations: { "relaypacs.com/image-digest": digest(character) },
    },
    spec: { containers: [{ name: "backend" }] },
});

/** A Deployment as its controller reports it. */
const deployment = (progressing: object, updatedReplicas = 2) => ({
    metadata: { name: "backend", generation: 3, labels: { "app.kubernetes.io/component": "server" } },
    spec: { replicas: 2, template: template("1.4.2") },
    status: {
        observedGeneration: 3,
        updatedReplicas,
        replicas: 2,
        conditions: [{ type: "Progressing", lastUpdateTime: "2026-11-30T08:14:59Z", ...progressing }],
    },
});

/** A Rollout from 1.4.1 (blue) to 1.4.2 (green), and their ReplicaSets. */
const rollout = (status: object) => ({
    metadata: { name: "backend", uid: "uid", generation: 7 },
    spec: {
        replicas: 2,
        template: template("1.4.2", "b"),
        strategy: { canary: { steps: [{ setWeight: 50 }, { pause: { duration: "600s" } }] } },
    },
    status: { observedGeneration: "7", currentPodHash: "green", ...status },
});
const replicaSet = (hash: string, version: string, created: string, annotations: object = {}) => ({
    metadata: {
        name: `backend-${hash}`,
        creationTimestamp: created,
        labels: { "rollouts-pod-template-hash": hash },
        ownerReferences: [{ uid: "uid" }],
        annotations,
    },
    spec: { replicas: 2, template: template(version, hash === "blue" ? "a" : "b") },
});

describe("release status: services", () => {
    let server: ApiServer;
    beforeEach(async () => {
        server = new ApiServer();
        await server.start();
    });
    afterEach(() => server.stop());
    const put = (kind: Put[0], object: object) => {
        server.put(kind, object as Put[1]);
    };
    const only = async () => {
        const [service, ...others] = await servicesOf(server.cluster, "relaypacs-prod", now);
        assert.ok(service);
        assert.deepEqual(others, []);
        return service;
    };

    it("should run since its pods were replaced, with nothing under way", async () => {
        put("deployments", deployment({ status: "True", reason: "NewReplicaSetAvailable" }));
        const service = await only();
        assert.deepEqual(runsLine(service), {
            verdict: "well",
            text: "backend runs 1.4.2 since 2026-11-30 08:14 UTC.",
        });
        assert.deepEqual([service.image, service.underWay], [digest("a"), []]);
    });

    it("should be replaced pod by pod, or make no progress", async () => {
        put("deployments", deployment({ status: "True", reason: "ReplicaSetUpdated" }, 1));
        const service = await only();
        assert.deepEqual(service.underWay, [
            { verdict: "well", text: "backend: 1.4.2 replaces what ran, pod by pod." },
        ]);
        assert.equal(runsLine(service).text, "backend runs 1.4.2.");
        const message = 'ReplicaSet "backend-1" has timed out progressing.';
        put("deployments", deployment({ status: "False", reason: "ProgressDeadlineExceeded", message }, 1));
        assert.deepEqual((await only()).underWay, [
            {
                verdict: "act",
                text: 'backend: 1.4.2 makes no progress: ReplicaSet "backend-1" has timed out progressing.',
            },
        ]);
    });

    const complete = {
        stableRS: "green",
        currentStepIndex: 2,
        conditions: [{ type: "Completed", status: "True", lastTransitionTime: "2026-11-30T11:30:00Z" }],
    };

    it("should run since its rollout was complete, and say until when blue stays", async () => {
        put("rollouts", rollout(complete));
        put("replicasets", replicaSet("green", "1.4.2", "2026-11-30T11:00:00Z"));
        const alone = await only();
        assert.equal(runsLine(alone).text, "backend runs 1.4.2 since 2026-11-30 11:30 UTC.");
        assert.deepEqual([alone.image, alone.underWay], [digest("b"), []]);
        const deadline = (time: string) => ({ "scale-down-deadline": time });
        put("replicasets", replicaSet("blue", "1.4.1", "2026-11-29T11:00:00Z", deadline("2026-11-30T12:30:00Z")));
        assert.deepEqual((await only()).underWay, [
            {
                verdict: "well",
                text: "backend: 1.4.1 stays idle until 12:30:00 UTC; until then going back is instant.",
            },
        ]);
        put("replicasets", replicaSet("blue", "1.4.1", "2026-11-29T11:00:00Z", deadline("2026-11-30T11:59:00Z")));
        assert.deepEqual((await only()).underWay, []);
    });

    it("should say which step is taken, while the version before serves", async () => {
        put("replicasets", replicaSet("green", "1.4.2", "2026-11-30T11:00:00Z"));
        put("replicasets", replicaSet("blue", "1.4.1", "2026-11-29T11:00:00Z"));
        put("rollouts", rollout({ stableRS: "blue", currentStepIndex: 1 }));
        const service = await only();
        assert.equal(runsLine(service).text, "backend runs 1.4.1 since 2026-11-29 11:00 UTC.");
        assert.equal(service.image, digest("a"));
        assert.deepEqual(service.underWay, [
            {
                verdict: "well",
                text: "backend: 1.4.2 is under way: step 2 of 2, wait 10 min; 1.4.1 serves. Follow it: npx release watch.",
            },
        ]);
        put("rollouts", rollout({ stableRS: "blue", currentStepIndex: 2 }));
        assert.match((await only()).underWay[0]?.text ?? "", /under way: all steps done; 1\.4\.1 serves/);
    });

    it("should ask for action after an abort", async () => {
        put("replicasets", replicaSet("blue", "1.4.1", "2026-11-29T11:00:00Z"));
        put("rollouts", rollout({ stableRS: "blue", abort: true, message: "metric failed\n over limit." }));
        assert.deepEqual((await only()).underWay, [
            { verdict: "act", text: "backend: 1.4.2 was aborted: metric failed over limit; 1.4.1 serves." },
        ]);
        put("rollouts", rollout({ stableRS: "blue", abort: true }));
        assert.equal((await only()).underWay[0]?.text, "backend: 1.4.2 was aborted; 1.4.1 serves.");
    });

    it("should not claim to know a version that pods don't say", async () => {
        put("deployments", { metadata: { name: "backend" }, spec: { template: { metadata: {} } } });
        const service = await only();
        assert.equal(runsLine(service).text, "backend runs an unknown version.");
        assert.equal(service.image, undefined);
    });

    it("should tell the Jobs that run, and no others", async () => {
        put("jobs", { metadata: { name: "done" }, status: { succeeded: 1, startTime: "2026-11-30T11:00:00Z" } });
        put("jobs", { metadata: { name: "migration" }, status: { active: 1, startTime: "2026-11-30T11:58:00Z" } });
        assert.deepEqual(await runningJobs(server.cluster, "relaypacs-prod"), [
            { verdict: "well", text: "The Job migration runs since 2026-11-30 11:58 UTC." },
        ]);
    });

    it("should say that the cluster refuses", async () => {
        server.refusal = 403;
        await assert.rejects(servicesOf(server.cluster, "relaypacs-prod", now), {
            message: /^The cluster does not tell what relaypacs-prod runs: [^\n]*403[^\n]*\.$/,
        });
        await assert.rejects(runningJobs(server.cluster, "relaypacs-prod"), {
            message: "The cluster does not tell the Jobs of relaypacs-prod: answered with 403.",
        });
    });
});
