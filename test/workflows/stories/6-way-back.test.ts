import * as assert from "node:assert/strict";
import { form } from "../../sandbox/runner/support";
import { asInput, calledWith, programs, releases, running, slack } from "../environments";
import { open, stepsOf, type World } from "../world";

const [earlier, release] = releases;

const job = "production / deploy";

describe("Story 6: the way back", function () {
    this.timeout(120_000);

    const worldWith = (fault?: string, file = "production.yml") =>
        open({
            file,
            programs,
            state: {
                ...running,
                ...(file === "production.yml" && { staging: release!.version }),
                ...(fault !== undefined && { [fault]: "" }),
            },
        });

    async function deployed(world: World) {
        const run = world.start(form({ release: asInput(release!) }));
        await run.ended;
        return run;
    }

    for (const [fault, what] of [
        ["up-fails-prod", "update"],
        ["smoke-fails-prod", "smoke tests"],
    ] as const)
        it(`should lead back by itself after a failed ${what} of production, once that is attested`, async () => {
            const world = worldWith(fault);
            const run = await deployed(world);
            assert.equal(run.jobs.get(job)!.result, "failure");
            const order = [
                "npx release observe migration --stack prod ",
                "npx release fetch --stack prod ",
                `npx release rollback --stack prod --releases releases --yes --from ${release!.version}`,
                `aws s3 sync --only-show-errors evidence s3://artifacts-evidence-id/${release!.version}/`,
                "slack ",
            ].map((start) => world.calls().findLastIndex((line) => line.startsWith(start)));
            assert.ok(!order.includes(-1), `${order.join(" ")}\n${world.calls().join("\n")}`);
            assert.deepEqual(
                order,
                [...order].sort((a, b) => a - b),
            );
            assert.equal(world.stateOf("cluster-prod"), earlier!.version);
            assert.deepEqual(calledWith(world, "npx release admit"), []);
            assert.equal(slack(world).at(-1), `RelayPACS ${release!.version} to prod: failure, went back.`);
        });

    it("should change nothing when the update was refused before it changed anything", async () => {
        const world = worldWith("up-refused-prod");
        const run = await deployed(world);
        assert.equal(run.jobs.get(job)!.result, "failure");
        assert.equal(stepsOf(run, job)["Roll back"], "success");
        assert.deepEqual(calledWith(world, "npx release rollback"), []);
        assert.equal(slack(world).at(-1), `RelayPACS ${release!.version} to prod: failure.`);
    });

    it("should leave a failed release in staging, and bring it no further", async () => {
        const world = worldWith("smoke-fails-staging", "delivery.yml");
        const run = await deployed(world);
        assert.equal(stepsOf(run, "staging / deploy")["Attest the deployment"], "success");
        assert.equal(stepsOf(run, "staging / deploy")["Move the branch staging"], "skipped");
        assert.equal(run.jobs.get("production")!.result, "skipped");
        assert.deepEqual([...calledWith(world, "npx release rollback"), ...calledWith(world, "npx release admit")], []);
        assert.equal(world.stateOf("staging"), release!.version);
    });

    const rollback = async (world: World, inputs: Readonly<Record<string, unknown>>) => {
        const run = world.start(form(inputs), "rollback.yml");
        await run.ended;
        return run;
    };

    it("should be open by hand in production, without an approval, by the role for that", async () => {
        const world = worldWith();
        await deployed(world);
        assert.equal(world.stateOf("prod"), release!.version);
        const run = await rollback(world, { environment: "prod", version: earlier!.version });
        assert.equal(run.conclusion, "success", world.lines.join("\n"));
        assert.deepEqual(run.reviews, []);
        assert.equal(world.roles.at(-1), "relaypacs-rollback-prod");
        assert.equal(world.stateOf("prod"), earlier!.version);
        assert.equal(stepsOf(run, "rollback / rollback")["Deploy the present release again"], "skipped");
        assert.equal(slack(world).at(-1), `RelayPACS prod back to ${earlier!.version}: success.`);
    });

    it("should be rehearsed in staging, which then runs the present release again", async () => {
        const world = worldWith(undefined, "staging.yml");
        await deployed(world);
        const run = await rollback(world, { environment: "staging", rehearse: true });
        assert.equal(run.conclusion, "success", world.lines.join("\n"));
        assert.deepEqual(
            calledWith(world, "npx release rollback").map((line) => line.replace("npx release rollback ", "")),
            [
                "--stack staging --releases releases --yes",
                `--stack staging --releases releases --yes --to ${release!.version} --from ${earlier!.version}`,
            ],
        );
        assert.equal(calledWith(world, "npx release attest rehearsal ").length, 1);
        assert.equal(calledWith(world, "aws s3 cp --recursive --only-show-errors rehearsals s3://").length, 1);
        assert.equal(world.stateOf("staging"), release!.version);
    });

    it("should lead forward again, and be signed as failed, when the rehearsed way back fails", async () => {
        const world = worldWith(undefined, "staging.yml");
        await deployed(world);
        world.putState("rollback-fails-staging", "");
        const run = await rollback(world, { environment: "staging", rehearse: true });
        assert.equal(run.conclusion, "failure");
        const steps = stepsOf(run, "rollback / rollback");
        assert.equal(steps["Roll back"], "failure");
        assert.equal(steps["Attest the outcome of the rehearsal"], "success");
        assert.equal(steps["Deploy the present release again"], "success");
        assert.equal(world.stateOf("staging"), release!.version);
        assert.equal(slack(world).at(-1), "RelayPACS staging back to an earlier release: failure.");
    });

    it("should refuse any other environment", async () => {
        const run = await rollback(worldWith(), { environment: "test" });
        assert.equal(run.conclusion, "startup_failure");
        assert.match(run.problem!, /is "test"; accepted: staging, prod\.$/);
    });
});
