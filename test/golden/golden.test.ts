import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { goldenFile, goldenStacks, registeredBy } from "./registered";

describe("The resources that the program registers", function () {
    this.timeout(60_000);
    for (const stack of goldenStacks)
        it(`should be those of test/golden/${stack}.yaml (after a change that is meant: "make golden")`, async () => {
            assert.equal(await registeredBy(stack), fs.readFileSync(goldenFile(stack), "utf8"));
        });
});
