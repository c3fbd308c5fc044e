import * as assert from "node:assert/strict";
import { secondsLeft, secondsOf, type Advance } from "../../../sandbox/machine/estimate";

const plan = [
    { title: "programs", after: [], expected: 600 },
    { title: "network", after: [], expected: 10 },
    { title: "cluster", after: ["programs", "network"], expected: 30 },
    { title: "cloud", after: ["network"], expected: 20 },
];

const left = (advances: Readonly<Record<string, Advance>>, now: number) =>
    secondsLeft(plan, new Map(Object.entries(advances)), now);

describe("The estimate of the time that is left", () => {
    it("should share CPU time among the cores and not the waiting", () => {
        assert.equal(secondsOf({ cpu: 120, wait: 30 }, 2), 90);
        assert.equal(secondsOf({ cpu: 120, wait: 30 }, 8), 45);
        assert.equal(secondsOf({}, 2), 0);
    });

    it("should be the longest way through steps that wait for each other", () => {
        assert.equal(left({}, 0), 630);
        assert.equal(left({ programs: { started: 0, ended: 1 } }, 1), 40);
        assert.equal(secondsLeft([], new Map(), 0), 0);
    });

    it("should sink by the time that has passed", () => {
        assert.equal(left({ programs: { started: 0 } }, 200), 430);
    });

    it("should never be zero while a step runs that takes longer than expected", () => {
        assert.equal(left({ programs: { started: 0 } }, 700), 70 + 30);
    });

    it("should trust what a step says about itself the more, the further it is", () => {
        // Half is done after 600 seconds, so as long is left, whatever was expected.
        const half = left({ programs: { started: 0, done: 0.5 } }, 600);
        assert.ok(half > 300 && half < 630, String(half));
        const almost = left({ programs: { started: 0, done: 0.99 } }, 990);
        assert.ok(almost > 30 + 9 && almost < 30 + 12, String(almost));
        assert.equal(left({ programs: { started: 0, done: 0 } }, 100), 530);
    });
});
