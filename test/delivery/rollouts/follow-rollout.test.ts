import * as assert from "node:assert/strict";
import { followRollout, RolloutError, type FollowOptions } from "../../../delivery/rollouts/follow-rollout";
import { waitUntil } from "../../../sandbox/machine/process";
import { ApiServer } from "./api-server";
import * as o from "./objects";

describe("Following a rollout over HTTP", () => {
    let server: ApiServer;
    let said: string[];
    let ended: Promise<unknown>;
    let signal: AbortController;

    const follow = (more: Partial<FollowOptions> = {}) => {
        signal = new AbortController();
        ended = followRollout({
            cluster: server.cluster,
            namespace: "relaypacs-prod",
            name: "backend",
            say: (sentence) => said.push(sentence),
            limits: { outageSeconds: 5, abortSettleSeconds: 0.5 },
            signal: signal.signal,
            ...more,
        }).catch((error: unknown) => error);
    };
    const heard = (sentence: string) => waitUntil(() => Promise.resolve(said.includes(sentence)), sentence, 10);
    const step = (index: number) => o.rollout({ currentStepIndex: index, ...o.weights(50) });

    beforeEach(async () => {
        server = new ApiServer();
        said = [];
        server.put("replicasets", o.blueSet, o.greenSet);
        server.put("pods", ...o.pods(o.ready));
        server.put("rollouts", o.rollout(), { ...o.rollout(), metadata: { name: "frontend" } });
        await server.start();
    });

    afterEach(async () => {
        signal.abort();
        await ended;
        await server.stop();
    });

    it("should report what the watches deliver, and end with the promotion", async () => {
        follow();
        await heard("Step 1 of 6: green in full beside blue.");
        server.put("rollouts", step(3));
        await heard("Step 4 of 6: wait 10 min.");
        server.put("pods", o.pod(o.green, 1, o.unready));
        await heard("Pods ready: 1 of 2 green, 2 of 2 blue.");
        server.delete("pods", o.pod(o.blue, 1).metadata.name ?? "");
        await heard("Pods ready: 1 of 2 green, 1 of 2 blue.");
        server.put("rollouts", o.rollout(o.promoted));
        assert.deepEqual(await ended, { ok: true, version: "1.4.2", unchanged: false });
        await waitUntil(() => Promise.resolve(server.watching === 0), "the end of all watches", 5);
    });

    it("should fail within seconds of an abort whose analysis arrives later", async () => {
        follow();
        await heard("Step 1 of 6: green in full beside blue.");
        server.put("rollouts", o.rollout(o.aborted("")));
        server.put("analysisruns", o.smokeTests("Failed", "Failed"));
        const error = await ended;
        assert.ok(error instanceof RolloutError);
        assert.equal(error.failed, true);
        assert.match(error.message, /was aborted at step 2 of 6, green never got a request: smoke-tests failed\.$/);
    });

    it("should list again when the server no longer has the resource version of a watch", async () => {
        follow();
        await heard("Step 1 of 6: green in full beside blue.");
        const { lists } = server;
        server.expire();
        await waitUntil(() => Promise.resolve(server.lists >= lists + 4 && server.watching === 4), "new lists", 10);
        server.put("rollouts", step(1));
        await heard("Step 2 of 6: check green by smoke-tests.");
    });

    it("should survive an outage, and report it and what was missed", async () => {
        follow({ limits: { outageSeconds: 30 } });
        await heard("Step 1 of 6: green in full beside blue.");
        await server.stop();
        await waitUntil(
            () => Promise.resolve(said.some((one) => one.includes("can't be read (connect ECONNREFUSED"))),
            "the outage",
            8,
        );
        server.put("rollouts", step(1));
        await server.start();
        await heard("Step 2 of 6: check green by smoke-tests.");
        assert.ok(said.some((one) => /^The cluster's API answers again after \d s\.$/.test(one)));
    });

    it("should stop after the limit of an outage, even when it began with one", async () => {
        server.refusal = 503;
        follow();
        const error = await ended;
        assert.ok(error instanceof RolloutError);
        assert.equal(error.failed, false);
        assert.match(
            error.message,
            /^The cluster's API has not answered for \d+ s \(GET \/\S+ was answered with 503\)/,
        );
    });

    it("should end without a verdict when it is cancelled", async () => {
        follow();
        await heard("Step 1 of 6: green in full beside blue.");
        signal.abort(new Error("enough"));
        assert.equal(((await ended) as Error).message, "enough");
        await waitUntil(() => Promise.resolve(server.watching === 0), "the end of all watches", 5);
    });

    it("should fail for a Rollout that does not exist", async () => {
        follow({ name: "gateway" });
        assert.equal(((await ended) as Error).message, "There is no Rollout gateway in relaypacs-prod.");
    });
});
