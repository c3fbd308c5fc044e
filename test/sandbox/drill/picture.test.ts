import * as assert from "node:assert/strict";
import { picture } from "../../../sandbox/drill/picture";
import type { Recording } from "../../../sandbox/drill/recording";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

const recording: Recording = {
    title: "A release that fails",
    outcome: "Aborted.",
    good: true,
    startedAt: at(0),
    endedAt: at(100),
    versions: { blue: "1.0.0", green: "1.1.0" },
    seconds: Array.from({ length: 100 }, (_, index) => ({
        at: at(index),
        blue: index < 50 ? 200 : 100,
        green: index < 50 ? 0 : 98,
        failed: index < 50 ? 0 : 2,
    })),
    weights: [
        { at: at(0), greenPercent: 0 },
        { at: at(50), greenPercent: 50 },
    ],
    errorRates: [
        { at: at(60), percent: 2 },
        { at: at(62), percent: undefined },
        { at: at(64), percent: 1 },
    ],
    errorLimitPercent: 0.5,
    phases: [
        { at: at(0), name: "before" },
        { at: at(50), name: "half of the requests" },
    ],
    marks: [{ at: at(75), text: "aborted <here> & now", bad: true }],
};

const attributes = (svg: string, of: string): Record<string, string>[] =>
    [...svg.matchAll(new RegExp(`<[a-z]+ class="${of}"[^>]*>`, "g"))].map(([tag]) =>
        Object.fromEntries([...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
    );

describe("The picture of a drill", () => {
    const svg = picture(recording);

    it("should describe the drill in words, for readers who cannot see it", () => {
        assert.match(svg, /<title id="title">A release that fails<\/title>/);
        const story = /<desc id="story">([^<]*)<\/desc>/.exec(svg)?.[1];
        assert.equal(
            story,
            "Aborted. 20000 requests, 100 failed. 0:00 before. 0:50 half of the requests. 1:15 aborted &lt;here> &amp; now.",
        );
    });

    it("should place phases and marks by their time", () => {
        const [before] = attributes(svg, "phase");
        const [half] = attributes(svg, "phase odd");
        const [mark] = attributes(svg, "mark bad");
        const width = Number(before?.width) + Number(half?.width);
        assert.equal(Number(half?.x), Number(before?.x) + width / 2);
        assert.equal(Number(mark?.x1), Number(before?.x) + 0.75 * width);
    });

    it("should draw the limit, and a gap where Prometheus had no value", () => {
        const [limit] = attributes(svg, "limit");
        assert.equal(limit?.y1, limit?.y2);
        const [rate] = attributes(svg, "rate");
        // A move for each stretch: before the gap and after it.
        assert.equal(rate?.d?.match(/M/g)?.length, 2);
    });

    it("should draw the weight in steps instead of slopes", () => {
        const [weight] = attributes(svg, "weight");
        const points =
            weight?.d
                ?.slice(1)
                .split("L")
                .map((point) => point.split(",").map(Number)) ?? [];
        for (const [index, [x, y]] of points.slice(1).entries()) {
            const [formerX, formerY] = points[index] ?? [];
            assert.ok(x === formerX || y === formerY, `from ${String(points[index])} to ${String([x, y])}`);
        }
        assert.ok(points.length >= 4);
    });

    it("should be the same for the same recording, and need no other file", () => {
        assert.equal(picture(recording), svg);
        assert.doesNotMatch(svg, /(href|src)=/);
    });

    it("should be drawn even for a drill that ended at once", () => {
        const empty = { ...recording, endedAt: at(0), seconds: [], weights: [], errorRates: [], phases: [], marks: [] };
        assert.doesNotMatch(picture(empty), /NaN|undefined/);
    });
});
