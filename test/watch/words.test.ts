import * as assert from "node:assert/strict";
import { describeStep } from "../../release/watch/steps";
import { duration, limitOf, measured, secondsOf } from "../../release/watch/words";

describe("the words of following", () => {
    it("says durations", () => {
        assert.deepEqual([0, 59.6, 600, 570, 3600, 3661].map(duration), [
            "0 s",
            "1 min",
            "10 min",
            "9 min 30 s",
            "1 h",
            "1 h 1 min 1 s",
        ]);
    });

    it("reads Argo's durations", () => {
        assert.deepEqual([90, "90", "10m", "1h30m", "1.5m", undefined, "soon"].map(secondsOf), [
            90,
            90,
            600,
            5400,
            90,
            undefined,
            undefined,
        ]);
    });

    it("reads measured values", () => {
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

    it("says limits in words where they compare with one number, else as they are written", () => {
        assert.equal(limitOf("result[0] <= 0.005", undefined), "at most 0.005");
        assert.equal(limitOf("len(result) > 0 && result[0] < 20", undefined), "below 20");
        assert.equal(limitOf("result >= 0.95", "result < 0.9"), "at least 0.95");
        assert.equal(limitOf(undefined, "result[0] > 0.01"), "at most 0.01");
        assert.equal(limitOf("result[0] < 1 && result[1] > 2", undefined), "result[0] < 1 && result[1] > 2");
        assert.equal(limitOf("all(result, # < 1)", undefined), "all(result, # < 1)");
        assert.equal(limitOf(undefined, "any(result, # > 1)"), "not any(result, # > 1)");
        assert.equal(limitOf(undefined, undefined), undefined);
    });

    it("describes steps, also those that the release has none of", () => {
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
