import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { readers } from "../../../release/collect/readers";
import { ReportError } from "../../../release/collect/shared/error";
import { projectRoot } from "../../support/project";

const reports = path.join(projectRoot, "test/fixtures/reports");

/** A report that a real tool wrote, by its path below `fixtures/reports`. */
export const fixture = (name: string) => fs.readFileSync(path.join(reports, name), "utf8");

export type Kind = keyof typeof readers;

/** The reader of each fixture. */
export function kindOf(name: string): Kind {
    const [folder = "", file = ""] = name.split("/");
    if (["pytest", "vitest", "jest"].includes(folder)) return "junit";
    if (folder === "playwright") return file.endsWith(".xml") ? "junit" : "playwright";
    if (folder === "mypy") return file === "cobertura.xml" ? "mypy-coverage" : "mypy";
    if (folder === "eslint") return file.startsWith("security") ? "eslint-security" : "eslint";
    return folder as Kind;
}

/** All fixtures that a reader of some kind reads. */
export const fixtures = fs
    .readdirSync(reports, { recursive: true, encoding: "utf8" })
    .filter((name) => fs.statSync(path.join(reports, name)).isFile() && name !== "trivy/version.json")
    .sort();

/** Fixtures that are reports of a complete run. */
export const readable = fixtures.filter((name) => {
    try {
        readers[kindOf(name)](fixture(name), name);
        return true;
    } catch {
        return false;
    }
});

/** Asserts that reading fails with a ReportError about the file. Returns its message without the file name. */
export function refusal(read: () => unknown, file: string): string {
    try {
        read();
    } catch (error) {
        assert.ok(error instanceof ReportError, `not a ReportError: ${String((error as Error).stack)}`);
        assert.equal(error.file, file);
        assert.ok(error.message.startsWith(file), error.message);
        assert.match(error.message, /[.!?]$/);
        assert.doesNotMatch(error.message, /\n/);
        return error.message.slice(file.length);
    }
    return assert.fail(`${file} was read`);
}
