import * as assert from "node:assert/strict";
import { needsOf, play, type Situation } from "./conditions";
import { caller, jobs, reusable, shortName } from "./files";

describe("The conditions of jobs", () => {
    it("should say what must have succeeded, since GitHub's own condition looks at skipped jobs as well", () => {
        const judged = jobs.filter(({ job }) => needsOf(job).length > 0);
        assert.ok(judged.length >= 12);
        for (const { file, id, job } of judged) {
            const place = `${shortName(file)} ${id}`;
            assert.ok(job.if, `${place} has no condition`);
            assert.match(job.if, /\b(always|cancelled)\(\)/, `${place} begins with GitHub's own success()`);
            assert.doesNotMatch(job.if, /\b(success|failure)\(\)/, place);
            for (const [, named] of job.if.matchAll(/\bneeds\.([\w-]+)/g))
                assert.ok(needsOf(job).includes(named!), `${place} does not need ${named}`);
        }
    });
});

describe("The jobs of a deployment", () => {
    it("should hold the lock of the environment in no job that waits for a person or a timer", () => {
        const { jobs: all } = reusable("deploy.yml");
        const locking = Object.entries(all).filter(([, { concurrency }]) => concurrency);
        assert.deepEqual(
            locking.map(([id, { concurrency }]) => [id, concurrency!.group]),
            [["deploy", "deploy-${{ inputs.environment }}"]],
        );
        assert.equal(all.approval!.environment!.name, "production");
        assert.equal(all.soak!.environment!.name, "staging-soak");
        for (const [id] of locking)
            assert.doesNotMatch(
                all[id]!.environment!.name,
                /'production'|staging-soak/,
                "it would wait under the lock",
            );
    });
});

describe("The jobs of the gateway", () => {
    const played = (situation: Situation) => play(caller, situation);

    it("should release a push whose checks pass, and only check a pull request", () => {
        assert.deepEqual(played({}), {
            ci: "success",
            checks: "success",
            publish: "success",
            red: "skipped",
            staging: "success",
            production: "success",
        });
        const pull = played({ event: "pull_request" });
        assert.deepEqual(
            [pull.checks, pull.publish, pull.red, pull.staging],
            ["success", "skipped", "skipped", "skipped"],
        );
    });

    it("should report the checks when some of them have failed, release nothing, and tell that main is red", () => {
        for (const ends of [{ ci: "failure", checks: "failure" }, { publish: "failure" }] as const) {
            const ended = played({ ends });
            assert.deepEqual([ended.red, ended.staging, ended.production], ["success", "skipped", "skipped"]);
        }
        const pull = played({ event: "pull_request", ends: { ci: "failure", checks: "failure" } });
        assert.deepEqual([pull.checks, pull.red], ["failure", "skipped"]);
    });

    it("should not go to production when staging failed", () => {
        assert.equal(played({ ends: { staging: "failure" } }).production, "skipped");
    });

    it("should publish nothing of which a part was not built", () => {
        const publish = (ends: Situation["ends"]) => play(reusable("publish.yml"), { ends: ends ?? {} });
        assert.ok(Object.values(publish({})).every((result) => result === "success"));
        for (const failed of ["tag", "images", "assets"])
            assert.equal(publish({ [failed]: "failure" }).push, "skipped");
        assert.equal(publish({ push: "failure" }).evidence, "skipped");
    });
});
