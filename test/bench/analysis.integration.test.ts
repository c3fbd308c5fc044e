import * as assert from "node:assert/strict";
import { compile } from "../../sandbox/stacks/stack";
import { analyzedSizes, analyzeWithPack, growth, maximumGrowth, perResource, smallestSize } from "./analysis";

/** Seconds of CPU time that the pack may use for the largest stack; an idle machine of today takes about a third. */
const maximumCpu = 30;

describe("The benchmark of judging a whole stack", () => {
    it("should leave out the cost of a start when it compares resources", () => {
        const start = { resources: 10, cpu: 1, wall: 1 };
        const [small, large] = [
            { resources: 110, cpu: 1.5, wall: 2 },
            { resources: 1010, cpu: 8.5, wall: 9 },
        ];
        assert.equal(perResource(small, start), 0.005);
        assert.equal(growth(start, small, large), 1.5);
    });

    it("should find that the pack costs the same per resource in a small and in a large stack", async function () {
        this.timeout(300_000);
        await compile(() => undefined);
        const start = await analyzeWithPack(smallestSize);
        const [smallest, , largest] = analyzedSizes;
        const [small, large] = [await analyzeWithPack(smallest!), await analyzeWithPack(largest!)];
        const measured = JSON.stringify([start, small, large]);
        assert.ok(large.cpu <= maximumCpu, `${large.cpu} s of CPU time for ${large.resources} resources`);
        assert.ok(growth(start, small, large) <= maximumGrowth, measured);
    });
});
