import * as assert from "node:assert/strict";
import { repository as repositorySettings } from "../../settings/schema";
import { form } from "../sandbox/runner/support";
import { push as merge } from "../sandbox/runner/support";
import { begin, checks, play, pullRequest, release, type Story } from "./world";

/** A merge to main, with the workflows of the templates. */
const merged = (more: Partial<Story> = {}) => play({ file: "ci-cd.yml", event: merge, ...more });

const hotfixForm = form({
    release: JSON.stringify(release),
    incident: JSON.stringify({ id: "RP-911", priority: "P1" }),
});

const ofJob = (lines: readonly string[], job: string) => lines.filter((line) => line.startsWith(`${job}: `));

/** The steps of a job that did something. */
const ran = (steps: Readonly<Record<string, string>>) =>
    Object.entries(steps)
        .filter(([, outcome]) => outcome !== "skipped")
        .map(([name]) => name);

/** What changes an environment, or says that it runs a release. */
const changing = [
    "Protect the images from expiry",
    "Deploy",
    "Smoke tests",
    "Admit the release",
    "Move the branch staging",
];

describe("A run of the pipeline after a merge", function () {
    this.timeout(120_000);

    it("should check, publish, deploy to staging, wait, ask and deploy to production", async () => {
        const { run, results, timers, roles } = await merged();
        assert.equal(run.problem, undefined);
        assert.equal(run.conclusion, "success", JSON.stringify(results(), null, 1));
        const all = results();
        for (const job of [
            "ci",
            ...checks,
            "publish",
            "staging",
            "production",
            "production / page",
            "production / deploy",
        ])
            assert.equal(all[job], "success", job);
        // Staging itself has no soak and no page.
        assert.equal(all["staging / soak"], "skipped");
        assert.equal(all["staging / page"], "skipped");
        assert.equal(all["production / monitoring"], "skipped");
        assert.deepEqual(timers, ["staging-soak: 240"]);
        assert.deepEqual(
            run.reviews.map(({ environment }) => environment),
            ["production"],
        );
        // Each by the trust policy that the program gives the role.
        assert.deepEqual(roles, [
            "relaypacs-publish",
            "relaypacs-sign-evidence",
            "relaypacs-deploy-staging",
            "relaypacs-deploy-staging",
            "relaypacs-deploy-prod",
        ]);
    });

    it("should show the page before it asks, and ask before anything reaches production", async () => {
        const { run } = begin({ file: "ci-cd.yml", event: merge, review: () => "never" });
        while (run.pending().length === 0 && run.conclusion === undefined)
            await new Promise((resolve) => setTimeout(resolve, 20));
        assert.deepEqual(
            run.pending().map(({ environment }) => environment),
            ["production"],
        );
        assert.equal(run.jobs.get("production / page")!.result, "success");
        assert.ok(
            run.jobs.get("production / page")!.steps.some(({ name }) => name === "Upload the page for the approver"),
        );
        run.review("production", { approved: false, by: "tove-lead" });
        await run.ended;
        assert.notEqual(run.jobs.get("production / deploy")!.result, "success");
        assert.deepEqual(run.jobs.get("production / deploy")!.steps, []);
        assert.equal(run.conclusion, "failure");
    });

    it("should release nothing when a check fails", async () => {
        const { results, roles } = await merged({ answers: { "job:e2e-tests": "exit 1" } });
        for (const job of ["publish", "staging", "production"]) assert.equal(results()[job], "skipped", job);
        assert.deepEqual(roles, []);
    });

    it("should not deploy what the gates refuse, in either environment", async () => {
        for (const stack of ["staging", "production"]) {
            const checkpoint = 'check --checkpoint "$checkpoint"';
            const job = `${stack} / deploy`;
            const answer = `[[ "$STACK" != ${stack === "staging" ? "staging" : "prod"} ]]`;
            const { results, steps } = await merged({ answers: { [checkpoint]: answer } });
            assert.equal(results()[job], "failure");
            assert.deepEqual(
                ran(steps(job)).filter((name) => changing.includes(name)),
                [],
            );
            assert.equal(steps(job)["Roll back"], "skipped");
            assert.equal(results().production, stack === "staging" ? "skipped" : "failure");
        }
    });

    it("should roll production back after a failed update, once that is attested, and admit nothing", async () => {
        const { steps } = await merged({ answers: { "pulumi up --stack": '[[ "$STACK" == staging ]]' } });
        const names = ran(steps("production / deploy"));
        const back = names.indexOf("Roll back");
        assert.ok(
            back > names.indexOf("Attest the deployment") && names.includes("Attest the deployment"),
            names.join("\n"),
        );
        for (const name of ["Smoke tests", "Admit the release"]) assert.ok(!names.includes(name), name);
        for (const name of ["Store the evidence", "Notify Slack"]) assert.ok(names.includes(name), name);
    });

    it("should roll production back after failed smoke tests, but staging not", async () => {
        const smoke = "release/smoke/main.js";
        const production = await merged({ answers: { [smoke]: '[[ "$STACK" == staging ]]' } });
        assert.equal(production.steps("production / deploy")["Roll back"], "success");
        assert.equal(production.steps("production / deploy")["Admit the release"], "skipped");
        assert.equal(production.steps("staging / deploy")["Admit the release"], "success");
        const staging = await merged({ answers: { [smoke]: "exit 1" } });
        assert.equal(staging.steps("staging / deploy")["Roll back"], "skipped");
        assert.equal(staging.steps("staging / deploy")["Attest the deployment"], "success");
        assert.equal(staging.steps("staging / deploy")["Move the branch staging"], "skipped");
        assert.equal(staging.results().production, "skipped");
    });

    it("should leave production as it is when the page fails, and continue from there when it is repeated", async () => {
        const { run, results, lines } = await merged({
            answers: {
                "release observe soak": '[[ "$GITHUB_RUN_ATTEMPT" == 2 ]]',
                "git tag --merged": 'echo tagged; echo "version=1.4.2" >> "$GITHUB_OUTPUT"',
            },
        });
        assert.equal(results()["production / page"], "failure");
        assert.deepEqual(run.jobs.get("production / deploy")?.steps, []);
        await run.rerun("failed");
        assert.equal(run.conclusion, "success");
        assert.equal(results()["production / deploy"], "success");
        // What was published stays.
        assert.equal(ofJob(lines, "publish / tag").length, 1);
        assert.equal(run.jobs.get("staging / deploy")!.attempt, 1);
        assert.equal(run.jobs.get("production / soak")!.attempt, 1);
    });
});

