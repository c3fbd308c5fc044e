import * as assert from "node:assert/strict";
import { readers } from "../../../release/collect/readers";
import { maximumNameLength, NameTable } from "../../../release/collect/shared/name-table";
import { refusal } from "./fixtures";

describe("A table of names", () => {
    it("should number names in the order in which they come, and equal ones alike", () => {
        const table = new NameTable();
        const given = Array.from({ length: 50_000 }, (_, at) => [`group ${at % 7}`, `näme ${at % 20_000}`] as const);
        const expected = new Map<string, number>();
        for (const [group, name] of given) {
            const key = JSON.stringify([group, name]);
            if (!expected.has(key)) expected.set(key, expected.size);
            assert.equal(table.numberOf(group, name), expected.get(key));
        }
        for (const [key, number] of expected) assert.deepEqual(table.nameOf(number), JSON.parse(key));
    });

    it("should tell apart groups and names that are the same text together, and know empty ones", () => {
        const table = new NameTable();
        const given = [
            ["a", "bc"],
            ["ab", "c"],
            ["", "abc"],
            ["abc", ""],
            ["", ""],
            ["a", "bc"],
        ] as const;
        assert.deepEqual(
            given.map(([group, name]) => table.numberOf(group, name)),
            [0, 1, 2, 3, 4, 0],
        );
    });

    it("should tell apart names whose characters differ in their high bytes alone", () => {
        const table = new NameTable();
        const given = ["a@", "aŀ", "a䁀", "a@", "aŀ", "a𐁀"];
        assert.deepEqual(
            given.map((name) => table.numberOf("group", name)),
            [0, 1, 2, 0, 1, 3],
        );
        assert.deepEqual(
            [0, 1, 2, 3].map((number) => table.nameOf(number)[1]),
            ["a@", "aŀ", "a䁀", "a𐁀"],
        );
    });

    it("should hold names of the maximum length, and the reader should refuse longer ones", () => {
        const table = new NameTable();
        for (const letter of ["€", "b", "€", "c"]) table.numberOf("", letter.repeat(maximumNameLength));
        assert.deepEqual(table.nameOf(2), ["", "c".repeat(maximumNameLength)]);
        const text = `<testsuite name="s" tests="1" time="1" timestamp="2026-01-14T18:00:00Z"><testcase name="${"x".repeat(maximumNameLength + 1)}" time="0"/></testsuite>`;
        assert.match(
            refusal(() => readers.junit(text, "r"), "r"),
            /^:1:\d+: The name of the test has 65537 characters; at most 65536 are read\.$/,
        );
    });
});
