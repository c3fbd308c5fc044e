import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../support/project";
import { measuredIn, readPage, withTable, type Result } from "./page";
import { rows } from "./table";

describe("The table of faults", () => {
    it("should name each fault once", () => {
        const names = rows.map(({ name }) => name);
        assert.deepEqual(names, [...new Set(names)]);
        for (const name of names) assert.match(name, /^[a-z0-9-]+$/);
    });

    it("should be in the documentation as it is in code, with what was seen of each row", () => {
        assert.ok(
            readPage() === withTable(readPage(), rows, []),
            "docs/guides/chaos.md differs: see test/chaos/page.ts",
        );
        const measured = measuredIn(readPage());
        assert.deepEqual(
            rows.map(({ name }) => name).filter((name) => !measured.has(name)),
            [],
        );
    });

    for (const row of rows)
        it(`should say how ${row.name} is caused, or why it is not`, () => {
            if ("cannot" in row) assert.ok(row.cannot.reason !== "" && row.cannot.evidence !== "");
            else if ("run" in row) assert.match(row.run.name, /^[a-z]\w+$/);
            else {
                const text = fs.readFileSync(path.join(projectRoot, row.test.file), "utf8");
                assert.ok(text.includes(`"${row.test.title}"`), `${row.test.file} has no test "${row.test.title}"`);
            }
        });

    it("should keep what was seen earlier of a row that was not tried now", () => {
        const page =
            "before\n\n| Fault | Where | Promise | Caused by | Seen | Recovered in | Kept |\n|---|---|---|---|---|---|---|\n\nafter\n";
        const [first, second] = rows;
        const result = (name: string, seen: string): Result => ({ name, kept: "yes", seen, recoverySeconds: 12.4 });
        const once = withTable(page, rows, [result(first!.name, "the first")]);
        assert.match(once, /\| the first \| 12 s \| yes \|\n/);
        assert.match(once, /\| not measured yet \| {2}\| not run \|/);
        const twice = withTable(once, rows, [result(second!.name, "the second")]);
        assert.match(twice, /\| the first \| 12 s \| yes \|\n/);
        assert.match(twice, /\| the second \| 12 s \| yes \|\n/);
        assert.ok(twice.startsWith("before\n\n") && twice.endsWith("\n\nafter\n"));
        assert.equal(withTable(twice, rows, []), twice);
    });
});
