import * as assert from "node:assert/strict";
import { execa } from "execa";
import { projectRoot } from "../../sandbox/machine/instance";
import * as world from "./world";

describe("An update that was killed halfway", () => {
    it("should be completed by the next update", async () => {
        const release = await world.publish("1.4.0");
        const update = execa("pulumi", ["up", "--yes", "--skip-preview", "--stack", "staging", "--non-interactive"], {
            cwd: projectRoot,
            env: world.variables({ release }),
            all: true,
            reject: false,
            stdin: "ignore",
        });
        // When the Deployment has the new image, the rollout has begun and is far from its end.
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
