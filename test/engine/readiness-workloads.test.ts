import * as assert from "node:assert/strict";
import { isUnseen } from "../../sandbox/engine/kubernetes/readiness/conditions";
import { containersToRead, podProblems } from "../../sandbox/engine/kubernetes/readiness/pods";
import { ruleFor } from "../../sandbox/engine/kubernetes/readiness/rules";
import type { Bag } from "../../sandbox/engine/kubernetes/values";
import * as objects from "./objects";
import { assertReady, assertWaiting, judge } from "./readiness-support";

describe("readiness of workloads", () => {
    const sets = [objects.replicaSet("web-old", 1, 2), objects.replicaSet("web-new", 2, 1)];
    const rolledOut: Bag = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

    it("takes a Deployment for ready when every replica is new and available", () => {
        assertReady(objects.deployment({ ...rolledOut, conditions: [objects.available] }));
    });

    it("does not believe the status of an older specification", () => {
        const stale = objects.deployment({ ...rolledOut, observedGeneration: 1 });
        assert.equal(isUnseen(stale), true);
        assertWaiting("the deployment controller has not seen the change yet", stale);
    });

    it("waits for new replicas, then for old ones to go, then for availability", () => {
        const status = (changes: Bag) => objects.deployment({ ...rolledOut, ...changes });
        assertWaiting("1 of 2 new replicas created", status({ updatedReplicas: 1, replicas: 3 }));
        assertWaiting("1 old replica still running", status({ replicas: 3 }));
        assertWaiting("1 of 2 new replicas available", status({ availableReplicas: 1 }));
        assertWaiting(
            "0 of 2 new replicas available",
            objects.deployment({ observedGeneration: 2, replicas: 2, updatedReplicas: 2 }),
        );
    });

    it("takes a Deployment of no replicas for ready", () => {
        assertReady(objects.deployment({ observedGeneration: 2 }, { replicas: 0 }));
    });

    it("fails at once when the progress deadline is over", () => {
        assert.deepEqual(judge(objects.stuckDeployment), {
            state: "failed",
            reasons: ['ProgressDeadlineExceeded: ReplicaSet "web-69c56674db" has timed out progressing.'],
        });
    });

    it("names the quota that keeps pods from being made", () => {
        const blocked = {
            type: "ReplicaFailure",
            status: "True",
            reason: "FailedCreate",
            message: "exceeded quota: quota",
        };
        const object = objects.deployment({ observedGeneration: 2, replicas: 1, conditions: [blocked] });
        assertWaiting("0 of 2 new replicas created; FailedCreate: exceeded quota: quota", object);
    });

    it("explains itself with the newest ReplicaSet's pods only", () => {
        const related = {
            replicaSets: sets,
            pods: [
                objects.crashingPod("web-old-1", "web-old"),
                objects.unpullablePod("web-new-1", "web-new"),
                objects.runningPod("web-new-2", "web-new"),
            ],
        };
        const pods = ruleFor(objects.stuckDeployment)?.pods?.(objects.stuckDeployment, related) ?? [];
        assert.deepEqual(pods, [related.pods[1]]);
    });

    it("looks for the pods by the Deployment's own selector", () => {
        assert.deepEqual(ruleFor(objects.stuckDeployment)?.related?.(objects.stuckDeployment).pods, {
            apiVersion: "v1",
            kind: "Pod",
            labelSelector: "app=web",
        });
    });

    it("judges a Job by its conditions alone", () => {
        const failed = {
            type: "Failed",
            status: "True",
            reason: "BackoffLimitExceeded",
            message: "Job has reached the specified backoff limit",
        };
        assertReady(objects.job({ succeeded: 1, conditions: [{ type: "Complete", status: "True" }] }));
        assertReady(objects.job({}, { suspend: true }));
        assert.deepEqual(judge(objects.job({ failed: 1, conditions: [failed] })), {
            state: "failed",
            reasons: ["BackoffLimitExceeded: Job has reached the specified backoff limit"],
        });
        assertWaiting("0 of 1 completion, 1 active, 0 failed", objects.job({ active: 1 }));
        // The pods may still be ending: the Job itself has not failed yet.
        const target = objects.job({ active: 1, conditions: [{ ...failed, type: "FailureTarget" }] });
        assert.equal(judge(target).state, "waiting");
    });

    it("counts updated and ready replicas of a StatefulSet, above its partition", () => {
        const set = (status: Bag, spec: Bag = {}): Bag => ({
            apiVersion: "apps/v1",
            kind: "StatefulSet",
            metadata: { name: "db", namespace: "shop", generation: 1 },
            spec: { replicas: 3, ...spec },
            status: { observedGeneration: 1, ...status },
        });
        assertReady(set({ readyReplicas: 3, updatedReplicas: 3 }));
        assertWaiting("2 of 3 replicas updated", set({ readyReplicas: 3, updatedReplicas: 2 }));
        assertWaiting("2 of 3 replicas ready", set({ readyReplicas: 2, updatedReplicas: 3 }));
        const partition = { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } };
        assertReady(set({ readyReplicas: 3, updatedReplicas: 1 }, partition));
    });

    it("counts the pods of a DaemonSet", () => {
        const set = (status: Bag): Bag => ({
            apiVersion: "apps/v1",
            kind: "DaemonSet",
            metadata: { name: "agent", namespace: "shop", generation: 1 },
            spec: {},
            status: { observedGeneration: 1, desiredNumberScheduled: 2, ...status },
        });
        assertReady(set({ updatedNumberScheduled: 2, numberAvailable: 2 }));
        assertWaiting("1 of 2 pods updated", set({ updatedNumberScheduled: 1, numberAvailable: 2 }));
        assertWaiting("1 of 2 pods available", set({ updatedNumberScheduled: 2, numberAvailable: 1 }));
    });
});

describe("what pods say", () => {
    const cases: readonly (readonly [string, Bag, readonly string[]])[] = [
        ["nothing while they start", objects.startingPod("p", "s"), []],
        ["nothing when they run", objects.runningPod("p", "s"), []],
        [
            "why the image cannot be pulled",
            objects.unpullablePod("p", "s"),
            ['pod p: container web: ImagePullBackOff: Back-off pulling image "web:9"'],
        ],
        [
            "how the container ended before it crashed again",
            objects.crashingPod("p", "s"),
            ["pod p: container web: CrashLoopBackOff: exited with code 3: no DATABASE_URL"],
        ],
        [
            "that a container runs and is not ready",
            objects.unreadyPod("p", "s"),
            ["pod p: container web is running but not ready"],
        ],
        [
            "why they cannot be scheduled",
            objects.unschedulablePod("p", "s"),
            ["pod p cannot be scheduled: 0/1 nodes are available: 1 Insufficient cpu."],
        ],
        [
            "the message that a migration left",
            objects.failedMigrationPod,
            ["pod migrate-8t4dd: container alembic exited with code 1: revision 42 is missing"],
        ],
    ];
    for (const [name, pod, problems] of cases) {
        it(name, () => {
            assert.deepEqual(podProblems(pod), problems);
        });
    }

    it("sends a reader to the log only where no message was left", () => {
        const silent = objects.pod("p", "s", {
            containerStatuses: [
                {
                    name: "web",
                    lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
                    state: { waiting: {} },
                },
            ],
        });
        assert.deepEqual(containersToRead(silent), [{ container: "web", previous: true }]);
        assert.deepEqual(containersToRead(objects.crashingPod("p", "s")), []);
    });
});
