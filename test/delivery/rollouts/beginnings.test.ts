import * as assert from "node:assert/strict";
import { RolloutFollower, type Subject } from "../../../delivery/rollouts/rollout-follower";
import type { World } from "../../../delivery/rollouts/objects";
import * as o from "./objects";

const subject: Subject = { namespace: "relaypacs-prod", name: "backend", generation: 2, version: "1.4.2" };

function replay(worlds: readonly World[], wanted: Subject = subject) {
    const follower = new RolloutFollower(wanted);
    const steps = worlds.map((world) => follower.observe(world));
    return {
        said: steps.flatMap(({ sentences }) => sentences),
        ending: steps.map(({ ending }) => ending).find((ending) => ending !== undefined),
    };
}

const problemOf = (worlds: readonly World[], wanted?: Subject): string => {
    const { ending } = replay(worlds, wanted);
    return ending?.ok === false ? ending.problem : "no problem";
};

describe("Starting to follow a rollout", () => {
    it("should recognise a first deployment, which has no blue and takes no steps", () => {
        const first = { stableRS: "", currentStepIndex: o.steps.length };
        const greenPods = [o.pod(o.green, 1), o.pod(o.green, 2, o.starting)];
        const { said, ending } = replay([
            o.world(0, { rollout: o.rollout({ ...first, currentStepIndex: 0 }), pods: [], replicaSets: [o.greenSet] }),
            o.world(5, { rollout: o.rollout(first), pods: greenPods, replicaSets: [o.greenSet] }),
            o.world(9, { rollout: o.rollout(o.promoted), pods: o.pods(o.ready), replicaSets: [o.greenSet] }),
        ]);
        assert.deepEqual(said, [
            "Following backend in relaypacs-prod: first deployment, 1.4.2, without steps.",
            "Pods ready: 0 of 2 green.",
            "Pods ready: 1 of 2 green.",
            "Pods ready: 2 of 2 green.",
            "Backend in relaypacs-prod runs 1.4.2 on 2 of 2 pods, with all traffic.",
        ]);
        assert.deepEqual(ending, { ok: true, version: "1.4.2", unchanged: false });
    });

    it("should say in one sentence that no rollout is in progress, and how long blue is kept", () => {
        const idle = o.replicaSet(o.blue, "1.4.1", { deadline: o.at(1800) });
        const { said, ending } = replay([
            o.world(0, { rollout: o.rollout(o.promoted), replicaSets: [idle, o.greenSet] }),
        ]);
        assert.deepEqual(said, [
            "Backend in relaypacs-prod runs 1.4.2 on 2 of 2 pods, with all traffic; blue (1.4.1) stays idle until 12:30:00 UTC, so going back until then is instant.",
        ]);
        assert.deepEqual(ending, { ok: true, version: "1.4.2", unchanged: true, idleUntil: o.startedAt + 1_800_000 });
    });

    it("should continue a rollout in progress: step, traffic, pods, time left, and the latest measurement only", () => {
        const measurements = [50, 80, 110].map((second) => ({
            phase: "Successful",
            value: `[${String(second / 100_000)}]`,
            startedAt: o.at(second),
        }));
        const analysisRuns = [
            { ...o.smokeTests("Successful", "Successful") },
            o.errorRate("Running", { phase: "Running", measurements }),
        ].map((run, index) => (index === 0 ? { ...run, status: { ...run.status, completedAt: o.at(15) } } : run));
        const rollout = o.rollout({ currentStepIndex: 3, ...o.weights(50), ...o.paused(20) });
        const { said, ending } = replay([o.world(120, { rollout, analysisRuns })]);
        assert.deepEqual(said, [
            "Following backend in relaypacs-prod: 1.4.2 (green) replaces 1.4.1 (blue), at step 4 of 6.",
            "Measured: error-increase is 0.0011, limit at most 0.005: good.",
            "Step 4 of 6: wait 10 min.",
            "Traffic: 50 % to green (1.4.2), 50 % to blue (1.4.1).",
            "Pods ready: 2 of 2 green, 2 of 2 blue.",
            "Paused: 8 min 20 s left.",
        ]);
        assert.equal(ending, undefined);
    });

    it("should fail for a rollout that was aborted before, with its cause", () => {
        const failed = o.errorRate("Failed", {
            phase: "Failed",
            measurements: [{ phase: "Failed", value: "[0.03]", startedAt: o.at(-900) }],
        });
        const rollout = o.rollout(o.aborted(": Background analysis phase error/failed"));
        const seen = { rollout, analysisRuns: [failed] };
        assert.equal(
            problemOf([o.world(0, seen), o.world(2, seen)]),
            "1.4.2 of backend in relaypacs-prod was aborted, all traffic is back on 1.4.1: " +
                'error-increase was 0.03, limit at most 0.005 (query: errors{hash="6d5f7c8b9d"}).',
        );
    });

    it("should say that a person aborted where no analysis did, and ignore analyses of earlier attempts", () => {
        const earlier = o.errorRate("Failed", { phase: "Failed" });
        const annotations = { "rollout.argoproj.io/revision": "1" };
        const seen = {
            rollout: o.rollout(o.aborted("")),
            analysisRuns: [{ ...earlier, metadata: { ...earlier.metadata, annotations } }],
        };
        assert.equal(
            problemOf([o.world(0, seen), o.world(2, seen)]),
            "1.4.2 of backend in relaypacs-prod was aborted, all traffic is back on 1.4.1: no analysis has failed, so someone aborted it, or it made no progress in time.",
        );
    });

    it("should fail at green's deadline even while Argo Rollouts does not check it, because blue is still idle", () => {
        const conditions = [{ type: "Progressing", status: "True", lastUpdateTime: o.at(0) }];
        const waiting = { pods: o.pods(o.starting), replicaSets: [o.blueSet, o.greenSet] };
        const { ending } = replay([
            o.world(0, { rollout: o.rollout({ conditions }), ...waiting }),
            o.world(609, { rollout: o.rollout({ conditions }), ...waiting }),
        ]);
        assert.equal(ending, undefined);
        const late = replay([
            o.world(0, { rollout: o.rollout({ conditions }), ...waiting }),
            o.world(611, { rollout: o.rollout({ conditions }), ...waiting }),
            o.world(617, { rollout: o.rollout({ conditions }), ...waiting }),
        ]);
        assert.ok(late.ending?.ok === false && late.ending.failed);
        assert.match(late.ending.problem, /^1\.4\.2 of backend in relaypacs-prod made no progress for 10 min/);
    });

    it("should ignore a failure that an older release left in the status for a moment", () => {
        const stale = o.rollout({
            phase: "Degraded",
            message: "RolloutAborted: Rollout aborted update to revision 1",
            conditions: [{ type: "Progressing", status: "False", reason: "RolloutAborted" }],
        });
        assert.equal(replay([o.world(0, { rollout: stale }), o.world(60, { rollout: stale })]).ending, undefined);
        const deadline = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }];
        const timedOut = o.rollout({ phase: "Degraded", conditions: deadline });
        const worlds = [o.world(0, { rollout: timedOut }), o.world(4, { rollout: timedOut }), o.world(8)];
        assert.equal(replay(worlds).ending, undefined);
    });

    it("should recognise a rollback within the idle hour, which skips the steps", () => {
        const back = { currentStepIndex: o.steps.length, phase: "Progressing" };
        const older = o.replicaSet(o.green, "1.4.2", { created: -86_400, revision: 3 });
        const newer = o.replicaSet(o.blue, "1.4.3", { created: -600, revision: 2 });
        const deadline = o.replicaSet(o.blue, "1.4.3", { created: -600, revision: 2, deadline: o.at(3602) });
        const { said } = replay([
            o.world(0, { rollout: o.rollout(back), replicaSets: [older, newer] }),
            o.world(2, { rollout: o.rollout(o.promoted), replicaSets: [older, deadline] }),
        ]);
        assert.deepEqual(said, [
            "Following backend in relaypacs-prod: 1.4.2 (green) replaces 1.4.3 (blue).",
            "All 6 steps are skipped: the pods of 1.4.2 are still there, so going back is instant.",
            "Pods ready: 2 of 2 green, 2 of 2 blue.",
            "Traffic: 100 % to green (1.4.2), 0 % to blue (1.4.3).",
            "Backend in relaypacs-prod runs 1.4.2 on 2 of 2 pods, with all traffic; blue (1.4.3) stays idle until 13:00:02 UTC, so going back until then is instant.",
        ]);
    });

    it("should not call a rollback instant when its pods are gone", () => {
        const rollout = o.rollout({ currentStepIndex: o.steps.length });
        const older = o.replicaSet(o.green, "1.4.2", { created: -86_400, revision: 3 });
        const newer = o.replicaSet(o.blue, "1.4.3", { created: -600, revision: 2 });
        const { said } = replay([o.world(0, { rollout, replicaSets: [older, newer], pods: o.bluePods })]);
        assert.equal(said[1], "All 6 steps are skipped: 1.4.2 ran here before. Its pods start first.");
    });

    it("should fail for a Rollout that does not exist, is deleted, is refused, or was changed by hand", () => {
        const absent = o.world(1, { rollout: undefined });
        assert.equal(problemOf([absent]), "There is no Rollout backend in relaypacs-prod.");
        assert.equal(
            problemOf([o.world(0), absent]),
            "The Rollout backend in relaypacs-prod was deleted while it was followed.",
        );
        const conditions = [
            { type: "InvalidSpec", status: "True", message: "The Rollout is invalid: no such Service" },
        ];
        const refused = o.rollout({ phase: "Degraded", conditions });
        assert.equal(
            problemOf([o.world(0, { rollout: refused }), o.world(5, { rollout: refused })]),
            "The Rollout backend in relaypacs-prod is refused by its controller: The Rollout is invalid: no such Service.",
        );
        assert.equal(
            problemOf([o.world(0, { rollout: o.rollout(o.promoted, { generation: 3, version: "1.4.0" }) })]),
            "Backend in relaypacs-prod was changed by hand: it asks for 1.4.0 instead of 1.4.2. `pulumi up --refresh` brings 1.4.2 back.",
        );
    });

    it("should wait for the generation that the update wrote, and accept no older one", () => {
        const old = o.rollout(
            { ...o.promoted, currentPodHash: o.blue, stableRS: o.blue },
            { generation: 1, version: "1.4.1" },
        );
        assert.deepEqual(replay([o.world(0, { rollout: old })]), { said: [], ending: undefined });
    });
});

