import * as assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { Bar, barLine, inWords, logLine } from "../../../sandbox/machine/bar";

/** A stream that keeps what is written to it. */
function output(terminal?: { readonly columns: number }) {
    const stream = Object.assign(new PassThrough(), terminal && { isTTY: true, ...terminal });
    return { stream, written: () => String(stream.read() ?? "") };
}

describe("The bar", () => {
    it("should name durations as exactly as an estimate deserves", () => {
        const named = [0, 7.2, 10, 44, 54, 55, 89, 95, 3540, 3600, 4900].map(inWords);
        assert.deepEqual(named, [
            "1 s",
            "8 s",
            "10 s",
            "45 s",
            "55 s",
            "1 min",
            "1 min",
            "2 min",
            "59 min",
            "1 h 0 min",
            "1 h 22 min",
        ]);
    });

    it("should fill with the share that is done and fit the terminal", () => {
        const stand = { done: 0.5, left: 90, text: "Start cluster" };
        assert.equal(barLine(stand, 80), `${"█".repeat(12)}${"░".repeat(12)}  50 %  2 min left  Start cluster`);
        assert.equal(barLine(stand, 40).length, 40);
        assert.ok(barLine(stand, 40).endsWith("…"));
        assert.equal(logLine(stand), " 50 %, 2 min left: Start cluster");
    });

    it("should draw one line again and again on a terminal", () => {
        const { stream, written } = output({ columns: 60 });
        const bar = new Bar(stream, () => 0);
        bar.show({ done: 0, left: 10, text: "a" });
        bar.show({ done: 0.5, left: 5, text: "b" });
        bar.clear();
        const text = written();
        assert.equal(text.includes("\n"), false);
        assert.equal(text.split("\r\u001b[2K").length, 4);
        assert.ok(text.endsWith("\r\u001b[2K"));
    });

    it("should write a line into a log each ten per cent, and each minute in between", () => {
        const { stream, written } = output();
        let now = 0;
        const bar = new Bar(stream, () => now);
        const show = (at: number, done: number) => {
            now = at;
            bar.show({ done, left: 100, text: `at ${at}` });
        };
        for (const [at, done] of [
            [1, 0.01],
            [2, 0.09],
            [3, 0.1],
            [4, 0.19],
            [62, 0.19],
            [63, 0.195],
            [64, 0.35],
        ] as const)
            show(at, done);
        bar.clear();
        assert.deepEqual(written().trimEnd().split("\n"), [
            " 10 %, 2 min left: at 3",
            " 19 %, 2 min left: at 63",
            " 35 %, 2 min left: at 64",
        ]);
    });

    it("should write a line into a log after a minute without one", () => {
        const { stream, written } = output();
        let now = 0;
        const bar = new Bar(stream, () => now);
        for (now = 0; now <= 130; now++) bar.show({ done: 0.02, left: 3000, text: "compiling" });
        assert.equal(written(), "  2 %, 50 min left: compiling\n".repeat(2));
    });
});
