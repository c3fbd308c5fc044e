import * as assert from "node:assert/strict";
import { sharePercent, secondsUntilLastAnswer } from "../../sandbox/drill/measures";
import { kubeConfig } from "../../sandbox/drill/cluster";
import { namespace } from "../../sandbox/drill/production";
import { listRollouts } from "../../delivery/rollouts/list";
import { waitUntil } from "../../sandbox/machine/process";
import {
    admit,
    assertFailed,
    assertNeverAnswered,
    assertNothingLost,
    backendReplicas,
    drill,
    type Drill,
    good,
    killLeader,
    load,
    measurement,
    migrationLogs,
    production,
    publish,
    reaches,
    releaseFirst,
    scalePrometheus,
    rolledBackTo,
} from "./drills";
import { backendPods, evict, isReady, schedule, versionOf } from "./node";
import { instance } from "./world";

const rollouts = () => listRollouts(kubeConfig(instance), namespace);

/** `pulumi preview` changes nothing. */
async function assertUnchanged(release: Awaited<ReturnType<typeof publish>>, ...flags: string[]): Promise<void> {
    const preview = production.pulumi(release, ["preview", "--expect-no-changes", ...flags]);
    const { exitCode, output } = await preview.ended;
    assert.equal(exitCode, 0, output);
}

