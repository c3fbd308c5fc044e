import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../support/project";

const page = "docs/threat-model.md";
const text = fs.readFileSync(path.join(projectRoot, page), "utf8");
/** Rows of the tables, without their heads. */
const rows = text.split("\n").filter((line) => /^\| (?!At most)/.test(line));

describe("The threat model", () => {
    it("should name in each row a test that exists, by file and title", () => {
        assert.ok(rows.length >= 30, `${rows.length} rows`);
        for (const row of rows) {
            const [, file, title] = /\| \[[^\]]+\]\((\S+) "([^"]+)"\) \|$/.exec(row) ?? [];
            assert.ok(file !== undefined && title !== undefined, `no test in: ${row}`);
            const found = path.join(projectRoot, path.dirname(page), file);
            assert.ok(fs.existsSync(found), `${file} does not exist`);
            const source = fs.readFileSync(found, "utf8");
            assert.ok(source.includes(title), `${file} has no "${title}"`);
        }
    });

    it("should say for every attacker what remains, and who guards it", () => {
        const attackers = text.split(/^## /m).slice(1);
        assert.ok(attackers.length >= 7, `${attackers.length} attackers`);
        for (const one of attackers) assert.match(one, /^\*\*Remains:\*\* [A-Za-z]/m, one.split("\n", 1)[0]);
    });

    it("should fit on two pages", () => {
        // A printed page with tables has about 550 words.
        const words = text.replace(/\]\([^)]*\)|\|/g, " ").split(/\s+/).length;
        assert.ok(words <= 1100, `${words} words`);
    });
});
