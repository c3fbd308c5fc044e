/** Faults in staging while it serves requests, after its first release. */
import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { clean } from "../../sandbox/commands/down";
import { up } from "../../sandbox/commands/up";
import { waitUntil } from "../../sandbox/machine/process";
import { throttle } from "../../sandbox/parts/registry/part";
import { untilAnswering } from "../../sandbox/stacks/public-address";
import { api } from "../end-to-end/drills";
import { isReady } from "../end-to-end/node";
import { losingNothing, secondsMore, stagingRate, underLoad } from "../end-to-end/requests";
import * as world from "../end-to-end/world";
import { assertFailedWith, assertSucceeded, timed, type Seen } from "./fault";

/** Brings the whole sandbox up, as `make up` does. */
export async function startStaging(): Promise<void> {
    await clean(world.instance);
    await up(world.instance, "staging");
    await untilAnswering(world.instance, "staging");
}

/** One update to a release, after which nothing is left to do. @returns its seconds */
async function release(version: world.Release): Promise<number> {
    const seconds = await timed(async () => {
        assertSucceeded(await world.up({ release: version }));
    });
    await world.assertRuns(version.version);
    assertSucceeded(await world.pulumi(["preview", "--refresh", "--expect-no-changes"], { release: version }));
    return seconds;
}

/** A release whose images are not in the registry, or no longer. */
export async function missingImage(): Promise<Seen> {
    const { release: missing, push } = await world.build("1.1.0");
    let recoverySeconds = 0;
    const { requests } = await losingNothing("missing-image", async () => {
        const limits = { RELAYPACS_ROLLOUT_TIMEOUT_SECONDS: "30", RELAYPACS_MIGRATION_TIMEOUT_SECONDS: "30" };
        const failed = await world.up({ release: missing, variables: limits });
        assertFailedWith(failed, /ImagePullBackOff|ErrImagePull/);
        await push();
        recoverySeconds = await release(missing);
    });
    return {
        seen: `The update failed and named the image that can't be pulled; once it was pushed, the next one ended well. 0 of ${requests} requests failed.`,
        recoverySeconds,
    };
}

/** A registry that gives 300 kB a second for each layer. */
export async function slowRegistry(): Promise<Seen> {
    const slow = await world.publish("1.2.0");
    throttle(world.instance, 300_000);
    let recoverySeconds = 0;
    try {
        const { requests } = await losingNothing("slow-registry", async () => {
            recoverySeconds = await release(slow);
        });
        return {
            seen: `The update waited for the images and ended well. 0 of ${requests} requests failed.`,
            recoverySeconds,
        };
    } finally {
        throttle(world.instance);
    }
}

const traefik = async () => {
    const labelSelector = "app.kubernetes.io/name=traefik-staging";
    const { items } = await api.core.listNamespacedPod({ namespace: "traefik", labelSelector });
    return items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
};

/** Each pod of Traefik in turn is replaced, as a new version of it or a drained node does. */
export async function restartedTraefik(): Promise<Seen> {
    const before = await traefik();
    assert.ok(before.length >= 2, `${before.length} pods of Traefik`);
    let recoverySeconds = 0;
    const { failed, requests } = await underLoad("restarted-traefik", async (load) => {
        await secondsMore(() => load.records(), 2);
        for (const { metadata: { name = "" } = {} } of before) {
            await api.core.deleteNamespacedPod({ namespace: "traefik", name });
            const began = performance.now();
            await sleep(1000);
            const ready = async () => (await traefik()).filter(isReady).length === before.length;
            await waitUntil(ready, "Traefik's pods", 90, 250);
            recoverySeconds = Math.max(recoverySeconds, (performance.now() - began) / 1000);
            await secondsMore(() => load.records(), 3);
        }
    });
    // The kernel sends to a pod that ends until its proxy has heard of it.
    const most = stagingRate;
    assert.ok(failed <= most, `${failed} requests failed; at most ${most}`);
    return {
        seen: `Each of ${before.length} pods replaced: ${failed} of ${requests} requests failed.`,
        recoverySeconds,
    };
}