describe("Production", () => {
    const errors = { FAULT_ERROR_RATE: "0.02" };

    before(releaseFirst);

    it("should take a good release without a lost request, even while its node is drained", async () => {
        const release = await publish("2.1.0");
        void publish("2.2.0", errors);
        await drill("good", async (on) => {
            await assertUnchanged(good());
            const update = production.up(release);
            await reaches(on, release, "canary");
            const half = new Date().toISOString();
            const unchanged = assertUnchanged(release, "--refresh");
            await drain(good().version, release.version);
            on.recorder.mark("node drained");
            await unchanged;

            await reaches(on, release, "watch");
            const full = new Date().toISOString();
            await assertUnchanged(release);

            const { exitCode, output } = await update.ended;
            assert.equal(exitCode, 0, output);
            await admit(release);
            await assertUnchanged(release);
            // Weights reach both pods of Traefik shortly after the Rollout has set them.
            const from = new Date(Date.parse(half) + 2000).toISOString();
            const share = sharePercent(on.recorder.records, release.version, from, full);
            assert.ok(Math.abs(share - 50) <= 3, `${share.toFixed(1)} % of the requests went to green`);
            const requests = await assertNothingLost(on);
            assert.ok(requests >= 10_000, `only ${requests} requests`);
            const outcome = `0 of ${requests} requests failed; ${share.toFixed(1)} % went to green in the canary.`;
            return { title: "A good release", outcome, green: release };
        });
    });

    it("should give all requests back to blue when 2 % of green's answers are errors", async () => {
        const release = await publish("2.2.0", errors);
        void publish("2.3.0", { FAULT_NEVER_READY: "true" });
        await drill("errors", async (on) => {
            const update = await production.up(release).ended;
            on.recorder.mark("pulumi up has failed", true);
            assertFailed(
                update,
                /2\.2\.0 of backend in relaypacs-prod was aborted at step 4 of 6, all traffic is back on 2\.1\.0: error-increase was [\d.]+, limit at most 0\.5 \(query: .*http_requests_total/,
            );
            assert.match(update.output, /2\.2\.0 of frontend has been aborted\./);
            const bad = await measurement(on, "error-increase", "Failed", 1);
            const rollback = await production.rollBack().ended;
            assert.equal(rollback.exitCode, 0, rollback.output);
            assert.match(rollback.output, /Deleted what was left of 2\.2\.0/);
            assert.equal((await backendReplicas())["2.2.0"], undefined);
            on.recorder.mark("rolled back");
            await load(on, 2);

            const { backend, frontend } = await on.recorder.stop();
            const seconds = secondsUntilLastAnswer(on.recorder.records, release.version, bad.startedAt);
            assert.ok(seconds !== undefined && seconds < 30, `${String(seconds)} s`);
            // Only answers of green itself failed.
            assert.equal(backend.failed, backend.failedVersions[release.version]);
            assert.equal(frontend.failed, 0);
            return {
                title: "A release of which 2 % of the answers are errors",
                outcome: `Aborted; green's last answer came ${seconds} s after the first bad measurement. ${backend.failed} of ${backend.requests} requests failed.`,
                green: release,
            };
        });
    });

    it("should keep blue when green never becomes ready", async () => {
        const release = await publish("2.3.0", { FAULT_NEVER_READY: "true" });
        void publish("2.5.0", { FAULT_MIGRATION: "fail" });
        await drill("never-ready", async (on) => {
            const update = production.up(release);
            const ofGreen = async () => (await backendPods()).filter((pod) => versionOf(pod) === release.version);
            await waitUntil(async () => (await ofGreen()).length === 2, "green's pods", 60, 250);
            const [broken] = await ofGreen();
            assert.equal(await evict(broken!), true, "a pod that is not ready blocks no drain");
            assertFailed(
                await update.ended,
                /2\.3\.0 of backend in relaypacs-prod (was aborted.*green )?made no progress for 30 s/,
            );
            // The controller itself does not check the deadline while blue's predecessor is still idle.
            assert.equal((await rollouts()).find(({ metadata }) => metadata.name === "backend")?.status?.abort, true);
            const requests = await assertNothingLost(on);
            await assertNeverAnswered(on, release);
            const outcome = `It never got a request. 0 of ${requests} requests failed.`;
            return { title: "Green never becomes ready", outcome, green: release };
        });
    });

    it("should change no Rollout when the migration fails", async () => {
        const release = await publish("2.5.0", { FAULT_MIGRATION: "fail" });
        void publish("2.4.0", { FAULT_LOGIN: "reject" });
        const fails = async (on: Drill) => {
            const generations = async () =>
                (await rollouts()).map(({ metadata }) => [
                    metadata.name,
                    metadata.generation,
                    metadata.resourceVersion,
                ]);
            const before = await generations();
            const { exitCode, output } = await production.up(release).ended;
            assert.notEqual(exitCode, 0, output);
            assert.match(output, /backend-migration/);
            assert.deepEqual(await generations(), before);
            const requests = await assertNothingLost(on);
            await assertNeverAnswered(on, release);
            const outcome = `No Rollout changed. 0 of ${requests} requests failed.`;
            return { title: "A migration that fails", outcome, green: release };
        };
        // The aborted release before it is still there.
        await drill("migration", fails, { from: "what is there" });
    });

    it("should give no request to a green whose smoke test fails", async () => {
        const release = await publish("2.4.0", { FAULT_LOGIN: "reject" });
        void publish("2.6.0");
        const fails = async (on: Drill) => {
            assertFailed(
                await production.up(release).ended,
                /2\.4\.0 of backend in relaypacs-prod was aborted at step 2 of 6, green never got a request: smoke-tests failed/,
            );
            const requests = await assertNothingLost(on);
            await assertNeverAnswered(on, release);
            const outcome = `It never got a request. 0 of ${requests} requests failed.`;
            return { title: "Green's smoke test fails", outcome, green: release };
        };
        await drill("smoke-test", fails, { from: "what is there" });
    });

    it("should recover from a failure, even when pulumi is interrupted and the controller's leader is killed", async () => {
        const release = await publish("2.6.0");
        void publish("2.7.0");
        const goesForward = async (on: Drill) => {
            const first = production.up(release);
            await reaches(on, release, "canary");
            first.interrupt();
            const { exitCode, output } = await first.ended;
            assert.notEqual(exitCode, 0, output);
            // Otherwise it would get all requests without a step if it were released again.
            assert.match(output, /Deleted the ReplicaSets of releases that failed before: backend-/);
            assert.equal((await backendReplicas())["2.4.0"], undefined);
            on.recorder.mark("pulumi up interrupted", true);
            await killLeader();
            on.recorder.mark("leader killed", true);
            const second = await production.up(release).ended;
            assert.equal(second.exitCode, 0, second.output);
            assert.match(second.output, /2\.6\.0 \(green\) replaces 2\.1\.0 \(blue\), at step [4-6] of 6/);
            await admit(release);
            const requests = await assertNothingLost(on);
            const outcome = `The release went on and ended well. 0 of ${requests} requests failed.`;
            return { title: "pulumi interrupted, controller killed", outcome, green: release };
        };
        await drill("interrupted", goesForward, { from: "what is there" });
    });

    it("should take a second release while blue is idle, and roll back at once, across its migration", async () => {
        const [blue, release] = [good(), await publish("2.7.0")];
        void publish("2.8.0");
        await drill("back-while-idle", async (on) => {
            const replicas = await backendReplicas();
            assert.deepEqual([replicas["2.1.0"], replicas["2.6.0"]], [2, 2], "blue is idle");
            const update = await production.up(release).ended;
            assert.equal(update.exitCode, 0, update.output);
            await admit(release);
            on.recorder.mark("released");
            // From here on, blue's own Alembic refuses the database.
            assert.match(await migrationLogs(), /0003_add_completed_at -> 0004_add_note/);

            const began = Date.now();
            const rollback = await production.rollBack().ended;
            assert.equal(rollback.exitCode, 0, rollback.output);
            rolledBackTo(blue);
            // This is so fast that the follower may only see the end.
            const atOnce =
                /steps are skipped: the pods of 2\.6\.0 are still there|Backend in \S+ runs 2\.6\.0 on 2 of 2/;
            assert.match(rollback.output, atOnce);
            assert.doesNotMatch(rollback.output, /Step \d of 6/);
            on.recorder.mark("rolled back");
            await load(on, 2);
            const seconds = secondsUntilLastAnswer(on.recorder.records, release.version, new Date(began).toISOString());
            const requests = await assertNothingLost(on);
            const outcome = `Back ${String(seconds)} s after release rollback began, Pulumi's start included. 0 of ${requests} requests failed.`;
            return { title: "Two releases in a row, and back while blue is idle", outcome, green: release };
        });
    });

    it("should roll back in the middle of the canary", async () => {
        const release = await publish("2.8.0");
        void publish("2.9.0");
        await drill("back-in-canary", async (on) => {
            const blue = good();
            const update = production.up(release);
            await reaches(on, release, "canary");
            await load(on, 3);
            update.interrupt();
            await update.ended;
            const rollback = await production.rollBack("--to", blue.version).ended;
            assert.equal(rollback.exitCode, 0, rollback.output);
            const { view } = on.rollout;
            assert.equal(view?.green.version, blue.version);
            assert.equal(on.rollout.canaryPercent ?? 0, 0);
            await load(on, 2);
            const requests = await assertNothingLost(on);
            const outcome = `0 of ${requests} requests failed.`;
            return { title: "Back in the middle of the canary", outcome, green: release };
        });
    });

    it("should show no change when blue is gone, and still roll back to it, without the steps", async () => {
        const release = await publish("2.1.0");
        await drill("back-after-idle", async (on) => {
            await waitUntil(async () => (await backendReplicas())["2.1.0"] === 0, "the end of blue", 120, 500);
            await assertUnchanged(good());
            const rollback = await production.rollBack().ended;
            assert.equal(rollback.exitCode, 0, rollback.output);
            rolledBackTo(release);
            assert.match(rollback.output, /All 6 steps are skipped: 2\.1\.0 ran here before\. Its pods start first\./);
            await load(on, 2);
            const requests = await assertNothingLost(on);
            return { title: "Back after the idle hour", outcome: `0 of ${requests} requests failed.`, green: release };
        });
    });

    it("should pause, then abort, a release when Prometheus is gone", async () => {
        const release = await publish("2.9.0");
        void publish("2.10.0");
        const losesPrometheus = async (on: Drill) => {
            const update = production.up(release);
            await reaches(on, release, "canary");
            const gone = Date.now();
            await scalePrometheus(0);
            on.recorder.mark("Prometheus is gone", true);
            const failed = await update.ended;
            assertFailed(failed, /2\.9\.0 of (backend|frontend).*could not be measured 8 times in a row/);
            const { backend } = await on.recorder.stop();
            assert.ok((backend.versions[release.version] ?? 0) > 0);
            const requests = await assertNothingLost(on);
            const seconds = (Date.parse(failed.endedAt) - gone) / 1000;
            const outcome = `Paused, then aborted, ${seconds} s after the loss. 0 of ${requests} requests failed.`;
            return { title: "Prometheus is gone", outcome, green: release };
        };
        try {
            await drill("no-prometheus", losesPrometheus);
        } finally {
            await scalePrometheus(2);
        }
    });

    it("should pause a release, say so, and abort it when there is too little traffic to judge it", async () => {
        const release = await publish("2.10.0");
        await drill(
            "too-little-traffic",
            async (on) => {
                const { exitCode, output } = await production.up(release).ended;
                assert.notEqual(exitCode, 0, output);
                assert.match(output, /error-increase .*: undecided, and not counted as good\./);
                assert.match(output, /2\.10\.0 of backend.*enough-traffic was .*, limit at least 20/);
                const requests = await assertNothingLost(on);
                const outcome = `Paused, then aborted. 0 of ${requests} requests failed.`;
                return { title: "Too little traffic", outcome, green: release };
            },
            { rates: { backend: 2, frontend: 20 }, from: "what is there" },
        );
    });
});

/** Evicts the pods of both colours from the only node, one at a time, as the disruption budget allows. */
async function drain(blue: string, green: string): Promise<void> {
    const ready = async () => (await backendPods()).filter(isReady).length === 4;
    for (const version of [blue, green]) {
        await waitUntil(ready, "four pods of the backend", 60, 250);
        await schedule(false);
        try {
            const pods = await backendPods();
            const [one, other] = pods.filter((pod) => versionOf(pod) === version);
            assert.ok(one && other, `two pods of ${version}`);
            assert.equal(await evict(one), true);
            // One eviction is pending, and there is no other node for its pod.
            assert.equal(await evict(other), false);
        } finally {
            await schedule(true);
        }
    }
    await waitUntil(ready, "four pods of the backend", 60, 250);
}