describe("Following a rollout through an outage of the cluster's API", () => {
    const outage = (since: number) => ({ since: o.startedAt + since * 1000, problem: "connect ECONNREFUSED" });

    it("should report the start and the end of the outage, and conclude nothing in between", () => {
        const { said, ending } = replay([
            { now: o.startedAt, outage: outage(0) },
            { now: o.startedAt + 3000, outage: outage(0) },
            { now: o.startedAt + 60_000, outage: outage(0) },
            o.world(61, { rollout: o.rollout(o.promoted) }),
        ]);
        assert.deepEqual(said, [
            "The cluster's API can't be read (connect ECONNREFUSED); trying again for 5 min. The rollout goes on without being watched.",
            "The cluster's API answers again after 1 min 1 s.",
            "Backend in relaypacs-prod runs 1.4.2 on 2 of 2 pods, with all traffic.",
        ]);
        assert.equal(ending?.ok, true);
    });

    it("should end without success after its limit", () => {
        const problem = problemOf([
            o.world(0),
            { ...o.world(100), outage: outage(100) },
            { ...o.world(400), outage: outage(100) },
        ]);
        assert.equal(
            problem,
            "The cluster's API has not answered for 5 min (connect ECONNREFUSED), so nothing is known about backend in relaypacs-prod. " +
                "The controller goes on without being watched; the same command picks up the watching.",
        );
    });

    it("should not retry a refused request", () => {
        const refused = { since: o.startedAt, problem: "GET /pods was answered with 403", permanent: true };
        assert.equal(
            problemOf([{ now: o.startedAt + 10_000, outage: refused }]),
            "backend in relaypacs-prod can't be followed: GET /pods was answered with 403.",
        );
    });
});
