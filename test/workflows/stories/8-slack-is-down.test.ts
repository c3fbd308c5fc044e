import * as assert from "node:assert/strict";
import { form } from "../../sandbox/runner/support";
import { asInput, programs, releases, running, slack } from "../environments";
import { open, stepsOf } from "../world";

const release = releases[1]!;

describe("Story 8: Slack is down", function () {
    this.timeout(120_000);
    const worldOf = (file: string, rejected = false) =>
        open({
            file,
            programs,
            state: { ...running, "slack-down": "" },
            review: () => (rejected ? "rejected" : "approved"),
        });

    it("should bring a release to production all the same", async () => {
        const world = worldOf("delivery.yml");
        const run = world.start(form({ release: asInput(release) }));
        await run.ended;
        assert.equal(run.conclusion, "success", world.lines.join("\n"));
        for (const job of ["staging / deploy", "production / page", "production / deploy"])
            assert.equal(stepsOf(run, job)["Notify Slack"], "failure", job);
        assert.deepEqual(slack(world), []);
        assert.equal(world.stateOf("prod"), release.version);
    });

    it("should watch a hotfix for its hour all the same", async () => {
        const world = worldOf("hotfix.yml");
        const incident = JSON.stringify({ id: "RP-1", priority: "P1", uri: "https://i.example/1", openedAt: "now" });
        const run = world.start(form({ release: asInput(release), incident }));
        await run.ended;
        assert.equal(run.conclusion, "success", world.lines.join("\n"));
        assert.equal(stepsOf(run, "production / monitoring")["Judge the monitoring"], "success");
        assert.equal(stepsOf(run, "production / monitoring")["Notify Slack"], "failure");
    });

    it("should add no failure to one that is there", async () => {
        const world = worldOf("production.yml", true);
        world.putState("staging", release.version);
        const run = world.start(form({ release: asInput(release) }));
        await run.ended;
        assert.equal(run.jobs.get("production / approval")!.result, "failure");
        assert.equal(run.jobs.get("production / ended")!.result, "success");
    });

    it("should roll back all the same", async () => {
        const world = worldOf("rollback.yml");
        world.putState("admitted-prod", "1.4.1\n1.4.2\n");
        world.putState("cluster-prod", "1.4.2");
        const run = world.start(form({ environment: "prod" }));
        await run.ended;
        assert.equal(run.conclusion, "success", world.lines.join("\n"));
        assert.equal(world.stateOf("prod"), "1.4.1");
        assert.equal(stepsOf(run, "rollback / rollback")["Notify Slack"], "failure");
    });
});
