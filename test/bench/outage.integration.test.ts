import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../../sandbox/machine/instance";
import { modules, outageShare, type Outage } from "./outage";

describe("The comparison of a failing green", () => {
    it("should find in this project what its drills use", () => {
        const missing = Object.values(modules.now).filter((one) => !fs.existsSync(path.join(projectRoot, `${one}.ts`)));
        assert.deepEqual(missing, []);
    });

    it("should compare medians, and not what one bad run showed", () => {
        const felt = (...seconds: number[]): Outage[] =>
            seconds.map((one) => ({ drill: "crash", seconds: one, lost: 1 }));
        assert.equal(outageShare({ drill: "crash", base: felt(8, 17, 9), now: felt(1, 30, 3) }), 3 / 9);
    });
});
