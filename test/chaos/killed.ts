/** Updates that end in the middle, or meet another one. */
import * as assert from "node:assert/strict";
import { assertFailedWith, assertSucceeded, oneUpdate, type Seen } from "./fault";
import { begins, type Ground } from "./ground";

/** At how many moments an update is killed; fewer for a quick look. */
const moments = Number(process.env.CHAOS_MOMENTS ?? 20);

/** Kills a first update when it begins its n-th resource. */
async function killAt(ground: Ground, at: number): Promise<void> {
    await ground.reset();
    const update = ground.startUp();
    let begun = 0;
    update.onLine((line) => {
        if (begins.test(line) && ++begun === at) update.kill();
    });
    const { output } = await update.ended;
    assert.ok(begun >= at, output);
}

/** Kills a first update at moments that are spread over it; each time the runbook's commands must end it. */
export async function killedUpdates(ground: Ground): Promise<Seen> {
    const all = ground.resources;
    const seconds: number[] = [];
    let underWay = 0;
    for (let moment = 0; moment < moments; moment++) {
        await killAt(ground, 1 + Math.floor(((moment + 0.5) * all) / moments));
        assertFailedWith(await ground.up(), /the stack is currently locked/);
        assertSucceeded(await ground.pulumi(["cancel", "--yes"]));
        underWay += (await ground.state()).pending.length;
        assertSucceeded(await ground.release(["recover", "--stack", "staging"]));
        seconds.push(await oneUpdate(ground));
    }
    const slowest = Math.max(...seconds);
    return {
        seen: `${moments} updates killed, ${underWay} operations under way then; after release recover, one update completed each.`,
        recoverySeconds: slowest,
    };
}

/** Two updates that begin at the same time. */
export async function twoUpdates(ground: Ground): Promise<Seen> {
    await ground.reset();
    const outcomes = await Promise.all([ground.up(), ground.up()]);
    const failed = outcomes.filter(({ exitCode }) => exitCode !== 0);
    assert.equal(failed.length, 1, failed.map(({ output }) => output).join("\n"));
    assertFailedWith(failed[0]!, /the stack is currently locked by 1 lock/);
    const seconds = await oneUpdate(ground);
    return { seen: "One made the stack; the other was refused with who holds the lock.", recoverySeconds: seconds };
}
