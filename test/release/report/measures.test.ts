import * as assert from "node:assert/strict";
import { gates, stricterLimits } from "../../../delivery/gates";
import type { ItemName, ItemPredicate } from "../../../delivery/evidence/items";
import { keyRing } from "../../../delivery/evidence/keys";
import { verifyEvidence } from "../../../delivery/evidence/verify";
import { isWithin, measuresOf, type Find, type Measure } from "../../../release/report/measures";
import { limitCases } from "../../delivery/gates/support/all-cases";
import type { LimitCase } from "../../delivery/gates/support/cases";
import { now as exampleNow } from "../../delivery/gates/support/contents";
import { evidence, gateNamed, keys, outcomeOf } from "../../delivery/gates/support/world";

/** The page's bars for a case of the gates' tests, with the result of the gate. */
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

describe("The bars of the approver's page", () => {
    const withBars = new Set<string>();

    for (const one of limitCases) {
        it(`should agree with ${one.gate}: ${one.column}, ${one.title}`, () => {
            const { measures, status, known } = measured(one);
            for (const measure of measures) {
                withBars.add(one.gate);
                assert.ok(known);
                assert.ok(measure.value >= 0 && measure.value <= measure.end, JSON.stringify(measure));
                assert.ok(measure.limit > 0 && measure.limit <= measure.end, JSON.stringify(measure));
                // A gate does not pass what a bar shows beyond its limit.
                if (status === "pass") assert.ok(isWithin(measure), JSON.stringify(measure));
            }
            // A value beyond its limit warns or fails.
            const beyond = measures.some((measure) => !isWithin(measure));
            if (beyond) assert.notEqual(status, "pass");
        });
    }

    it("should show on which side of the limit each value is", () => {
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

    it("should exist for every gate whose limit is a number", () => {
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
