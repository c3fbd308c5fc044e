import * as assert from "node:assert/strict";
import { knownId, subjectPrefix, workflowReferences } from "../../../components/identity/token-claims";

describe("The claims that roles trust", () => {
    it("should name a repository as GitHub's documentation does, with ids or by names alone", () => {
        const ids = { owner: "123456", repository: "456789" };
        assert.equal(subjectPrefix("octo-org", "octo-repo", ids), "repo:octo-org@123456/octo-repo@456789");
        assert.equal(subjectPrefix("octo-org", "octo-repo"), "repo:octo-org/octo-repo");
    });

    it("should name each workflow at each commit", () => {
        const workflows = { owner: "relaypacs", repository: "platform", commits: ["a1", "b2"] };
        assert.deepEqual(workflowReferences(workflows, ["deploy.yml", "rollback.yml"]), [
            "relaypacs/platform/.github/workflows/deploy.yml@a1",
            "relaypacs/platform/.github/workflows/rollback.yml@a1",
            "relaypacs/platform/.github/workflows/deploy.yml@b2",
            "relaypacs/platform/.github/workflows/rollback.yml@b2",
        ]);
    });

    it("should take ids as number or text", () => {
        assert.equal(knownId("the organisation relaypacs", 123456), "123456");
        assert.equal(knownId("the organisation relaypacs", "1"), "1");
    });

    for (const id of [0, -1, 1.5, "", "0", "relaypacs", null, undefined, {}, NaN])
        it(`should refuse ${JSON.stringify(id) ?? "nothing"} (${typeof id}) as an id`, () => {
            assert.throws(() => knownId("the repository relaypacs/platform", id), {
                message: `GitHub's id of the repository relaypacs/platform is ${JSON.stringify(id) ?? "missing"}; it must be a whole number above 0. Check that it exists and that GITHUB_TOKEN may read it.`,
            });
        });
});
