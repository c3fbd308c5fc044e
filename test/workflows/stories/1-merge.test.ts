import * as assert from "node:assert/strict";
import type { Run } from "../../../sandbox/runner/run";
import { form, push } from "../../sandbox/runner/support";
import { asInput, calledWith, deployments, programs, releases, running, slack } from "../environments";
import { checks, open, play, stepsOf, type World } from "../world";

const [earlier, release] = releases;

describe("Story 1: a merge goes to production", function () {
    this.timeout(120_000);
    let world: World;
    let run: Run;
    /** What had happened when an approver was asked. */
    let asked: readonly string[];

    before(async () => {
        world = open({
            file: "ci-cd.yml",
            answers: deployments,
            programs,
            state: running,
            review: () => "never",
        });
        run = world.start({ ...push, sha: release!.commit });
        while (run.pending().length === 0 && run.conclusion === undefined)
            await new Promise((resolve) => setTimeout(resolve, 20));
        asked = world.calls();
        run.review("production", { approved: true, by: "tove-lead" });
        await run.ended;
    });

    it("should be checked, published, deployed to staging, and wait there for four hours", () => {
        assert.equal(run.conclusion, "success", world.lines.join("\n"));
        for (const job of ["ci", ...checks, "publish", "staging", "production"])
            assert.equal(run.jobs.get(job)!.result, "success", job);
        // Staging itself has no soak and no page, and only a hotfix is monitored.
        for (const job of ["staging / soak", "staging / page", "production / monitoring", "production / ended"])
            assert.equal(run.jobs.get(job)!.result, "skipped", job);
        assert.deepEqual(world.timers, ["staging-soak: 240"]);
    });

    it("should have its page before an approver is asked, and an approval before anything reaches production", () => {
        assert.ok(asked.some((line) => line.startsWith("npx release report ")));
        const waits = asked.filter((line) => line.startsWith("slack ")).at(-1)!;
        assert.match(waits, /^slack RelayPACS 1\.4\.2 waits for an approver\. The page: \S+\/runs\/1\/artifacts\/\d+ /);
        assert.ok(asked.some((line) => line.startsWith("pulumi up --stack staging ")));
        assert.ok(!asked.some((line) => line.startsWith("pulumi up --stack prod ")));
        assert.deepEqual(
            run.reviews.map(({ environment }) => environment),
            ["production"],
        );
    });

    it("should be judged against what production runs, under the lock, before anything changes", () => {
        const at = (start: string) => world.calls().findIndex((line) => line.startsWith(start));
        const judged = world
            .calls()
            .findIndex((line) =>
                /^npx release check --checkpoint production .*--summary .* --previous 1\.4\.1$/.test(line),
            );
        assert.ok(at("npx release observe approval ") < judged && judged < at("pulumi up --stack prod "));
        assert.ok(judged > asked.length);
    });

    it("should take each role by the trust policy that the program gives it", () => {
        assert.deepEqual(world.roles, [
            "relaypacs-publish",
            "relaypacs-sign-evidence",
            "relaypacs-deploy-staging",
            "relaypacs-deploy-staging",
            "relaypacs-deploy-prod",
        ]);
    });

    it("should be admitted in both environments, and Slack should know", () => {
        for (const stack of ["staging", "prod"]) {
            assert.equal(world.stateOf(stack), release!.version);
            assert.deepEqual(world.stateOf(`admitted-${stack}`)!.split("\n"), [earlier!.version, release!.version]);
        }
        assert.equal(world.stateOf("branch"), release!.commit);
        assert.equal(slack(world).at(-1), "RelayPACS 1.4.2 to prod: success.");
    });

    it("should end at a failed check, with no role taken and a word that main is red", async () => {
        const red = await play({
            file: "ci-cd.yml",
            event: push,
            answers: { "job:e2e-tests": "exit 1", ...deployments },
            programs,
        });
        for (const job of ["publish", "staging", "production"]) assert.equal(red.results()[job], "skipped", job);
        assert.deepEqual(red.roles, []);
        assert.deepEqual(slack(red), ["RelayPACS' main is red, and this commit is not released."]);
    });

    for (const [file, stack] of [
        ["staging.yml", "staging"],
        ["production.yml", "prod"],
    ] as const)
        it(`should change nothing in ${stack} that the gates refuse`, async () => {
            const place = open({ file, programs, state: { ...running, [`denied-${stack}`]: "" } });
            if (stack === "prod") place.putState("staging", release!.version);
            const refused = place.start(form({ release: asInput(release!) }));
            await refused.ended;
            const job = stack === "prod" ? "production / deploy" : "staging / deploy";
            assert.equal(stepsOf(refused, job)["Judge the evidence"], "failure");
            for (const start of [
                "pulumi up",
                "aws ecr put-image",
                "npx release admit",
                "npx release rollback",
                "node build/",
            ])
                assert.deepEqual(calledWith(place, start), [], start);
            assert.equal(place.stateOf("branch"), earlier!.commit);
        });

    it("should end at a mistake in its inputs, before it waits for anything", async () => {
        const place = open({ file: "production.yml", programs, state: running });
        const wrong = place.start(form({ release: "{}" }));
        await wrong.ended;
        assert.equal(wrong.jobs.get("production / inputs")!.result, "failure");
        for (const job of ["soak", "page", "approval", "deploy", "ended"])
            assert.equal(wrong.jobs.get(`production / ${job}`)!.result, "skipped", job);
        assert.deepEqual(place.timers, []);
    });

    it("should go on from a page that failed when the failed jobs are repeated, with nothing done twice", async () => {
        const place = open({ file: "delivery.yml", programs, state: { ...running, "soak-fails": "" } });
        const again = place.start(form({ release: asInput(release!) }));
        await again.ended;
        assert.equal(again.jobs.get("production / page")!.result, "failure");
        assert.equal(again.jobs.get("production / deploy")!.result, "skipped");
        place.putState("soak-fails");
        await again.rerun("failed");
        assert.equal(again.conclusion, "success", place.lines.join("\n"));
        assert.equal(again.jobs.get("production / soak")!.attempt, 1);
        assert.equal(calledWith(place, "pulumi up --stack staging").length, 1);
        assert.equal(calledWith(place, "pulumi up --stack prod").length, 1);
    });
});
