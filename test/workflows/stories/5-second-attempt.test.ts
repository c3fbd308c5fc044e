import * as assert from "node:assert/strict";
import type { Run } from "../../../sandbox/runner/run";
import { form } from "../../sandbox/runner/support";
import { asInput, calledWith, programs, releases, running } from "../environments";
import { open, stepsOf, type World } from "../world";

const release = releases[1]!;

/** As GitHub lists it. It does not say which attempt a decision is of. */
const rejection = {
    state: "rejected",
    comment: "Not before the weekend.",
    user: { login: "tove-lead" },
    environments: [{ name: "production" }],
};

describe("Story 5: an approval on the second attempt", function () {
    this.timeout(120_000);
    let world: World;
    let run: Run;

    before(async () => {
        world = open({
            file: "delivery.yml",
            programs,
            state: running,
            review: (environment, { attempt }) =>
                environment === "production" && attempt === 1 ? "rejected" : "approved",
        });
        run = world.start(form({ release: asInput(release) }));
        await run.ended;
    });

    it("should deploy nothing when the release is rejected, and tell Slack", () => {
        assert.equal(run.conclusion, "failure");
        assert.equal(run.jobs.get("production / approval")!.reason, "tove-lead rejected it in production");
        assert.equal(run.jobs.get("production / deploy")!.result, "skipped");
        assert.equal(run.jobs.get("production / ended")!.result, "success");
        assert.ok(calledWith(world, "slack RelayPACS 1.4.2 does not go to prod: it was not approved.").length === 1);
        assert.equal(world.stateOf("prod"), releases[0]!.version);
    });

    it('should deploy the same release after "re-run all", with the earlier rejection left out', async () => {
        world.putState("approvals", JSON.stringify([rejection]));
        await run.rerun("all");
        assert.equal(run.conclusion, "success", world.lines.join("\n"));
        assert.deepEqual(
            run.reviews.map(({ attempt, approved }) => ({ attempt, approved })),
            [
                { attempt: 1, approved: false },
                { attempt: 2, approved: true },
            ],
        );
        assert.equal(world.stateOf("prod"), release.version);
        assert.equal(run.jobs.get("staging / deploy")!.attempt, 2);
        const { environments: _, ...earlier } = rejection;
        assert.deepEqual(
            calledWith(world, "npx release observe approval ").map((line) => /--earlier (.*) --out /.exec(line)![1]),
            [JSON.stringify([earlier])],
        );
    });

    it("should not ask again when only the deployment is repeated, since an approval is of the run", async () => {
        world.putState("smoke-fails-prod", "");
        world.putState("prod", releases[0]!.version);
        world.putState("cluster-prod", releases[0]!.version);
        await run.rerun({ job: "production / deploy" });
        assert.equal(run.jobs.get("production / deploy")!.result, "failure");
        world.putState("smoke-fails-prod");
        await run.rerun("failed");
        assert.equal(run.conclusion, "success", world.lines.join("\n"));
        assert.equal(run.reviews.length, 2);
        assert.equal(run.jobs.get("production / page")!.attempt, 2);
        assert.equal(stepsOf(run, "production / deploy")["Admit the release"], "success");
    });
});
