import { chunkSizes, label, percent } from "./progress.js";

describe("chunkSizes", () => {
    it.each([
        [0, []],
        [10, [10]],
        [25, [10, 10, 5]],
    ])("cuts %i bytes", (size, sizes) => {
        expect(chunkSizes(size, 10)).toEqual(sizes);
    });

    it("refuses chunks without a size", () => {
        expect(() => chunkSizes(1, 0)).toThrow("positive");
    });
});

describe("percent", () => {
    it("rounds down, and is 100 for an empty file", () => {
        expect(percent(2, 3)).toBe(66);
        expect(percent(0, 0)).toBe(100);
    });

    it("refuses a negative total", () => {
        expect(() => percent(0, -1)).toThrow("negative");
    });
});

describe("label", () => {
    it.each([
        [3, 3, "complete"],
        [0, 3, "waiting"],
        [1, 2, "50 %"],
    ])("of %i of %i", (received, total, text) => {
        expect(label(received, total)).toBe(text);
    });
});
