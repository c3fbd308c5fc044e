import * as assert from "node:assert/strict";
import type { Run } from "../../../sandbox/runner/run";
import { form } from "../../sandbox/runner/support";
import { asInput, calledWith, programs, releases, running, slack, type Release } from "../environments";
import { open, stepsOf, type World } from "../world";

const [, , hotfix, second] = releases;

const incident = JSON.stringify({
    id: "RP-911",
    priority: "P1",
    uri: "https://incidents.example/RP-911",
    openedAt: "2026-11-30T09:00:00Z",
});

const formOf = (release: Release) => ({
    ...form({ release: asInput(release), incident }),
    sha: release.commit,
});

describe("Story 7: a hotfix, and a hotfix of the hotfix", function () {
    this.timeout(120_000);
    let world: World;
    let run: Run;

    before(async () => {
        world = open({ file: "hotfix.yml", programs, state: { ...running, hold: "observe monitoring" } });
        run = world.start(formOf(hotfix!));
        while (calledWith(world, "npx release observe monitoring").length === 0 && run.conclusion === undefined)
            await new Promise((resolve) => setTimeout(resolve, 20));
    });

    it("should go to production without the soak, with its page and an approval", () => {
        assert.deepEqual(world.timers, []);
        assert.equal(run.jobs.get("production / soak")!.result, "skipped");
        const page = stepsOf(run, "production / page");
        assert.equal(page["Observe the soak"], "skipped");
        assert.equal(page["Attest what a hotfix changes"], "success");
        assert.deepEqual(
            run.reviews.map(({ environment }) => environment),
            ["production"],
        );
        assert.deepEqual(new Set(world.roles), new Set(["relaypacs-deploy-staging", "relaypacs-deploy-prod"]));
        assert.equal(world.stateOf("prod"), hotfix!.version);
        assert.equal(calledWith(world, `pulumi up --stack prod `).length, 1);
    });

    it("should be watched from then on, while Slack knows it", () => {
        assert.equal(run.conclusion, undefined, world.lines.join("\n"));
        assert.match(slack(world).at(-1)!, /^RelayPACS 1\.4\.3 to prod: success\. Watch production for an hour/);
    });

    it("should let a second hotfix pass within that hour", async () => {
        const next = world.start(formOf(second!));
        while (world.stateOf("admitted-prod")?.split("\n").at(-1) !== second!.version && next.conclusion === undefined)
            await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(world.stateOf("prod"), second!.version, world.lines.join("\n"));
        assert.equal(run.conclusion, undefined);
        world.putState("hold");
        await Promise.all([run.ended, next.ended]);
        assert.deepEqual([run.conclusion, next.conclusion], ["success", "success"]);
    });

    it("should judge each hour, and tell about it", () => {
        assert.equal(calledWith(world, "npx release check --checkpoint monitoring ").length, 2);
        for (const { version } of [hotfix!, second!])
            assert.ok(slack(world).includes(`RelayPACS ${version}, the hour after the hotfix: success.`));
    });

    it("should not be watched when it was not deployed", async () => {
        const other = open({ file: "hotfix.yml", programs, state: { ...running, "up-refused-prod": "" } });
        const failed = other.start(formOf(hotfix!));
        await failed.ended;
        assert.equal(failed.jobs.get("production / deploy")!.result, "failure");
        assert.equal(failed.jobs.get("production / monitoring")!.result, "skipped");
    });
});
