import * as assert from "node:assert/strict";
import type { Ending } from "../../../delivery/rollouts/outcome";
import { RolloutFollower, type Subject } from "../../../delivery/rollouts/rollout-follower";
import type { MetricResult, World } from "../../../delivery/rollouts/objects";
import * as o from "./objects";

const subject: Subject = { namespace: "relaypacs-prod", name: "backend", generation: 2, version: "1.4.2" };

/** Gives a follower one state of the cluster after another, and collects its output until it ends. */
function replay(worlds: readonly World[], wanted: Subject = subject): { said: string[]; ending: Ending | undefined } {
    const follower = new RolloutFollower(wanted);
    const said: string[] = [];
    for (const world of worlds) {
        const { sentences, ending } = follower.observe(world);
        said.push(...sentences);
        if (ending) return { said, ending };
    }
    return { said, ending: undefined };
}

const problemOf = (ending: Ending | undefined): string => (ending?.ok === false ? ending.problem : "no problem");

const measurement = (phase: string, value: string, seconds: number) => ({ phase, value, startedAt: o.at(seconds) });
const measured = (
    phase: string,
    ...measurements: readonly ReturnType<typeof measurement>[]
): Omit<MetricResult, "name"> => ({
    phase,
    measurements,
});

const canary = { currentStepIndex: 3, ...o.weights(50), ...o.paused(20) };
const good = o.errorRate("Running", measured("Running", measurement("Successful", "[0.0012]", 50)));
const passed = o.smokeTests("Successful", "Successful");

const beginning = [
    o.world(0, { pods: o.bluePods, replicaSets: [o.blueSet, o.greenSet] }),
    o.world(2, { pods: o.pods(o.starting) }),
    o.world(8, { pods: o.pods(o.ready) }),
    o.world(10, {
        rollout: o.rollout({ currentStepIndex: 1 }),
        analysisRuns: [o.smokeTests("Running", "Running")],
    }),
    o.world(15, { rollout: o.rollout({ currentStepIndex: 1 }), analysisRuns: [passed] }),
    o.world(20, { rollout: o.rollout(canary), analysisRuns: [passed] }),
    o.world(50, { rollout: o.rollout(canary), analysisRuns: [passed, good] }),
];

const told = [
    "Following backend in relaypacs-prod: 1.4.2 (green) replaces 1.4.1 (blue).",
    "Step 1 of 6: green in full beside blue.",
    "Pods ready: 0 of 2 green, 2 of 2 blue.",
    "Pods ready: 2 of 2 green, 2 of 2 blue.",
    "Step 2 of 6: check green by smoke-tests.",
    "Check smoke-tests runs as Job smoke-1.",
    "Check smoke-tests passed.",
    "Step 3 of 6: 50 % of the traffic to green.",
    "Step 4 of 6: wait 10 min.",
    "Traffic: 50 % to green (1.4.2), 50 % to blue (1.4.1).",
    "Paused: 10 min left.",
    "Measured: error-increase is 0.0012, limit at most 0.005: good.",
];

