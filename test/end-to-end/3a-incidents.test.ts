import * as assert from "node:assert/strict";
import { connectedUsers, dropConnections, rotateDatabaseUrl } from "../../sandbox/drill/rotation";
import { waitUntil } from "../../sandbox/machine/process";
import { crash, readyPods } from "./node";
import { failures, losingNothing, secondsMore, stagingRate, underLoad } from "./requests";
import * as world from "./world";

const running = "1.3.2";

const ready = () => readyPods(running, world.namespace);

/** Waits until pods that were crashed are ready again. A container is unready for ten seconds after its start. */
async function startedAgain(): Promise<void> {
    await waitUntil(async () => (await ready()).length < 2, "the loss of a pod", 30, 100);
    await waitUntil(async () => (await ready()).length === 2, "two ready pods", 90, 250);
}

describe("Incidents in staging", () => {
    before(async () => {
        if ((await ready()).length === 2) return;
        const update = await world.up({ release: await world.publish(running) });
        assert.equal(update.exitCode, 0, update.output);
        await world.assertRuns(running);
    });

    it("should lose at most a pod's share for two seconds when a pod crashes", async () => {
        const { failed } = await underLoad("pod-crash", async (load) => {
            await secondsMore(() => load.records(), 2);
            const pods = await ready();
            assert.equal(pods.length, 2);
            assert.equal(crash(pods.slice(1)), 1);
            await startedAgain();
            await secondsMore(() => load.records(), 4);
        });
        assert.ok(failed <= stagingRate * 0.5 * 2, `${failed} requests failed`);
        console.log(`      ${failed} requests failed, at most half of those of 2 s.`);
    });

    it("should answer for the backend with 502 to 504 alone while all its pods start again, and lose nothing after", async () => {
        const { failed, requests } = await underLoad("all-pods-crash", async (load) => {
            await secondsMore(() => load.records(), 2);
            assert.equal(crash(await ready()), 2);
            await startedAgain();
            await secondsMore(() => load.records(), 2);
            const lost = failures(load.records()).length;
            assert.ok(lost > 0, "no request failed");
            await secondsMore(() => load.records(), 4);
            assert.equal(failures(load.records()).length, lost, "requests failed after the pods were ready");
        });
        console.log(`      ${failed} of ${requests} requests failed until the pods were back.`);
    });

    it("should lose nothing when the database's password is rotated and all connections are dropped", async () => {
        const release = await world.publish(running);
        await losingNothing("rotated-password", async (load) => {
            const users = await connectedUsers(world.instance, "staging");
            const version = await rotateDatabaseUrl(world.instance, "staging");
            assert.ok((await dropConnections(world.instance, "staging")) > 0, "there was no connection");
            // Readiness is lost after three probes that fail, five seconds apart.
            await secondsMore(() => load.records(), 20);
            assert.equal((await ready()).length, 2, "pods have lost their readiness");
            assert.deepEqual(await connectedUsers(world.instance, "staging"), users);

            const preview = await world.pulumi(["preview", "--diff"], { release });
            assert.equal(preview.exitCode, 0, preview.output);
            assert.ok(preview.output.includes(version), preview.output);
            const update = await world.up({ release });
            assert.equal(update.exitCode, 0, update.output);
            await dropConnections(world.instance, "staging");
            await secondsMore(() => load.records(), 20);
            const [other] = (await connectedUsers(world.instance, "staging")).filter((user) => !users.includes(user));
            assert.ok(other, "the new pods have not changed the user");
        });
        const unchanged = await world.pulumi(["preview", "--expect-no-changes"], { release });
        assert.equal(unchanged.exitCode, 0, unchanged.output);
    });
});