describe("A run of the pipeline for a pull request", function () {
    this.timeout(120_000);
    const event = pullRequest("relaypacs/gateway");

    it("should report the checks that branch protection requires, release nothing and take no role", async () => {
        const { run, results, roles } = await play({ file: "ci-cd.yml", event });
        assert.equal(run.conclusion, "success");
        const required = repositorySettings.parse({ owner: "relaypacs", name: "gateway" }).requiredChecks;
        assert.deepEqual(
            Object.keys(results())
                .filter((name) => (required as readonly string[]).includes(name))
                .sort(),
            [...required].sort(),
        );
        for (const check of required) assert.equal(results()[check], "success", check);
        assert.equal(results().publish, "skipped");
        assert.deepEqual(roles, []);
    });

    for (const check of checks)
        it(`should fail the check ${check} with its job, and no check that does not need it`, async () => {
            const { results } = await play({ file: "ci-cd.yml", event, answers: { [`job:${check}`]: "exit 1" } });
            const failed = checks.filter((one) => results()[one] !== "success");
            // The browser's tests need the others.
            const expected = check.startsWith("test-") ? [check, "e2e-tests"] : [check];
            assert.deepEqual(failed.sort(), expected.sort());
            for (const one of failed) assert.equal(results()[one], "failure");
        });

    it("should run the checks of a fork without secrets", async () => {
        const { run } = await play({
            file: "ci-cd.yml",
            event: pullRequest("relaypacs/gateway", { from: "stranger/gateway" }),
        });
        assert.equal(run.conclusion, "success");
    });
});

