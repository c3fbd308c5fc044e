import * as assert from "node:assert/strict";
import { elapsedSeconds, formatSeconds, parseSeconds } from "../../../delivery/core/time";

describe("Durations", () => {
    const written: readonly (readonly [number, string])[] = [
        [0, "0 s"],
        [-3, "0 s"],
        [0.6, "0.6 s"],
        [59.6, "59.6 s"],
        [184.25, "3 min 4.25 s"],
        [570, "9 min 30 s"],
        [600, "10 min"],
        [3600, "1 h"],
        [3661, "1 h 1 min 1 s"],
        [14_399, "3 h 59 min 59 s"],
        [183_600, "2 d 3 h"],
    ];
    for (const [seconds, text] of written)
        it(`should be written as "${text}" when they last ${seconds} seconds`, () => {
            assert.equal(formatSeconds(seconds), text);
        });

    const read: readonly (readonly [unknown, number | undefined])[] = [
        [90, 90],
        ["90", 90],
        ["0", 0],
        ["500ms", 0.5],
        ["30s", 30],
        ["10m", 600],
        ["1h30m", 5400],
        ["1.5m", 90],
        ["15d", 1_296_000],
        ["1w", 604_800],
        ["1y", 31_536_000],
        ["", undefined],
        ["soon", undefined],
        ["10 m", undefined],
        ["-5s", undefined],
        ["5", 5],
        ["m", undefined],
        [undefined, undefined],
        [null, undefined],
        [{}, undefined],
    ];
    for (const [given, seconds] of read)
        it(`should be read as ${seconds ?? "no duration"} from ${JSON.stringify(given) ?? "nothing"}`, () => {
            assert.equal(parseSeconds(given), seconds);
        });

    it("should be counted between two moments, negative when the second is the earlier one", () => {
        assert.equal(elapsedSeconds("2026-01-14T18:00:00Z", "2026-01-14T18:00:01.500Z"), 1.5);
        assert.equal(elapsedSeconds("2026-01-14T18:00:01Z", "2026-01-14T18:00:00Z"), -1);
    });
});
