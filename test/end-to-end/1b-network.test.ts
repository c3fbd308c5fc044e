import * as assert from "node:assert/strict";
import { wrongIn } from "./network";
import * as world from "./world";

describe("The network of staging", () => {
    it("should let pass what the table says, and nothing else", async () => {
        assert.deepEqual(await wrongIn("staging"), []);
    });

    it("should be seen open where policies were deleted by hand, until the next update", async () => {
        await world.kubectl("delete", "networkpolicy", "default-deny", "name-resolution");
        const open = (await wrongIn("staging")).join("\n");
        for (const one of ["frontend → database", "frontend → kubernetes-api", "frontend → metadata"])
            assert.match(open, new RegExp(`^${one} \\([\\d.:]+\\) is open: connected$`, "m"));
        // Nothing listens there: the pod itself refuses.
        assert.match(open, /^prometheus → smoke-tests \([\d.:]+\) is open: ECONNREFUSED$/m);
        assert.match(open, /^outside → smoke-tests \([\d.:]+\) is open: ECONNREFUSED$/m);

        const repaired = await world.up({}, "--refresh");
        assert.equal(repaired.exitCode, 0, repaired.output);
        assert.deepEqual(await wrongIn("staging"), []);
    });
});
