import * as assert from "node:assert/strict";
import { push } from "../sandbox/runner/support";
import { play } from "./world";

describe("A scheduled look for drift", function () {
    this.timeout(120_000);
    const look = (answers = {}) =>
        play({
            repository: "relaypacs/platform",
            file: "drift.yml",
            event: { ...push, name: "schedule", payload: { schedule: "23 5 * * *" } },
            answers,
        });

    it("should look at both stacks without an approver, by the roles for that, and be silent when nothing differs", async () => {
        const { roles, run, steps } = await look();
        assert.equal(run.conclusion, "success");
        assert.deepEqual(run.reviews, []);
        assert.deepEqual([...roles].sort(), ["relaypacs-drift-prod", "relaypacs-drift-staging"]);
        assert.equal(steps("drift (prod)")["Notify Slack"], "skipped");
    });

    it("should fail and tell Slack of the stack that differs", async () => {
        const { results, steps } = await look({ "release drift": '[[ "$STACK" != prod ]]' });
        assert.equal(results()["drift (staging)"], "success");
        assert.equal(results()["drift (prod)"], "failure");
        assert.equal(steps("drift (prod)")["Notify Slack"], "success");
        assert.equal(steps("drift (staging)")["Notify Slack"], "skipped");
    });
});
