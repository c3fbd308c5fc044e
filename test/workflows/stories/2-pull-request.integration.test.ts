import * as assert from "node:assert/strict";
import { administrator, author, techLead } from "../../../sandbox/parts/github/relaypacs";
import type { Run } from "../../../sandbox/runner/run";
import { repository as repositorySettings } from "../../../settings/schema";
import {
    assertRefused,
    merge,
    protectedRepository,
    report,
    review,
    type Pull,
} from "../../sandbox/parts/github/changes";
import { sandbox, type Sandbox } from "../../sandbox/parts/github/harness";
import { checks, ofType, play, pullRequest, type Answers } from "../world";

const required: readonly string[] = repositorySettings.parse({ owner: "relaypacs", name: "gateway" }).requiredChecks;

/** The rule that the program registers for `main`, as GitHub's GraphQL takes it. */
function ruleOfMain() {
    const rule = ofType("github:index/branchProtection:BranchProtection").find(
        ({ pattern }) => pattern === "main",
    ) as unknown as {
        enforceAdmins: boolean;
        requireConversationResolution: boolean;
        requiredLinearHistory: boolean;
        requiredPullRequestReviews: [
            { dismissStaleReviews: boolean; requireLastPushApproval: boolean; requiredApprovingReviewCount: number },
        ];
        requiredStatusChecks: [{ contexts: string[]; strict: boolean }];
    };
    const [reviews] = rule.requiredPullRequestReviews;
    const [{ contexts, strict }] = rule.requiredStatusChecks;
    return {
        isAdminEnforced: rule.enforceAdmins,
        requiredApprovingReviewCount: reviews.requiredApprovingReviewCount,
        dismissesStaleReviews: reviews.dismissStaleReviews,
        requireLastPushApproval: reviews.requireLastPushApproval,
        requiresStrictStatusChecks: strict,
        requiredStatusCheckContexts: contexts,
        requiresLinearHistory: rule.requiredLinearHistory,
        requiresConversationResolution: rule.requireConversationResolution,
    };
}

describe("Story 2: a pull request that fails a check", function () {
    this.timeout(180_000);
    let world: Sandbox;
    let repository: string;
    let pull: Pull;

    before(async () => {
        world = await sandbox();
        ({ repository, pull } = await protectedRepository(world, "gateway", {}, ruleOfMain()));
    });
    after(() => world.remove());

    const merged = () => merge(world.as(author), repository, pull);

    const checked = (answers?: Answers) =>
        play({ file: "ci-cd.yml", event: pullRequest("relaypacs/gateway"), ...(answers && { answers }) });

    /** Reports every job as GitHub does. */
    async function reported({ jobs }: Run): Promise<void> {
        for (const conclusion of ["success", "failure", "skipped"]) {
            const names = [...jobs].filter(([, { result }]) => result === conclusion).map(([name]) => name);
            await report(world, repository, pull, conclusion, names);
        }
    }

    it("should wait for every check that the program requires", async () => {
        assert.deepEqual([...checks].sort(), [...required].sort());
        await review(world, techLead, repository, pull);
        assertRefused(
            await merged(),
            405,
            `${required.length} of ${required.length} required status checks are expected.`,
        );
    });

    for (const check of checks)
        it(`should not be mergeable while ${check} is red, by any role`, async () => {
            const { run, results, roles } = await checked({ [`job:${check}`]: "exit 1" });
            // The browser's tests need the unit tests.
            const red = check.startsWith("test-") ? [check, "e2e-tests"] : [check];
            assert.deepEqual(checks.filter((one) => results()[one] !== "success").sort(), red.sort());
            assert.deepEqual(roles, []);
            await reported(run);
            const message =
                red.length === 1
                    ? `Required status check "${check}" is failing.`
                    : `${red.length} of ${required.length} required status checks are failing.`;
            assertRefused(await merged(), 405, message);
            assertRefused(await merge(world.as(administrator), repository, pull), 405, message);
        });

    it("should be red again when a repeated job fails that had passed, whatever the first attempt put out", async () => {
        const { run, results } = await checked({ "pytest tests/unit": '[[ "$GITHUB_RUN_ATTEMPT" == 1 ]]' });
        assert.equal(results()["test-backend"], "success");
        await run.rerun({ job: "ci / test-backend" });
        assert.equal(results()["ci / test-backend"], "failure");
        assert.equal(results()["test-backend"], "failure");
        assert.equal(results()["lint-backend"], "success");
        await reported(run);
        assertRefused(await merged(), 405, /required status check/);
    });

    it("should be mergeable once all are green, with nothing released by the pull request itself", async () => {
        const { run, roles } = await checked();
        assert.equal(run.conclusion, "success");
        assert.equal(run.jobs.get("publish")!.result, "skipped");
        assert.deepEqual(roles, []);
        await reported(run);
        const { status, body } = await merged();
        assert.equal(status, 200, JSON.stringify(body));
    });
});
