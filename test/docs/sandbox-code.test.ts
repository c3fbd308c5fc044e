import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../support/project";
import { projectFiles } from "./names";

const isCode = (file: string) => /\.(ts|go|mjs|js|py|sh)$/.test(file);

const linesOf = (file: string) => fs.readFileSync(path.join(projectRoot, file), "utf8").split("\n").length - 1;

/** Lines of code below a folder of the sandbox. */
function linesBelow(folder: string): number {
    const files = projectFiles.filter((file) => file.startsWith(`sandbox/${folder}/`) && isCode(file));
    assert.ok(files.length > 0, `sandbox/${folder} has no code`);
    return files.reduce((sum, file) => sum + linesOf(file), 0);
}

describe("The sandbox's list of what stays ours", () => {
    const text = fs.readFileSync(path.join(projectRoot, "sandbox", "README.md"), "utf8");
    const section = text.slice(text.indexOf("## What stays ours"), text.indexOf("## Limits"));
    const rows = [...section.matchAll(/^\| (`[^|]+`) \| (\d+) \|/gm)].map(([, code, lines]) => ({
        folders: [...code!.matchAll(/`([^`]+)`/g)].map(([, folder]) => folder!),
        lines: Number(lines),
    }));

    for (const { folders, lines } of rows)
        it(`should have the size of ${folders.join(" and ")}`, () => {
            const actual = folders.reduce((sum, folder) => sum + linesBelow(folder), 0);
            assert.ok(Math.abs(lines - actual) <= 100, `it has ${actual} lines, and the list says ${lines}`);
        });

    it("should have every folder with code", () => {
        const listed = rows.flatMap(({ folders }) => folders);
        for (const file of projectFiles.filter((one) => one.startsWith("sandbox/") && isCode(one)))
            assert.ok(
                path.dirname(file) === "sandbox" ||
                    path.dirname(file) === "sandbox/parts" ||
                    listed.some((folder) => file.startsWith(`sandbox/${folder}/`)),
                file,
            );
    });
});
