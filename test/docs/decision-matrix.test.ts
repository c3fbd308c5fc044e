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

    it("should have a measured time and the command that measures it, but for what people do", () => {
        const missing = table
            .map(([name = "", , , , measured = ""]) => ({ name, measured }))
            .filter(({ measured }) => !/\d (s|min)\b/.test(measured) || !/`make [a-z]/.test(measured));
        assert.deepEqual(missing, [
            { name: "`feature-bug`: Feature bug (non-critical)", measured: "not measured: it is a person's work" },
        ]);
    });
});
