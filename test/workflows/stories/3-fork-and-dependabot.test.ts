import * as assert from "node:assert/strict";
import { play, pullRequest, type Story } from "../world";

const dependabot = "dependabot[bot]";

describe("Story 3: pull requests of a fork and of Dependabot", function () {
    this.timeout(120_000);

    const gateway = pullRequest("relaypacs/gateway");
    const events = {
        "a fork": pullRequest("relaypacs/gateway", { from: "stranger/gateway" }),
        Dependabot: { ...gateway, actor: dependabot },
    };
    for (const [who, event] of Object.entries(events))
        it(`should run every check of the gateway for ${who}, with no secret, role or environment`, async () => {
            const { run, roles, lines } = await play({
                file: "ci-cd.yml",
                event,
                answers: { "trivy image": "printenv | sort" },
            });
            assert.equal(run.conclusion, "success", lines.join("\n"));
            assert.deepEqual(roles, []);
            assert.deepEqual(
                [...run.jobs.values()].filter(({ environment }) => environment !== undefined),
                [],
            );
            assert.equal(run.jobs.get("publish")!.result, "skipped");
            const variables = lines.filter((line) => line.startsWith("ci / security-scan: "));
            assert.ok(variables.length > 20);
            assert.deepEqual(
                variables.filter((line) => /secret-|\*\*\*|TOKEN/.test(line)),
                [],
            );
        });

    const platform = (event: Story["event"]) =>
        play({ repository: "relaypacs/platform", file: "pull-request.yml", event });

    it("should preview nothing of a fork, nor of Dependabot, which has no token for it, and ask no approver", async () => {
        const own = pullRequest("relaypacs/platform");
        for (const event of [
            pullRequest("relaypacs/platform", { from: "stranger/platform" }),
            { ...own, actor: dependabot },
        ]) {
            const { results, roles, run } = await platform(event);
            assert.equal(results().preview, "skipped");
            assert.equal(results().test, "success");
            assert.deepEqual(run.reviews, []);
            assert.deepEqual(roles, []);
        }
    });
});
