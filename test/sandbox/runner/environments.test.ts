import * as assert from "node:assert/strict";
import type { PendingReview } from "../../../sandbox/runner/records";
import type { Run } from "../../../sandbox/runner/run";
import { play, push, resultsOf, runnerOf, repositoryOf, own, unindented } from "./support";

const text = `
on: push
permissions: {}
jobs:
  deploy:
    environment: {name: "\${{ github.ref_name == 'main' && 'production' || 'test' }}", url: "https://example.com"}
    runs-on: x
    steps: [{run: 'echo "$A $B"', env: {A: "\${{ vars.URL }} \${{ vars.REGION }}", B: "\${{ secrets.KEY == 'inner' }}"}}]`;

const environments = {
    production: {
        waitMinutes: 60,
        reviewed: true,
        refs: ["main"],
        variables: { URL: "https://relaypacs.com" },
        secrets: { KEY: "inner" },
    },
};
const settings = { variables: { REGION: "us-east-1", URL: "none" }, secrets: { KEY: "outer" }, environments };

/** Plays with a reviewer who decides at once. */
const reviewed = (approved: boolean, waited: string[] = []) =>
    play(text, push, {
        settings,
        wait: (minutes, environment) => {
            waited.push(`${environment} ${minutes}`);
            return Promise.resolve();
        },
        onPending: ({ environment }, run) => {
            run.review(environment, { approved, by: "tove-lead", comment: "seen" });
        },
    });

describe("Environments of the sandbox's runner", () => {
    it("should hold a job until their timer has ended and a reviewer has approved", async () => {
        const waited: string[] = [];
        const { run, lines } = await reviewed(true, waited);
        assert.deepEqual(waited, ["production 60"]);
        assert.deepEqual(run.reviews, [
            { environment: "production", attempt: 1, approved: true, by: "tove-lead", comment: "seen" },
        ]);
        assert.deepEqual(lines, ["deploy: https://relaypacs.com us-east-1 true"]);
        assert.equal(run.jobs.get("deploy")!.environment, "production");
    });

    it("should fail a job that was rejected", async () => {
        const { run, lines } = await reviewed(false);
        assert.deepEqual(resultsOf(run), { deploy: "failure" });
        assert.equal(run.jobs.get("deploy")!.reason, "tove-lead rejected it in production");
        assert.deepEqual(lines, []);
    });

    it("should fail a job of another branch", async () => {
        const { run } = await play(
            text.replace("'main'", "'feature'"),
            { ...push, ref: "refs/heads/feature" },
            { settings },
        );
        assert.deepEqual(resultsOf(run), { deploy: "failure" });
        assert.equal(
            run.jobs.get("deploy")!.reason,
            "feature is not allowed to deploy to production due to environment protection rules",
        );
    });

    it("should have no rules and no values when they are not there", async () => {
        const { lines } = await play(text, { ...push, ref: "refs/heads/other" }, { settings });
        assert.deepEqual(lines, ["deploy: none us-east-1 false"]);
    });

    it("should end a job that waits when its run is cancelled, and refuse a review after that", async () => {
        let seen: PendingReview | undefined;
        const { run } = await play(text, push, {
            settings,
            onPending: (pending, one) => {
                seen = pending;
                one.cancel();
            },
        });
        assert.deepEqual(seen, { environment: "production", job: "deploy" });
        assert.deepEqual(resultsOf(run), { deploy: "cancelled" });
        assert.throws(
            () => {
                run.review("production", { approved: true, by: "tove-lead" });
            },
            {
                message: "No job of run 1 waits in the environment production.",
            },
        );
    });
});

describe("Concurrency groups of the sandbox's runner", () => {
    const file = ".github/workflows/main.yml";
    /** Starts as many runs as there are names, one after the other, and answers them when all have ended. */
    async function runs(workflow: string, count: number, refs: readonly string[] = []) {
        const began: (() => void)[] = [];
        const { runner, lines } = runnerOf({
            repositories: { [own]: repositoryOf({ [file]: unindented(workflow) }) },
            onLine: (_job, line) => {
                if (line === "begun") began.shift()?.();
            },
        });
        const all: Run[] = [];
        for (let at = 0; at < count; at += 1) {
            const begun = new Promise<void>((resolve) => began.push(resolve));
            all.push(runner.start(own, file, { ...push, ref: refs[at] ?? push.ref })!);
            // The first has the group before the others come.
            if (at === 0) await begun;
        }
        await Promise.all(all.map(({ ended }) => ended));
        return { all, lines };
    }

    const workflow = (concurrency: string) => `
        on: push
        permissions: {}
        concurrency: ${concurrency}
        jobs: {a: {runs-on: x, steps: [{run: "echo begun; sleep 0.3"}]}}`;

    it("should let one run go on and the newest of those that wait follow", async () => {
        const { all, lines } = await runs(workflow("Deploy"), 4);
        assert.deepEqual(
            all.map(({ conclusion }) => conclusion),
            ["success", "cancelled", "cancelled", "success"],
        );
        assert.equal(lines.length, 2);
    });

    it("should keep all that wait where the file says so", async () => {
        const { all } = await runs(workflow("{group: deploy, queue: max}"), 4);
        assert.deepEqual(
            all.map(({ conclusion }) => conclusion),
            ["success", "success", "success", "success"],
        );
    });

    it("should cancel the one that runs where the file says so", async () => {
        const { all } = await runs(workflow('{group: "${{ github.ref }}", cancel-in-progress: true}'), 2);
        assert.deepEqual(
            all.map(({ conclusion }) => conclusion),
            ["cancelled", "success"],
        );
        const other = await runs(workflow('{group: "${{ github.ref }}", cancel-in-progress: true}'), 2, [
            push.ref,
            "refs/heads/other",
        ]);
        assert.deepEqual(
            other.all.map(({ conclusion }) => conclusion),
            ["success", "success"],
        );
    });

    it("should hold jobs as well, from before their environment's rules", async () => {
        const { runner } = runnerOf({
            repositories: {
                [own]: repositoryOf(
                    {
                        [file]: unindented(`
                        on: push
                        permissions: {}
                        jobs: {deploy: {concurrency: deploy-prod, environment: production, runs-on: x, steps: [{run: echo deployed}]}}`),
                    },
                    { environments: { production: { reviewed: true } } },
                ),
            },
        });
        const [first, second, third] = [1, 2, 3].map(() => runner.start(own, file, push)!);
        await second!.ended;
        assert.equal(second!.conclusion, "cancelled");
        assert.equal(second!.jobs.get("deploy")!.reason, "a newer one has taken its place in the concurrency group");
        assert.deepEqual(
            [first, third].map((one) => one!.pending().length),
            [1, 0],
        );
        first!.review("production", { approved: false, by: "tove-lead" });
        await first!.ended;
        assert.equal(first!.conclusion, "failure");
        await new Promise((resolve) => setTimeout(resolve, 10));
        third!.review("production", { approved: true, by: "tove-lead" });
        await third!.ended;
        assert.equal(third!.conclusion, "success");
    });
});
