import * as assert from "node:assert/strict";
import { describeStep } from "../../../delivery/rollouts/steps";
import { limitOf, measured } from "../../../delivery/rollouts/wording";

describe("The wording of a followed rollout", () => {
    it("should read measured values", () => {
        const values = ["[0.0123456]", "[NaN]", "[]", "", undefined, "[0.1,20]", "0.5", "map[a:1]"];
        const said = [
            "0.01235",
            "no data, 0 divided by 0",
            "no data",
            "no data",
            "no data",
            "[0.1,20]",
            "0.5",
            "map[a:1]",
        ];
        assert.deepEqual(values.map(measured), said);
    });

    it("should put limits in words where they compare with one number, else as they are written", () => {
        assert.equal(limitOf("result[0] <= 0.005", undefined), "at most 0.005");
        assert.equal(limitOf("len(result) > 0 && result[0] < 20", undefined), "below 20");
        assert.equal(limitOf("result >= 0.95", "result < 0.9"), "at least 0.95");
        assert.equal(limitOf(undefined, "result[0] > 0.01"), "at most 0.01");
        assert.equal(limitOf("result[0] < 1 && result[1] > 2", undefined), "result[0] < 1 && result[1] > 2");
        assert.equal(limitOf("all(result, # < 1)", undefined), "all(result, # < 1)");
        assert.equal(limitOf(undefined, "any(result, # > 1)"), "not any(result, # > 1)");
        assert.equal(limitOf(undefined, undefined), undefined);
    });

    it("should describe steps, including kinds that the release does not use", () => {
        const steps = [
            { setCanaryScale: { weight: 25 } },
            { setCanaryScale: { replicas: 3 } },
            { setCanaryScale: { matchTrafficWeight: true } },
            { pause: {} },
            { setMirrorRoute: { name: "mirror" } } as object,
            {},
        ];
        assert.deepEqual(steps.map(describeStep), [
            "25 % of green's pods",
            "3 pods of green beside blue",
            "as many pods of green as its traffic needs",
            "wait until someone promotes",
            "setMirrorRoute",
            "an empty step",
        ]);
    });
});
