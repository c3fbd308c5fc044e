import * as assert from "node:assert/strict";
import type { Run } from "../../../sandbox/runner/run";
import { form } from "../../sandbox/runner/support";
import { asInput, calledWith, programs, releases, running, slack } from "../environments";
import { open, stepsOf, type World } from "../world";

const [, older, newer] = releases;

const later = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("Story 4: two merges within the soak", function () {
    this.timeout(120_000);
    let world: World;
    let first: Run;
    let second: Run;

    before(async () => {
        const soaks: (() => void)[] = [];
        world = open({
            file: "delivery.yml",
            programs,
            state: running,
            wait: () => new Promise((resolve) => soaks.push(resolve)),
        });
        const soaking = async (count: number) => {
            while (soaks.length < count) await later();
        };
        first = world.start(form({ release: asInput(older!) }));
        await soaking(1);
        second = world.start(form({ release: asInput(newer!) }));
        await soaking(2);
        for (const end of soaks) end();
        await Promise.all([first.ended, second.ended]);
    });

    it("should deploy both to staging, the one after the other", () => {
        for (const run of [first, second]) assert.equal(run.jobs.get("staging / deploy")!.result, "success");
        assert.deepEqual(world.timers, ["staging-soak: 240", "staging-soak: 240"]);
        assert.equal(world.stateOf("staging"), newer!.version);
    });

    it("should end the older one at its page, before an approver is asked", () => {
        assert.equal(first.conclusion, "failure");
        assert.deepEqual(first.reviews, []);
        assert.equal(stepsOf(first, "production / page")["Upload the page for the approver"], "success");
        for (const job of ["production / approval", "production / deploy"])
            assert.equal(first.jobs.get(job)!.result, "skipped", job);
        const told = `RelayPACS ${older!.version} does not go to production, denied by: Staging soak. The page:`;
        assert.ok(
            slack(world).some((text) => text.startsWith(told)),
            slack(world).join("\n"),
        );
    });

    it("should bring the newer one to production meanwhile, without waiting for the older one", () => {
        assert.equal(second.conclusion, "success", world.lines.join("\n"));
        assert.deepEqual(
            second.reviews.map(({ environment }) => environment),
            ["production"],
        );
        assert.equal(world.stateOf("prod"), newer!.version);
        assert.equal(calledWith(world, "pulumi up --stack prod").length, 1);
        assert.ok(slack(world).includes(`RelayPACS ${newer!.version} to prod: success.`), slack(world).join("\n"));
    });
});

describe("Story 4, later: three approved releases at once", function () {
    this.timeout(120_000);

    it("should deploy the first, then the newest, and tell that the one between lost its place", async () => {
        const world = open({ file: "production.yml", programs, state: { ...running, hold: "pulumi up" } });
        const start = async (at: number) => {
            const release = releases[at]!;
            world.putState("staging", release.version);
            const run = world.start(form({ release: asInput(release) }));
            while (run.jobs.get("production / approval") === undefined && run.conclusion === undefined) await later();
            return run;
        };
        const [first, between] = [await start(1), await start(2)];
        while (world.stateOf("held") === undefined && first.conclusion === undefined) await later();
        const newest = await start(3);
        await between.ended;
        assert.equal(first.conclusion, undefined, "it has the lock");
        assert.equal(between.jobs.get("production / deploy")!.result, "cancelled");
        assert.equal(
            slack(world).at(-1),
            "RelayPACS 1.4.3 does not go to prod: it was cancelled, or a newer release took its place in the queue.",
        );
        world.putState("hold");
        await Promise.all([first.ended, newest.ended]);
        assert.deepEqual([first.conclusion, newest.conclusion], ["success", "success"]);
        assert.deepEqual(world.stateOf("admitted-prod")!.split("\n"), ["1.4.1", "1.4.2", "1.4.4"]);
    });
});
