import assert from "node:assert/strict";
import { gates } from "../../../delivery/gates";
import { isRefused, type Attack } from "./attack";
import { evidenceAttacks } from "./table";

const all = Object.values(evidenceAttacks).flat();

describe("Attacks on the gates by evidence", function () {
    this.timeout(120_000);

    it("should be at least 300, each of its own title", () => {
        assert.ok(all.length >= 300, `${all.length} attacks`);
        const titles = all.map(({ title }) => title);
        assert.deepEqual(
            titles.filter((title, index) => titles.indexOf(title) !== index),
            [],
        );
    });

    it("should try every blocking gate before production by what it measures", () => {
        const measuring = Object.entries(evidenceAttacks)
            .filter(([group]) => group !== "Evidence that does not count")
            .flatMap(([, list]) => list.map(({ refusedBy }) => refusedBy));
        const untried = gates.filter(
            ({ checkpoints, id, level }) =>
                level === "blocking" && checkpoints.includes("production") && !measuring.includes(id),
        );
        assert.deepEqual(
            untried.map(({ id }) => id),
            [],
        );
    });

    for (const [group, list] of Object.entries(evidenceAttacks)) {
        it(`should be refused in the expected words: ${group}`, () => {
            const passed = list.filter((one) => !isRefused(one)).map(({ title }) => title);
            assert.deepEqual(passed, []);
        });
    }

    it("should be told from good evidence", () => {
        const good: Attack = {
            title: "a good release",
            spoilers: {},
            files: [],
            request: {},
            refusedBy: "code-lint",
            sentence: "",
        };
        assert.equal(isRefused(good), false);
        const [first] = all;
        assert.equal(isRefused({ ...first!, sentence: `${first!.sentence} ` }), false, "in other words");
        assert.equal(isRefused({ ...first!, refusedBy: "server-errors" }), false, "by another gate");
    });
});
