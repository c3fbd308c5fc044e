import * as assert from "node:assert/strict";
import type { Load } from "../../sandbox/drill/load";
import { connectedUsers, dropConnections, logsIn, rotateDatabaseUrl } from "../../sandbox/drill/rotation";
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

const secret = ["--secret-id", "relaypacs/staging/database-url"];

const storedDatabaseUrl = async () =>
    (await world.aws<{ SecretString: string }>("secretsmanager", "get-secret-value", ...secret)).SecretString;

/** The version that the store gives out. */
async function storedVersion(): Promise<string | undefined> {
    interface Described {
        readonly VersionIdsToStages: Readonly<Record<string, readonly string[]>>;
    }
    const { VersionIdsToStages } = await world.aws<Described>("secretsmanager", "describe-secret", ...secret);
    return Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes("AWSCURRENT"))?.[0];
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

    it("should lose nothing when passwords are rotated by hand and by the function, and all connections are dropped", async () => {
        const release = await world.publish(running);
        const { instance } = world;
        const drop = async () => {
            assert.ok((await dropConnections(instance, "staging")) > 0, "there was no connection");
        };
        /** Pods have made new connections, with the user that they have. */
        const connectedAgain = async (load: Load, users: readonly string[]) => {
            // Readiness is lost after three probes that fail, five seconds apart.
            await secondsMore(() => load.records(), 20);
            assert.equal((await ready()).length, 2, "pods have lost their readiness");
            assert.deepEqual(await connectedUsers(instance, "staging"), users);
        };
        const began = new Date().toISOString();
        const configured = await storedDatabaseUrl();
        await losingNothing("rotated-password", async (load) => {
            const users = await connectedUsers(instance, "staging");
            const byHand = await rotateDatabaseUrl(instance, "staging");
            await drop();
            await connectedAgain(load, users);
            const preview = await world.pulumi(["preview", "--diff"], { release });
            assert.equal(preview.exitCode, 0, preview.output);
            assert.ok(preview.output.includes(byHand), preview.output);

            // It brings the pods what the hand has rotated, has the function rotate the other user, and updates again.
            const rotated = world.release(["rotate", "staging", "--yes", "--since", began], { release });
            const ended = rotated.then(() => true);
            const byFunction = async () => (await storedVersion()) !== byHand;
            await waitUntil(async () => (await byFunction()) || Promise.race([ended, false]), "a rotation", 300, 500);
            await drop();
            const { exitCode, output } = await rotated;
            assert.equal(exitCode, 0, output);
            assert.equal(output.match(/: an update brings it to the pods of 1\.3\.2\./g)?.length, 2, output);
            assert.deepEqual(output.match(/^[\w-]+: rotated;/gm), [
                "database-url: rotated;",
                "application-secret-key: rotated;",
            ]);
            await drop();
            await connectedAgain(load, users);
            console.log(`      ${output.trim().split("\n").at(-1)!}`);
        });
        assert.equal(await logsIn(configured), false);
        assert.equal(await logsIn(await storedDatabaseUrl()), true);
        const unchanged = await world.pulumi(["preview", "--expect-no-changes"], { release });
        assert.equal(unchanged.exitCode, 0, unchanged.output);
    });
});