describe("A run of the hotfix", function () {
    this.timeout(120_000);

    it("should go to production without the soak, with the page and an approval, and be watched", async () => {
        const { run, results, timers, roles, steps } = await play({ file: "hotfix.yml", event: hotfixForm });
        assert.equal(run.conclusion, "success", JSON.stringify(results(), null, 1));
        assert.equal(results()["production / soak"], "skipped");
        assert.deepEqual(timers, []);
        assert.equal(results()["production / page"], "success");
        assert.equal(steps("production / page")["Observe the soak"], "skipped");
        assert.equal(steps("production / page")["Attest what a hotfix changes"], "success");
        assert.equal(results()["production / monitoring"], "success");
        assert.deepEqual(new Set(roles), new Set(["relaypacs-deploy-staging", "relaypacs-deploy-prod"]));
    });

    it("should not be watched when it was not deployed", async () => {
        const { results } = await play({
            file: "hotfix.yml",
            event: hotfixForm,
            answers: { "pulumi up --stack": "exit 1" },
        });
        assert.equal(results()["production / deploy"], "failure");
        assert.equal(results()["production / monitoring"], "skipped");
    });
});

describe("A run of the rollback", function () {
    this.timeout(120_000);
    const rollback = (inputs: Record<string, unknown>, answers = {}) =>
        play({ file: "rollback.yml", event: form(inputs), answers });

    it("should go back in production without an approval, by the role for that", async () => {
        const { run, roles, steps } = await rollback({ environment: "prod", version: "1.4.1" });
        assert.equal(run.conclusion, "success");
        assert.deepEqual(run.reviews, []);
        assert.deepEqual(roles, ["relaypacs-rollback-prod"]);
        assert.equal(steps("rollback / rollback")["Deploy the present release again"], "skipped");
    });

    it("should sign a rehearsal and go forward again, also after a rollback that failed", async () => {
        for (const outcome of ["true", "false"]) {
            const { steps } = await rollback(
                { environment: "staging", rehearse: true },
                { '--yes "${to[@]}"': outcome },
            );
            const all = steps("rollback / rollback");
            assert.equal(all["Roll back"], outcome === "true" ? "success" : "failure");
            assert.equal(all["Attest the outcome of the rehearsal"], "success");
            assert.equal(all["Deploy the present release again"], "success");
            assert.equal(all["Notify Slack"], "success");
        }
    });

    it("should refuse any other environment", async () => {
        const { run } = await rollback({ environment: "test" });
        assert.equal(run.conclusion, "startup_failure");
        assert.match(run.problem!, /is "test"; accepted: staging, prod\.$/);
    });
});

describe("A scheduled look for drift", function () {
    this.timeout(120_000);
    const look = (answers = {}) =>
        play({
            repository: "relaypacs/platform",
            file: "drift.yml",
            event: form({}),
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

describe("A run of this repository's own checks", function () {
    this.timeout(120_000);
    const story = (options: { from?: string; action?: string } = {}, answers = {}, review?: Story["review"]) =>
        play({
            repository: "relaypacs/platform",
            file: "pull-request.yml",
            event: pullRequest("relaypacs/platform", options),
            answers,
            ...(review && { review }),
        });

    it("should preview both stacks, each after an approval, by the role for that", async () => {
        const { run, roles } = await story();
        assert.equal(run.conclusion, "success");
        assert.deepEqual(run.reviews.map(({ environment }) => environment).sort(), ["preview-prod", "preview-staging"]);
        assert.deepEqual([...roles].sort(), ["relaypacs-preview-prod", "relaypacs-preview-staging"]);
    });

    it("should preview nothing that an approver has rejected, and the other stack all the same", async () => {
        const { results, roles } = await story({}, {}, (one) => (one === "preview-prod" ? "rejected" : "approved"));
        assert.equal(results()["preview (prod)"], "failure");
        assert.equal(results()["preview (staging)"], "success");
        assert.deepEqual(roles, ["relaypacs-preview-staging"]);
    });

    it("should preview nothing of a fork", async () => {
        const { results, roles, run } = await story({ from: "stranger/platform" });
        assert.equal(results().preview, "skipped");
        assert.equal(results().test, "success");
        assert.deepEqual(run.reviews, []);
        assert.deepEqual(roles, []);
    });
});
