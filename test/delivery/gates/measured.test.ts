import assert from "node:assert/strict";
import { limitCases } from "./support/all-cases";
import { messageOf, type Column } from "./support/cases";
import { gateNamed, outcomeOf } from "./support/world";

const places: Readonly<Record<Column, string>> = {
    pass: " (a good release)",
    "just below": " (just below the limit)",
    at: " (at the limit)",
    "just above": " (just above the limit)",
    other: "",
};

for (const gate of new Set(limitCases.map((one) => one.gate)))
    describe(`The gate ${gate}`, () => {
        for (const one of limitCases.filter((some) => some.gate === gate)) {
            it(`should ${one.status} for: ${one.title}${places[one.column]}`, () => {
                const { status, message } = outcomeOf(gateNamed(gate), one);
                assert.deepEqual({ status, message }, { status: one.status, message: messageOf(one) });
            });
        }
    });
