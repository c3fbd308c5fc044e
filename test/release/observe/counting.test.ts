import * as assert from "node:assert/strict";
import type { ResponseHistory, TargetHistory } from "../../../release/observe/history";
import { responsesIn, sumOf } from "../../../release/observe/counting";

const digest = `sha256:${"b".repeat(64)}`;
const target = { pod: "backend-1", service: "backend", digest };
const images = { backend: digest };
const span = { startedAt: 0, endedAt: 600_000 };

/** A counter of errors with a value every 15 seconds, from a number of seconds on. */
const errors = (from: number, ...values: number[]): ResponseHistory => ({
    ...target,
    serverError: true,
    probe: false,
    samples: values.map((value, at) => ({ at: 1000 * (from + 15 * at), value })),
});

/** The start of the pod's process as each of so many scrapes saw it, in seconds. */
const starts = (from: number, ...values: number[]): TargetHistory => ({
    ...target,
    samples: values.map((value, at) => ({ at: 1000 * (from + 15 * at), value })),
});

const counted = (counter: ResponseHistory, ...history: TargetHistory[]): number =>
    sumOf(responsesIn([counter], history, images, span).serverErrors);

describe("Counting responses sample by sample", () => {
    it("should count the errors with which a counter is born in a pod that was there", () => {
        assert.equal(counted(errors(45, 3, 3), starts(-15, -100, -100, -100, -100, -100, -100)), 3);
    });

    it("should not count what a pod had answered before the span", () => {
        assert.equal(counted(errors(15, 3, 5), starts(15, -100, -100)), 2);
    });

    it("should count what a new process has answered, also when that is more than the one before it had", () => {
        for (const after of [2, 5, 9])
            assert.equal(counted(errors(15, 5, 5, after), starts(15, 1, 1, 40)), 5 + after, String(after));
    });

    it("should take a start that is computed a second later for the same process", () => {
        assert.equal(counted(errors(15, 5, 5, 6), starts(15, 14, 15, 16)), 6);
    });

    it("should count nothing twice when a process is scraped within the second of its start", () => {
        assert.equal(counted(errors(15, 5, 6, 7), starts(15, 14.5, 15.5, 15.2)), 7);
    });
});
