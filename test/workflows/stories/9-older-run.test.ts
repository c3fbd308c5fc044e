import * as assert from "node:assert/strict";
import type { Run } from "../../../sandbox/runner/run";
import { form } from "../../sandbox/runner/support";
import { asInput, calledWith, programs, releases, running } from "../environments";
import { open, type World } from "../world";

const [, older, newer] = releases;
const refusal = "error: 1.4.3 runs, and 1.4.2 is behind; accepted: a release that is ahead.";

describe("Story 9: an older run after a newer release", function () {
    this.timeout(120_000);
    let world: World;
    let run: Run;

    before(async () => {
        let asked = 0;
        world = open({
            file: "delivery.yml",
            programs,
            state: running,
            review: () => (asked++ === 0 ? "never" : "approved"),
        });
        run = world.start(form({ release: asInput(older!) }));
        while (run.pending().length === 0 && run.conclusion === undefined)
            await new Promise((resolve) => setTimeout(resolve, 20));
        const other = world.start(form({ release: asInput(newer!) }));
        await other.ended;
        assert.equal(other.conclusion, "success", world.lines.join("\n"));
    });

    /** No environment, and nothing that says what it runs, is changed. */
    function assertUntouched() {
        for (const name of ["staging", "prod", "cluster-staging", "cluster-prod"])
            assert.equal(world.stateOf(name), newer!.version, name);
        assert.equal(world.stateOf("branch"), newer!.commit);
        for (const stack of ["staging", "prod"])
            assert.equal(world.stateOf(`admitted-${stack}`)!.split("\n").at(-1), newer!.version);
    }

    it("should be refused under the lock when it is approved only then", async () => {
        run.review("production", { approved: true, by: "tove-lead" });
        await run.ended;
        assert.equal(run.jobs.get("production / deploy")!.result, "failure");
        assert.ok(
            world.lines.some((line) => line.startsWith(`production / deploy: ${refusal}`)),
            world.lines.join("\n"),
        );
        assertUntouched();
    });

    it("should be refused in production when its failed job is repeated", async () => {
        await run.rerun("failed");
        assert.equal(run.jobs.get("production / deploy")!.result, "failure");
        assertUntouched();
    });

    it("should be refused in staging already when all of it is repeated", async () => {
        await run.rerun("all");
        assert.equal(run.jobs.get("staging / deploy")!.result, "failure");
        assert.ok(world.lines.some((line) => line.startsWith(`staging / deploy: ${refusal}`)));
        assert.equal(run.jobs.get("production")!.result, "skipped");
        assertUntouched();
        // One update of each environment for the older release's staging, and those of the newer one.
        assert.deepEqual(
            [calledWith(world, "pulumi up --stack staging").length, calledWith(world, "pulumi up --stack prod").length],
            [2, 1],
        );
    });
});
