import assert from "node:assert/strict";
import { limitCases } from "./support/all-cases";
import { messageOf } from "./support/cases";
import { gateNamed, outcomeOf } from "./support/world";

describe("gates, each against its limit", () => {
    for (const one of limitCases) {
        it(`${one.gate}: ${one.title} (${one.column}) is ${one.status}`, () => {
            const { status, message } = outcomeOf(gateNamed(one.gate), one);
            assert.deepEqual({ status, message }, { status: one.status, message: messageOf(one) });
        });
    }
});