describe("Following a rollout", () => {
    it("should report a good release from the first pod to the idle hour", () => {
        const idle = o.replicaSet(o.blue, "1.4.1", { created: -86_400, deadline: o.at(4522) });
        const { said, ending } = replay([
            ...beginning,
            o.world(81, { rollout: o.rollout(canary), analysisRuns: [passed, good] }),
            o.world(620, {
                rollout: o.rollout({ currentStepIndex: 5, ...o.weights(100), ...o.paused(620) }),
                analysisRuns: [passed, good],
            }),
            o.world(921, {
                rollout: o.rollout({ currentStepIndex: 6, ...o.weights(100) }),
                analysisRuns: [passed, good],
            }),
            o.world(922, {
                rollout: o.rollout(o.promoted),
                analysisRuns: [passed, good],
                replicaSets: [idle, o.greenSet],
            }),
        ]);
        assert.deepEqual(said, [
            ...told,
            "Paused: 8 min 59 s left.",
            "Step 5 of 6: 100 % of the traffic to green.",
            "Step 6 of 6: wait 5 min.",
            "Traffic: 100 % to green (1.4.2), 0 % to blue (1.4.1).",
            "Paused: 5 min left.",
            "All 6 steps are done: green takes all traffic.",
            "Backend in relaypacs-prod runs 1.4.2 on 2 of 2 pods, with all traffic; blue (1.4.1) stays idle until 13:15:22 UTC, so going back until then is instant.",
        ]);
        assert.deepEqual(ending, { ok: true, version: "1.4.2", unchanged: false, idleUntil: o.startedAt + 4_522_000 });
    });

    it("should end with the failing query, its values and its limit when the error rate aborts", () => {
        const measurements = [measurement("Successful", "[0.0012]", 50), measurement("Failed", "[0.02134]", 80)];
        const failed = o.errorRate("Failed", measured("Failed", ...measurements));
        const message =
            ': Background analysis phase error/failed: Metric "error-increase" assessed Failed due to failed (1) > failureLimit (0)';
        const { said, ending } = replay([
            ...beginning,
            o.world(80, { rollout: o.rollout(canary), analysisRuns: [passed, failed] }),
            o.world(80.2, { rollout: o.rollout(o.aborted(message)), analysisRuns: [passed, failed] }),
            o.world(82.3, { rollout: o.rollout(o.aborted(message)), analysisRuns: [passed, failed] }),
        ]);
        assert.deepEqual(said.slice(told.length), [
            "Measured: error-increase is 0.02134, limit at most 0.005: bad.",
            "Paused: 9 min left.",
            "Traffic: 0 % to green (1.4.2), 100 % to blue (1.4.1).",
        ]);
        assert.deepEqual(ending, {
            ok: false,
            failed: true,
            problem:
                "1.4.2 of backend in relaypacs-prod was aborted at step 4 of 6, all traffic is back on 1.4.1: " +
                'error-increase was 0.02134, limit at most 0.005 (query: errors{hash="6d5f7c8b9d"}).',
        });
    });

    it("should wait for the measurements that follow an abort, and not longer", () => {
        const rollout = o.rollout(o.aborted(""));
        assert.equal(replay([o.world(0), o.world(1, { rollout }), o.world(2.9, { rollout })]).ending, undefined);
        assert.equal(replay([o.world(0), o.world(1, { rollout }), o.world(3, { rollout })]).ending?.ok, false);
    });

    it("should name the pod's own reason when green never becomes ready", () => {
        const image = o.pods(o.waiting("ImagePullBackOff", "Back-off pulling image"));
        const message = ': ReplicaSet "backend-6d5f7c8b9d" has timed out progressing.';
        const { said, ending } = replay([
            o.world(0, { pods: o.bluePods }),
            o.world(5, { pods: image }),
            o.world(9, { pods: image }),
            o.world(600, { pods: image, rollout: o.rollout(o.aborted(message)) }),
            o.world(602, { pods: image, rollout: o.rollout(o.aborted(message)) }),
        ]);
        assert.deepEqual(said.slice(3), [
            "Pod backend-6d5f7c8b9d-1 (green) can't start: ImagePullBackOff: Back-off pulling image.",
            "Traffic: 0 % to green (1.4.2), 100 % to blue (1.4.1).",
        ]);
        assert.equal(
            problemOf(ending),
            "1.4.2 of backend in relaypacs-prod was aborted, all traffic is back on 1.4.1: " +
                "green made no progress for 10 min: pod backend-6d5f7c8b9d-1: ImagePullBackOff: Back-off pulling image.",
        );
    });

    it("should tell an abort by the deadline, for which Argo Rollouts keeps no reason, from one by hand", () => {
        const pods = o.pods(o.starting);
        const conditions = [{ type: "Progressing", status: "True", lastUpdateTime: o.at(0) }];
        const exceeded = [{ ...conditions[0]!, reason: "ProgressDeadlineExceeded", lastUpdateTime: o.at(600) }];
        const abortAt = (second: number, before: readonly object[] = []) =>
            problemOf(
                replay([
                    o.world(1, { pods, rollout: o.rollout({ conditions }) }),
                    ...(before as ReturnType<typeof o.world>[]),
                    ...[second, second + 2].map((now) =>
                        o.world(now, { pods, rollout: o.rollout({ ...o.aborted(""), abortedAt: o.at(second) }) }),
                    ),
                ]).ending,
            );
        const byDeadline = /green made no progress for 10 min/;
        assert.match(abortAt(600), byDeadline);
        assert.match(abortAt(601, [o.world(600, { pods, rollout: o.rollout({ conditions: exceeded }) })]), byDeadline);
        assert.match(abortAt(599), /no analysis has failed, so someone aborted it, or it made no progress in time\.$/);
        const ready = o.world(500, { rollout: o.rollout({ conditions }) });
        assert.doesNotMatch(abortAt(700, [ready]), byDeadline);
    });

    it("should report the last output of a program that crashes, and the probe of one that is not ready", () => {
        const crashed = {
            name: "backend",
            ready: false,
            state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s restarting" } },
            lastState: { terminated: { exitCode: 1, message: "KeyError: 'DATABASE_URL'\n" } },
        };
        const end = (status: Parameters<typeof o.pods>[0]) => {
            const degraded = {
                phase: "Degraded",
                conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }],
            };
            const rollout = o.rollout(degraded);
            return problemOf(replay([0, 5].map((second) => o.world(second, { rollout, pods: o.pods(status) }))).ending);
        };
        assert.equal(
            end({ containerStatuses: [crashed] }),
            "1.4.2 of backend in relaypacs-prod made no progress for 10 min: pod backend-6d5f7c8b9d-1: CrashLoopBackOff: KeyError: 'DATABASE_URL'.",
        );
        assert.equal(
            end(o.unready),
            "1.4.2 of backend in relaypacs-prod made no progress for 10 min: pod backend-6d5f7c8b9d-1: it runs, but its readiness probe GET /health does not succeed.",
        );
    });

    it("should say that green never got a request when its smoke test fails, with the Job's last output", () => {
        const job = {
            metadata: { name: "smoke-1-x", labels: { "job-name": "smoke-1" } },
            status: {
                containerStatuses: [{ name: "smoke", state: { terminated: { exitCode: 1, message: "login: 500" } } }],
            },
        };
        const failed = o.smokeTests("Failed", "Failed");
        const seen = { analysisRuns: [failed], pods: [...o.pods(o.ready), job] };
        const message =
            ': Step-based analysis phase error/failed: Metric "smoke-tests" assessed Failed due to failed (1) > failureLimit (0)';
        const { said, ending } = replay([
            ...beginning.slice(0, 4),
            o.world(15, { rollout: o.rollout({ currentStepIndex: 1 }), ...seen }),
            o.world(16, { rollout: o.rollout(o.aborted(message)), ...seen }),
            o.world(18, { rollout: o.rollout(o.aborted(message)), ...seen }),
        ]);
        assert.equal(said[6], "Check smoke-tests failed: login: 500.");
        assert.equal(
            problemOf(ending),
            "1.4.2 of backend in relaypacs-prod was aborted at step 2 of 6, green never got a request: smoke-tests failed: login: 500.",
        );
    });

    it("should report that Prometheus does not answer, and end with that when it aborts", () => {
        const refused = 'Post "http://prometheus:9090/api/v1/query": connect: connection refused';
        const errors = [80, 110].map((second) => ({ phase: "Error", message: refused, startedAt: o.at(second) }));
        const down = (phase: string, count: number) =>
            o.errorRate(phase, { phase, consecutiveError: count, measurements: errors.slice(0, count) });
        const rollout = o.rollout(o.aborted(": Background analysis phase error/failed"));
        const { said, ending } = replay([
            ...beginning,
            o.world(80, { rollout: o.rollout(canary), analysisRuns: [passed, down("Running", 1)] }),
            o.world(110, { rollout: o.rollout(canary), analysisRuns: [passed, down("Error", 2)] }),
            o.world(111, { rollout, analysisRuns: [passed, down("Error", 2)] }),
            o.world(113, { rollout, analysisRuns: [passed, down("Error", 2)] }),
        ]);
        assert.deepEqual(said.slice(told.length, told.length + 3), [
            `Measuring error-increase failed (1 in a row): ${refused}.`,
            "Paused: 9 min left.",
            `Measuring error-increase failed (2 in a row): ${refused}.`,
        ]);
        assert.equal(
            problemOf(ending),
            "1.4.2 of backend in relaypacs-prod was aborted at step 4 of 6, all traffic is back on 1.4.1: " +
                `error-increase could not be measured 2 times in a row: ${refused}, limit at most 0.005 (query: errors{hash="6d5f7c8b9d"}).`,
        );
    });

    it("should report an inconclusive analysis, and never count it as good", () => {
        const undecided = o.errorRate(
            "Inconclusive",
            measured("Inconclusive", measurement("Inconclusive", "[NaN]", 80)),
        );
        const held = o.rollout({ currentStepIndex: 3, ...o.weights(50), ...o.paused(80, "InconclusiveAnalysisRun") });
        const seen = { rollout: held, analysisRuns: [passed, undecided] };
        const { said, ending } = replay([...beginning, o.world(80, seen), o.world(500, seen), o.world(980, seen)]);
        assert.deepEqual(said.slice(told.length), [
            "Measured: error-increase has no data, 0 divided by 0, limit at most 0.005: undecided, and not counted as good.",
            "Held: an analysis could not decide, which is not counted as good: error-increase stayed undecided (no data, 0 divided by 0), " +
                'limit at most 0.005 (query: errors{hash="6d5f7c8b9d"}). Someone has to promote or abort.',
        ]);
        assert.equal(
            problemOf(ending),
            "1.4.2 of backend in relaypacs-prod has not moved for 15 min: it is paused. " +
                "`kubectl argo rollouts promote backend -n relaypacs-prod` goes on, `kubectl argo rollouts abort backend -n relaypacs-prod` goes back.",
        );
        assert.equal(ending?.ok === false && ending.failed, false);
    });

    it("should survive a controller that is killed during the canary, and report it", () => {
        const still = { rollout: o.rollout(canary), analysisRuns: [passed, good] };
        const { said, ending } = replay([
            ...beginning,
            o.world(51, still),
            o.world(600, still),
            o.world(640, still),
            o.world(655, still),
            o.world(660, still),
            o.world(700, {
                rollout: o.rollout({ currentStepIndex: 4, ...o.weights(100) }),
                analysisRuns: [passed, good],
            }),
        ]);
        assert.deepEqual(said.slice(told.length), [
            "Paused: 20 s left.",
            "The pause has been over for 35 s, but the controller does not go on; it may be restarting. Both colours keep their traffic.",
            "Step 5 of 6: 100 % of the traffic to green.",
            "Traffic: 100 % to green (1.4.2), 0 % to blue (1.4.1).",
            "The controller goes on.",
        ]);
        assert.equal(ending, undefined);
    });

    it("should stop when the controller does not return, without calling the release good or bad", () => {
        const still = { rollout: o.rollout(canary), analysisRuns: [passed, good] };
        const { ending } = replay([...beginning, o.world(51, still), o.world(1519, still), o.world(1520, still)]);
        assert.match(problemOf(ending), /^1\.4\.2 of backend in relaypacs-prod has not moved for 15 min/);
        assert.equal(ending?.ok === false && ending.failed, false);
    });

    it("should wait for a controller that has not observed the change, up to a limit", () => {
        const unseen = { rollout: o.rollout({ observedGeneration: "1", ...o.promoted, stableRS: o.green }) };
        const { said, ending } = replay([
            o.world(0, unseen),
            o.world(30, unseen),
            o.world(60, unseen),
            o.world(900, unseen),
        ]);
        assert.deepEqual(said, ["Waiting for the Argo Rollouts controller, which has not seen the change for 30 s."]);
        assert.match(problemOf(ending), /controller has not seen the change of backend in relaypacs-prod for 15 min/);
    });

    it("should end when a newer release replaces the followed one", () => {
        const newer = o.rollout({}, { generation: 3, version: "1.4.3", revision: 3 });
        assert.equal(
            problemOf(replay([...beginning, o.world(60, { rollout: newer })]).ending),
            "1.4.2 of backend in relaypacs-prod was replaced by 1.4.3 before it was complete.",
        );
    });

    it("should continue with a newer release where requested", () => {
        const newer = o.rollout({ currentPodHash: "77b9c8d5f4" }, { generation: 3, version: "1.4.3", revision: 3 });
        const newest = o.replicaSet("77b9c8d5f4", "1.4.3", { revision: 3, created: 60 });
        const { said } = replay(
            [
                ...beginning,
                o.world(60, { rollout: newer, pods: o.bluePods, replicaSets: [o.blueSet, o.greenSet, newest] }),
            ],
            { namespace: "relaypacs-prod", name: "backend", goOn: true },
        );
        assert.deepEqual(said.slice(told.length), [
            "1.4.2 of backend in relaypacs-prod was replaced by 1.4.3 before it was complete.",
            "Following backend in relaypacs-prod: 1.4.3 (green) replaces 1.4.1 (blue).",
            "Step 1 of 6: green in full beside blue.",
            "Pods ready: 0 of 2 green, 2 of 2 blue.",
        ]);
    });

    it("should tell a newer release's abort without the step of the older one", () => {
        const aborted = o.rollout(
            { currentPodHash: "77b9c8d5f4", abort: true, currentStepIndex: 0 },
            { generation: 3, version: "1.4.3", revision: 3 },
        );
        const newest = o.replicaSet("77b9c8d5f4", "1.4.3", { revision: 3, created: 60 });
        const objects = { rollout: aborted, pods: o.bluePods, replicaSets: [o.blueSet, o.greenSet, newest] };
        const { ending } = replay([...beginning, o.world(60, objects), o.world(63, objects)], {
            namespace: "relaypacs-prod",
            name: "backend",
            goOn: true,
        });
        assert.match(problemOf(ending), /^1\.4\.3 of backend in relaypacs-prod was aborted, /);
    });

    it("should continue when the specification changes but not the pods", () => {
        const resumed = o.rollout(canary, { generation: 3 });
        assert.equal(
            replay([...beginning, o.world(60, { rollout: resumed, analysisRuns: [passed, good] })]).ending,
            undefined,
        );
    });

    it("should not call a release good that asks for no pods, or for fewer than it should", () => {
        const asking = (replicas: number, wanted?: number) => {
            const { spec, ...rest } = o.rollout(o.promoted);
            const rollout = { ...rest, spec: { ...spec, replicas } };
            const replicaSets = [o.blueSet, o.replicaSet(o.green, "1.4.2", { replicas, revision: 2 })];
            const pods = [o.pod(o.green, 1), o.pod(o.green, 2)].slice(0, replicas);
            return replay([o.world(0, { rollout, replicaSets, pods })], {
                ...subject,
                ...(wanted !== undefined && { replicas: wanted }),
            }).ending;
        };
        assert.equal(
            problemOf(asking(0)),
            "Backend in relaypacs-prod was scaled by hand: it asks for 0 pods, so nothing of it serves. `pulumi up` brings them back.",
        );
        assert.equal(
            problemOf(asking(1, 2)),
            "Backend in relaypacs-prod was scaled by hand: it asks for 1 pods instead of 2. `pulumi up` brings them back.",
        );
        for (const ending of [asking(0), asking(0, 2)]) assert.equal(ending?.ok === false && ending.failed, false);
        for (const ending of [asking(1), asking(2, 2), asking(2, 1)]) assert.equal(ending?.ok, true);
    });

    it("should not call a release failed that was aborted when it had all traffic and all its pods", () => {
        const rollout = o.rollout({ ...o.aborted(""), ...o.promoted, phase: "Degraded", abort: true });
        const good = replay([o.world(0, { rollout, pods: o.pods(o.ready) })]);
        assert.equal(good.ending?.ok, true);
        assert.match(
            good.said.join("\n"),
            /runs 1\.4\.2 on 2 of 2 pods, with all traffic.*\. Someone has aborted it while no release was under way, which changed nothing; its phase Degraded ends with the next release\.$/,
        );
        const starting = replay([
            o.world(0, { rollout, pods: o.pods(o.starting) }),
            o.world(60, { rollout, pods: o.pods(o.starting) }),
            o.world(61, { rollout, pods: o.pods(o.ready) }),
        ]);
        assert.match(starting.said[0] ?? "", /1\.4\.2 takes all traffic and is getting its pods/);
        assert.equal(starting.ending?.ok, true);
    });
});
