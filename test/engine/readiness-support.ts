import * as assert from "node:assert/strict";
import { ruleFor } from "../../sandbox/engine/kubernetes/readiness/rules";
import type { Related, Verdict } from "../../sandbox/engine/kubernetes/readiness/verdict";
import type { Bag } from "../../sandbox/engine/kubernetes/values";

export function judge(object: Bag, related: Related = {}): Verdict {
    const rule = ruleFor(object);
    assert.ok(rule, `no rule for ${String(object.kind)}`);
    return rule.judge(object, related);
}

export const assertReady = (object: Bag, related?: Related): void => {
    assert.deepEqual(judge(object, related), { state: "ready" });
};
export const assertWaiting = (message: string, object: Bag, related?: Related): void => {
    assert.deepEqual(judge(object, related), { state: "waiting", message });
};
