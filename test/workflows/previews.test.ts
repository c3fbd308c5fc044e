import * as assert from "node:assert/strict";
import { play, pullRequest, type Story } from "./world";

describe("A run of this repository's own checks", function () {
    this.timeout(120_000);
    const story = (review?: Story["review"]) =>
        play({
            repository: "relaypacs/platform",
            file: "pull-request.yml",
            event: pullRequest("relaypacs/platform"),
            ...(review && { review }),
        });

    it("should preview both stacks, each after an approval, by the role for that", async () => {
        const { run, roles } = await story();
        assert.equal(run.conclusion, "success");
        assert.deepEqual(run.reviews.map(({ environment }) => environment).sort(), ["preview-prod", "preview-staging"]);
        assert.deepEqual([...roles].sort(), ["relaypacs-preview-prod", "relaypacs-preview-staging"]);
    });

    it("should preview nothing that an approver has rejected, and the other stack all the same", async () => {
        const { results, roles } = await story((one) => (one === "preview-prod" ? "rejected" : "approved"));
        assert.equal(results()["preview (prod)"], "failure");
        assert.equal(results()["preview (staging)"], "success");
        assert.deepEqual(roles, ["relaypacs-preview-staging"]);
    });
});
