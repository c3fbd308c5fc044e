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

    it("should name every phase, beside its band where that is too short", () => {
        const short = [...recording.phases, { at: at(97), name: "smoke tests" }, { at: at(98), name: "back on blue" }];
        const drawn = picture({ ...recording, phases: short });
        const names = [...drawn.matchAll(/<text class="phase-name[^>]*>([^<]*)<\/text>/g)].map(([, name]) => name);
        assert.deepEqual(names, ["before", "half of the requests", "smoke tests", "back on blue"]);
        const outside = attributes(drawn, "phase-name outside");
        assert.equal(outside.length, 2);
        assert.notEqual(outside[0]?.y, outside[1]?.y, "one name covers the other");
        assert.ok(outside.every((one) => one["text-anchor"] === "end" && Number(one.y) < 126));
        assert.equal(attributes(svg, "phase-name outside").length, 0);
    });

    it("should mark each second with a failed request, however few they are among the others", () => {
        const marked = attributes(svg, "failed-second");
        assert.equal(marked.length, 50);
        assert.ok(marked.every((one) => Number(one.width) >= 3 && Number(one.height) >= 9));
        assert.match(svg, /by the version that answered; 100 failed, in the seconds marked below</);
        const none = picture({ ...recording, seconds: recording.seconds.map((one) => ({ ...one, failed: 0 })) });
        assert.equal(attributes(none, "failed-second").length, 0);
        assert.match(none, /by the version that answered; none failed</);
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
