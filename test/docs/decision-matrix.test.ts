import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { scenarios, type Row } from "../../release/rollback/matrix";
import { projectRoot } from "../support/project";

const page = fs.readFileSync(path.join(projectRoot, "docs/runbooks/roll-back.md"), "utf8");

/** The cells of each row of the table whose first cell begins with a scenario's name. */
const table = [...page.matchAll(/^\| (`[a-z-]+`: .*) \|$/gm)].map(([, row = ""]) => row.split(" | "));

describe("The decision matrix in the runbook", () => {
    it("should have each row of the command, in its order, with the same way out, time and who decides", () => {
        assert.deepEqual(
            table.map((cells) => cells.slice(0, 4)),
            Object.entries<Row>(scenarios).map(([name, { title, method, time, decides }]) => [
                `\`${name}\`: ${title}`,
                method,
                time,
                decides,
            ]),
        );
    });

    it("should have the command that measures each row, and its time unless it says that it has none", () => {
        const timed = /\d (s|min)\b/;
        const [without, measured] = [false, true].map((has) => table.filter((row) => timed.test(row[4] ?? "") === has));
        for (const row of measured ?? []) assert.match(row[4] ?? "", /`make [a-z]/);
        assert.deepEqual(
            without?.map((row) => row[4]),
            [
                "not measured: it is a person's work",
                "the rollback as above; the rotation is not measured yet: `make chaos FAULT=security-breach`",
            ],
        );
    });
});
