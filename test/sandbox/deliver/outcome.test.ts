import * as assert from "node:assert/strict";
import { ranOrReplaced, spansOf, timeline } from "../../../sandbox/deliver/outcome";
import { refusal } from "../../../sandbox/deliver/runs-api";
import { tokenRequest } from "../../../sandbox/deliver/roles";

describe("What a delivery prints at its end", () => {
    it("should be a timeline with the parts of a run, of the jobs that ran in each", () => {
        const spans = spansOf([
            { name: "ci / lint-backend", result: "success", seconds: 10, at: 20 },
            { name: "ci / e2e-tests", result: "success", seconds: 40, at: 50 },
            { name: "staging / page", result: "skipped", seconds: 0, at: 51 },
            { name: "publish / tag", result: "success", seconds: 5, at: 60 },
        ]);
        assert.deepEqual(spans, [
            { name: "checks on main", from: 10, to: 50 },
            { name: "tag, images, publication and evidence", from: 55, to: 60 },
        ]);
        const [first, second] = timeline(spans);
        assert.match(first!, /^ {4}0:10 {2}checks on main +█+ +40 s$/);
        assert.match(second!, /^ {4}0:55 {2}tag, images, publication and evidence +█+ +5 s$/);
    });

    it("should say of what did not run itself how often, what took its place, and why", () => {
        const lines = ranOrReplaced(["pytest"], new Map([["gh", { does: "asks here", why: "it is here", times: 3 }]]));
        assert.deepEqual(lines, [
            "Ran as they are",
            "  pytest",
            "",
            "Replaced, how often, by what, and why",
            "  gh (3): asks here, because it is here",
        ]);
    });
});

describe("A job's token at the sandbox's GitHub", () => {
    it("should do what its job asked for, and nothing else", () => {
        const refused = "Resource not accessible by integration";
        const ref = "/repos/relaypacs/gateway/git/refs";
        assert.equal(refusal({ contents: "write" }, "POST", ref), undefined);
        assert.equal(refusal({ contents: "read" }, "POST", ref), refused);
        assert.equal(refusal({}, "GET", "/repos/relaypacs/gateway/compare/a...b"), refused);
        assert.equal(refusal({ contents: "read" }, "GET", "/repos/relaypacs/gateway/commits/a/pulls"), refused);
        assert.equal(
            refusal({ "pull-requests": "read" }, "GET", "/repos/relaypacs/gateway/pulls/1/reviews"),
            undefined,
        );
    });

    it("should be asked for with the workflow of the run and the one that the job is from", () => {
        const claims = {
            repository: "relaypacs/gateway",
            ref: "refs/heads/main",
            event_name: "push",
            environment: "staging",
            workflow_ref: "relaypacs/gateway/.github/workflows/ci-cd.yml@refs/heads/main",
            job_workflow_ref: "relaypacs/platform/.github/workflows/deploy.yml@0000",
        };
        assert.deepEqual(tokenRequest(claims), {
            audience: "sts.amazonaws.com",
            ref: "refs/heads/main",
            event_name: "push",
            environment: "staging",
            workflow: ".github/workflows/ci-cd.yml",
            job_workflow_ref: "relaypacs/platform/.github/workflows/deploy.yml@0000",
        });
    });
});
