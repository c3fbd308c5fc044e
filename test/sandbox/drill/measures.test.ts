import * as assert from "node:assert/strict";
import { changesOnly, secondsOf, secondsUntilLastAnswer, sharePercent } from "../../../sandbox/drill/measures";
import type { LoadRecord, LoadSecond } from "../../../sandbox/drill/load";

const second = (
    at: number,
    versions: Record<string, number>,
    failedVersions: Record<string, number> = {},
): LoadSecond => {
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0);
    return {
        type: "second",
        time: new Date(at * 1000).toISOString(),
        requests: sum(versions),
        failed: sum(failedVersions),
        retried: 0,
        statuses: {},
        versions,
        failedVersions,
        latencyMilliseconds: { median: 1, p99: 2, maximum: 3 },
    };
};
const time = (at: number) => new Date(at * 1000).toISOString();

const records: LoadRecord[] = [
    second(100, { "1.0": 200 }),
    second(101, { "1.0": 100, "1.1": 100 }, { "1.1": 2 }),
    { type: "failure", time: time(101.5), version: "1.1", status: 500, milliseconds: 3 },
    second(102, { "1.0": 104, "1.1": 96 }),
    second(103, { "1.0": 199, "": 1 }, { "": 1 }),
];

describe("The measures of a drill", () => {
    it("should count each request once, as blue's, green's or failed", () => {
        assert.deepEqual(secondsOf(records, { blue: "1.0", green: "1.1" }), [
            { at: time(100), blue: 200, green: 0, failed: 0 },
            { at: time(101), blue: 100, green: 98, failed: 2 },
            { at: time(102), blue: 104, green: 96, failed: 0 },
            { at: time(103), blue: 199, green: 0, failed: 1 },
        ]);
    });

    it("should take a version's share of the whole seconds between two moments", () => {
        assert.equal(sharePercent(records, "1.1", time(101), time(103)), 49);
        // A second that is only partly between them would include requests from before or after.
        assert.equal(sharePercent(records, "1.1", time(101.2), time(103.9)), 48);
        assert.equal(sharePercent(records, "1.2", time(100), time(104)), 0);
        assert.throws(() => sharePercent(records, "1.1", time(104), time(110)), /No request was answered between/);
    });

    it("should end the time to a version's last answer with the second of that answer", () => {
        assert.equal(secondsUntilLastAnswer(records, "1.1", time(101)), 2);
        assert.equal(secondsUntilLastAnswer(records, "1.1", time(102.5)), 0.5);
        assert.equal(secondsUntilLastAnswer(records, "1.1", time(110)), -7);
        assert.equal(secondsUntilLastAnswer(records, "1.2", time(101)), undefined);
    });

    it("should keep changes only, including a return to an older value", () => {
        const samples = [0, 0, 50, 50, 0, 0].map((value, at) => ({ at, value }));
        assert.deepEqual(
            changesOnly(samples, ({ value }) => value).map(({ at }) => at),
            [0, 2, 4],
        );
        assert.deepEqual(changesOnly([], String), []);
    });
});
