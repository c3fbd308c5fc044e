import * as assert from "node:assert/strict";
import { examples, ago, exampleNow, exampleRelease } from "../../../docs/generate/evidence-examples";
import { duties, dutyNames, itemsOf, signingKeyAlias, type Duty } from "../../../delivery/evidence/duties";
import { items, type ItemName } from "../../../delivery/evidence/items";
import { keyRing } from "../../../delivery/evidence/keys";
import type { Predicate } from "../../../delivery/evidence/predicates";
import { createStatement } from "../../../delivery/evidence/statement";
import { verifyEvidence } from "../../../delivery/evidence/verify";
import { seal, trust, trusted } from "../gates/support/world";

const names = Object.keys(items) as ItemName[];
const may = (duty: Duty, item: ItemName) => (duties[duty] as readonly ItemName[]).includes(item);
const holders = (item: ItemName) => dutyNames.filter((duty) => may(duty, item));

function stated(item: ItemName, held: Duty[]) {
    const services = items[item].scope === "each-image" ? ["backend"] : Object.keys(exampleRelease.images);
    const options = { issuedAt: ago(0), services };
    const made = createStatement(items[item].predicate, examples[item] as Predicate, exampleRelease, options);
    const ring = keyRing([trust(trusted, { duties: held })]);
    return verifyEvidence({ source: "a.json", envelope: seal(JSON.stringify(made)) }, ring, exampleNow);
}

describe("Duties", () => {
    it("should cover every item, and name none twice", () => {
        assert.deepEqual(itemsOf(dutyNames), names);
        for (const duty of dutyNames) assert.equal(new Set(duties[duty]).size, duties[duty].length, duty);
    });

    it("should share no item, except the incidents that staging and production each count", () => {
        assert.deepEqual(
            names.filter((item) => holders(item).length > 1),
            ["incidents"],
        );
    });

    it("should keep what tests and builds, what runs in staging, and what production's approver stands behind apart", () => {
        for (const [item, holder] of [
            ["unit-backend", "pipeline"],
            ["e2e-critical", "pipeline"],
            ["smoke", "staging"],
            ["migration-staging", "staging"],
            ["rehearsal", "staging"],
            ["admission-staging", "staging"],
            ["migration-prod", "production"],
            ["approval", "production"],
            ["monitoring", "production"],
            ["admission-prod", "production"],
        ] as const)
            assert.deepEqual(holders(item), [holder], item);
    });

    for (const duty of dutyNames)
        it(`should let the key of ${duty} state its own items, and no other`, () => {
            for (const item of names) {
                const evidence = stated(item, [duty]);
                assert.equal(evidence.ok, may(duty, item), item);
                if (evidence.ok) continue;
                assert.equal(evidence.reason, "not-entitled");
                assert.equal(
                    evidence.problem,
                    `is signed by key ${trusted.id.slice(0, 12)}, which has the duty ${duty} and may not state ${item}; it may state ${itemsOf([duty]).join(", ")}`,
                );
            }
        });

    it("should add up for a key that has several", () => {
        assert.ok(stated("smoke", ["pipeline", "staging"]).ok);
        assert.ok(stated("unit-backend", ["pipeline", "staging"]).ok);
        const refused = stated("approval", ["pipeline", "staging"]);
        assert.match(refused.ok ? "" : refused.problem, /has the duties pipeline, staging and may not state approval/);
    });

    it("should be named by the aliases of their keys", () => {
        assert.deepEqual(dutyNames.map(signingKeyAlias), [
            "alias/relaypacs-evidence-pipeline",
            "alias/relaypacs-evidence-staging",
            "alias/relaypacs-evidence-production",
        ]);
    });
});
