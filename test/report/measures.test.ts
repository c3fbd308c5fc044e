import * as assert from "node:assert/strict";
import { gates, stricterLimits } from "../../policies/gates";
import type { ItemName, ItemPredicate } from "../../release/evidence/items";
import { keyRing } from "../../release/evidence/keys";
import { verifyEvidence } from "../../release/evidence/verify";
import { isWithin, measuresOf, type Find, type Measure } from "../../release/report/measures";
import { limitCases } from "../gates/support/all-cases";
import type { LimitCase } from "../gates/support/cases";
import { now as exampleNow } from "../gates/support/contents";
import { evidence, gateNamed, keys, outcomeOf } from "../gates/support/world";

/** What the page's bars show for a case of the gates' own tests, and what the gate says. */
function measured(one: LimitCase): { measures: Measure[]; status: string; known: boolean } {
    const outcome = outcomeOf(gateNamed(one.gate), one);
    const now = one.now ?? exampleNow;
    const ring = keyRing(keys);
    const counted = new Set(outcome.evidence.map(({ sha256 }) => sha256));
    const verified = evidence(one.spoilers, gateNamed(one.gate).needs)
        .map((file) => verifyEvidence(file, ring, now))
        .filter((file) => file.ok)
        .filter(({ sha256 }) => counted.has(sha256));
    const find: Find = <Item extends ItemName>(item: Item) =>
        verified.find((file) => file.item === item)?.predicate as ItemPredicate<Item> | undefined;
    const measures = measuresOf(outcome, find, stricterLimits(one.limits), now);
    return { measures, status: outcome.status, known: outcome.measured !== "unknown" };
}

describe("the bars of the approver's page", () => {
    const withBars = new Set<string>();

    for (const one of limitCases) {
        it(`agree with ${one.gate}: ${one.column}, ${one.title}`, () => {
            const { measures, status, known } = measured(one);
            for (const measure of measures) {
                withBars.add(one.gate);
                assert.ok(known);
                assert.ok(measure.value >= 0 && measure.value <= measure.end, JSON.stringify(measure));
                assert.ok(measure.limit > 0 && measure.limit <= measure.end, JSON.stringify(measure));
                // What a bar shows beyond its limit, no gate lets pass without a word.
                if (status === "pass") assert.ok(isWithin(measure), JSON.stringify(measure));
            }
            // Just beyond a limit, the bar shows that it is beyond, where it is about that limit.
            const beyond = measures.some((measure) => !isWithin(measure));
            if (beyond) assert.notEqual(status, "pass");
        });
    }

    it("show the side of the limit on which each number is", () => {
        const sides = (gate: string, column: LimitCase["column"]) =>
            limitCases
                .filter((one) => one.gate === gate && one.column === column)
                .map((one) => measured(one))
                .filter(({ measures }) => measures.length > 0)
                .map(({ measures, status }) => [status !== "pass", measures.some((measure) => !isWithin(measure))]);
        for (const gate of [
            "unit-coverage-backend",
            "unit-coverage-frontend",
            "end-to-end-duration",
            "health-response",
        ]) {
            for (const column of ["just below", "at", "just above"] as const) {
                const found = sides(gate, column);
                assert.ok(found.length > 0, `${gate}: ${column}`);
                for (const [refused, beyond] of found) assert.equal(beyond, refused, `${gate}: ${column}`);
            }
        }
    });

    it("are there for every gate whose limit is a number", () => {
        assert.deepEqual(
            gates.map(({ id }) => id).filter((id) => withBars.has(id)),
            [
                "type-coverage",
                "unit-tests",
                "unit-coverage-backend",
                "unit-coverage-frontend",
                "unit-test-duration",
                "integration-tests",
                "end-to-end-tests",
                "end-to-end-duration",
                "smoke-tests",
                "health-response",
                "staging-soak",
                "rollback-plan",
                "incident-count",
                "hotfix-size",
            ],
        );
    });
});
