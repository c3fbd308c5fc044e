import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

/** The folders of tests: all but what they share. */
const folders: readonly string[] = fs
    .readdirSync(__dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !["fixtures", "support"].includes(entry.name))
    .map((entry) => entry.name);

const testFunctions = ["it", "specify"];

/** `it`, `it.only`, `it.skip`, `it.skip.only`: the name that a call begins with. */
function calledName(expression: ts.Expression): string | undefined {
    if (ts.isPropertyAccessExpression(expression)) return calledName(expression.expression);
    return ts.isIdentifier(expression) ? expression.text : undefined;
}

/** The part of a title that is written down: all of a string, or what is before a template's first value. */
function writtenPart(title: ts.Expression): string {
    if (ts.isStringLiteralLike(title)) return title.text;
    return ts.isTemplateExpression(title) ? title.head.text : "";
}

/** Each title of a test that does not begin with "should ", as `FILE:LINE: TITLE`. */
function otherTitles(file: string, content: string): string[] {
    const source = ts.createSourceFile(file, content, ts.ScriptTarget.Latest, true);
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node) && testFunctions.includes(calledName(node.expression) ?? "")) {
            const [title] = node.arguments;
            if (title && !writtenPart(title).startsWith("should ")) {
                const { line } = source.getLineAndCharacterOfPosition(title.getStart());
                found.push(`${file}:${line + 1}: ${title.getText()}`);
            }
        }
        ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
}

/** TypeScript files of a folder, helpers included: they define tests too. */
function sources(folder: string): string[] {
    return fs
        .readdirSync(path.join(__dirname, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => path.join(__dirname, folder, file));
}

describe("The titles of tests", () => {
    for (const folder of folders) {
        it(`should begin with "should" in test/${folder}`, () => {
            const files = sources(folder);
            assert.ok(
                files.some((file) => file.endsWith(".test.ts")),
                `test/${folder} has no tests`,
            );
            const found = files.flatMap((file) =>
                otherTitles(path.relative(path.dirname(__dirname), file), fs.readFileSync(file, "utf8")),
            );
            assert.deepEqual(found, []);
        });
    }

    it("should be found in every way in which a test is written", () => {
        const content = [
            'it("works", () => undefined);',
            "it(`works for ${name}`, () => undefined);",
            "it.skip(title, () => undefined);",
            'specify("shouldn\'t matter", () => undefined);',
            'it("should work", () => undefined);',
            "it.only(`should work for ${name}`, () => undefined);",
            'edit("works");',
        ].join("\n");
        assert.deepEqual(otherTitles("example.test.ts", content), [
            'example.test.ts:1: "works"',
            "example.test.ts:2: `works for ${name}`",
            "example.test.ts:3: title",
            'example.test.ts:4: "shouldn\'t matter"',
        ]);
    });
});
