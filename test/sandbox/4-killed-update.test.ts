import * as assert from "node:assert/strict";
import { execa } from "execa";
import { projectRoot } from "../../sandbox/instance";
import * as world from "./world";

describe("an update killed half-way", () => {
    it("is finished by the next one", async () => {
        const release = await world.publish("1.4.0");
        const update = execa("pulumi", ["up", "--yes", "--skip-preview", "--stack", "staging", "--non-interactive"], {
            cwd: projectRoot,
            env: world.variables({ release }),
            all: true,
            reject: false,
            stdin: "ignore",
        });
        // The rollout has begun, and is far from its end, when the new image stands in the Deployment.
        let killed = false;
        update.all.on("data", (data: Buffer) => {
            if (!killed && /kubernetes:apps\/v1:Deployment.*backend.*updating/.test(data.toString())) {
                killed = true;
                process.kill(update.pid!, "SIGKILL");
            }
        });
        const { signal, all } = await update;
        assert.equal(signal, "SIGKILL", all);

        const refused = await world.up({ release });
        assert.notEqual(refused.exitCode, 0);
        assert.match(refused.output, /locked/);
        assert.equal((await world.pulumi(["cancel", "--yes"])).exitCode, 0);
        const finished = await world.up({ release });
        assert.equal(finished.exitCode, 0, finished.output);
        await world.assertRuns("1.4.0");
        const unchanged = await world.pulumi(["preview", "--refresh", "--expect-no-changes"], { release });
        assert.equal(unchanged.exitCode, 0, unchanged.output);
    });
});
