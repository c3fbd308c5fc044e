import * as assert from "node:assert/strict";
import { examples, ago, exampleNow, exampleRelease } from "../../../docs/generate/evidence-examples";
import { duties, dutyNames, mayState, signingKeyAlias, type Duty } from "../../../delivery/evidence/duties";
import { items, type ItemName } from "../../../delivery/evidence/items";
import { keyRing } from "../../../delivery/evidence/keys";
import type { Predicate } from "../../../delivery/evidence/predicates";
import { createStatement } from "../../../delivery/evidence/statement";
import { verifyEvidence } from "../../../delivery/evidence/verify";
import { seal, trust, trusted } from "../gates/support/world";

const names = Object.keys(items) as ItemName[];
const holders = (item: ItemName) => dutyNames.filter((duty) => mayState(duty, item));

function stated(item: ItemName, duty: Duty) {
    const services = items[item].scope === "each-image" ? ["backend"] : Object.keys(exampleRelease.images);
    const options = { issuedAt: ago(0), services };
    const made = createStatement(items[item].predicate, examples[item] as Predicate, exampleRelease, options);
    const ring = keyRing([trust(trusted, { duty })]);
    return verifyEvidence({ source: "a.json", envelope: seal(JSON.stringify(made)) }, ring, exampleNow);
}

describe("Duties", () => {
    it("should cover every item, and name none twice", () => {
        assert.deepEqual(
            names.filter((item) => holders(item).length === 0),
            [],
        );
        for (const duty of dutyNames)
            assert.deepEqual(
                duties[duty],
                names.filter((item) => mayState(duty, item)),
                duty,
            );
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
            ["restore-rehearsal", "staging"],
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
                const evidence = stated(item, duty);
                assert.equal(evidence.ok, mayState(duty, item), item);
                if (evidence.ok) continue;
                assert.equal(evidence.reason, "not-entitled");
                assert.equal(
                    evidence.problem,
                    `is signed by key ${trusted.id.slice(0, 12)}, which has the duty ${duty} and may not state ${item}; it may state ${duties[duty].join(", ")}`,
                );
            }
        });

    it("should be named by the aliases of their keys", () => {
        assert.deepEqual(dutyNames.map(signingKeyAlias), [
            "alias/relaypacs-evidence-pipeline",
            "alias/relaypacs-evidence-staging",
            "alias/relaypacs-evidence-production",
        ]);
    });
});
