import * as assert from "node:assert/strict";
import { guardrails } from "../../../policies/guardrails";
import { isRefused, type Attack } from "./attack";
import { attacks } from "./table";

const all = Object.values(attacks).flat();

describe("Attacks on the policy pack", function () {
    this.timeout(60_000);

    it("should be at least 400, each of its own title", () => {
        assert.ok(all.length >= 400, `${all.length} attacks`);
        assert.equal(new Set(all.map(({ title }) => title)).size, all.length);
    });

    for (const [group, list] of Object.entries(attacks)) {
        it(`should be refused in the expected words: ${group}`, async () => {
            const passed: string[] = [];
            for (const attack of list) if (!(await isRefused(attack))) passed.push(attack.title);
            assert.deepEqual(passed, []);
        });
    }

    it("should be noticed for each rule that is missing", async () => {
        const rules = new Map<string, Attack>(all.map((attack) => [attack.refusedBy, attack]));
        assert.ok(rules.size >= 50, `${rules.size} rules`);
        for (const [rule, attack] of rules) {
            const weaker = guardrails.filter(({ name }) => name !== rule);
            assert.equal(weaker.length, guardrails.length - 1, rule);
            assert.equal(await isRefused(attack, weaker), false, rule);
        }
    });

    it("should be noticed for each rule that only warns", async () => {
        const [attack] = attacks["Types that no rule knows"] ?? [];
        const warning = guardrails.map((policy) => ({ ...policy, enforcementLevel: "advisory" as const }));
        assert.equal(await isRefused(attack!, warning), false);
    });
});
