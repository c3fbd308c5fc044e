import assert from "node:assert/strict";
import { gates } from "../../../delivery/gates";
import { items } from "../../../delivery/evidence/items";
import { spoiledItems } from "./support/spoilings";
import { outcomeOf } from "./support/world";

for (const gate of gates)
    describe(`The gate ${gate.id}`, () => {
        for (const { spoiling, item } of spoiledItems(gate)) {
            it(`should fail when its ${item} evidence is ${spoiling.defect}`, () => {
                const outcome = outcomeOf(gate, { spoilers: spoiling.spoil(item) });
                const start = `${gate.title}: ${items[item].title} evidence `;
                const end = ` (accepted: ${gate.threshold}).`;
                assert.equal(outcome.status, "fail", outcome.message);
                assert.equal(outcome.measured, "unknown");
                assert.ok(outcome.message.startsWith(start) && outcome.message.endsWith(end), outcome.message);
                const said = outcome.message.slice(start.length, -end.length);
                const problem = spoiling.problem(item);
                if (typeof problem === "string") assert.equal(said, problem);
                else assert.match(said, problem);
            });
        }
    });
