import * as assert from "node:assert/strict";
import * as path from "node:path";
import { projectRoot } from "../../sandbox/machine/instance";
import { answering } from "../support/reached";
import { compareLoading, loadingTasks } from "./loading";
import { measure } from "./measure";

describe("What starts cost", () => {
    it("should be measured of this project's program as a preview runs it, to its last resource", async () => {
        const { variables, close } = await answering();
        try {
            const { output } = await measure("node", [path.join(__dirname, "load-program.mjs"), projectRoot], {
                directory: projectRoot,
                environment: variables,
            });
            assert.match(output, /^[1-9]\d\d resources$/m);
        } finally {
            close();
        }
    });

    it("should be measured of each task, but for the tests themselves", async () => {
        for (const task of loadingTasks.filter(({ task }) => !task.includes("test-unit"))) {
            const once = { ...task, base: task.now, warmUp: false };
            const { base, now } = await compareLoading(
                once,
                { base: projectRoot, now: projectRoot },
                1,
                () => undefined,
            );
            for (const [cpu] of [base, now])
                assert.ok(cpu !== undefined && cpu > 0.1, `${task.task}: ${String(cpu)} s`);
        }
    });
});
