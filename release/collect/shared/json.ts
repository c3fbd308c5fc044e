import { createScanner, ScanError, SyntaxKind } from "jsonc-parser";
import { z } from "zod";
import { quote, ReportError } from "./error";
import { checkText, maximumDepth, placeAt } from "./text";

/**
 * Checks the tokens of a JSON text: syntax, depth, and no key twice in one object. JSON.parse alone would take the last
 * of two equal keys, although another program may take the first.
 */
function checkTokens(text: string, file: string): void {
    const scanner = createScanner(text, true);
    const open: (Set<string> | undefined)[] = [];
    const fail = (sentence: string) => {
        throw new ReportError(file, placeAt(text, scanner.getTokenOffset()), sentence);
    };
    let previous = SyntaxKind.Unknown;
    for (let kind = scanner.scan(); kind !== SyntaxKind.EOF; kind = scanner.scan()) {
        if (scanner.getTokenError() !== ScanError.None || kind === SyntaxKind.Unknown)
            fail("The report is not valid JSON from here on; it is damaged or cut off.");
        if (kind === SyntaxKind.OpenBraceToken) open.push(new Set());
        else if (kind === SyntaxKind.OpenBracketToken) open.push(undefined);
        else if (kind === SyntaxKind.CloseBraceToken || kind === SyntaxKind.CloseBracketToken) open.pop();
        else if (
            kind === SyntaxKind.StringLiteral &&
            (previous === SyntaxKind.OpenBraceToken || previous === SyntaxKind.CommaToken)
        ) {
            const keys = open.at(-1);
            const key = scanner.getTokenValue();
            if (keys?.has(key)) fail(`The key ${quote(key)} occurs twice in one object.`);
            keys?.add(key);
        }
        if (open.length > maximumDepth) fail(`The report nests deeper than ${String(maximumDepth)} levels.`);
        previous = kind;
    }
}

/** A JSON path as text, such as `vulnerabilities["a.b"][0].severity`. */
export function jsonPath(path: readonly PropertyKey[]): string {
    const steps = path.map((step) => {
        if (typeof step === "number") return `[${String(step)}]`;
        return /^[\w$-]+$/.test(String(step)) ? `.${String(step)}` : `[${JSON.stringify(String(step))}]`;
    });
    return steps.join("").replace(/^\./, "") || "top level";
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], root);
}

/**
 * Parses a JSON report and validates it against the format that its tool writes.
 *
 * @param tool the tool and its option, for the message about another tool's report
 * @throws ReportError with line and column for another format or invalid JSON, with the JSON path for a wrong format
 */
export function parseJson<Shape extends z.ZodType>(
    text: string,
    file: string,
    shape: Shape,
    tool: string,
): z.output<Shape> {
    checkText(text, file);
    const first = text.trimStart();
    if (!/^[[{]/.test(first))
        throw new ReportError(
            file,
            { line: 1, column: 1 },
            `The report is ${first.startsWith("<") ? "XML" : "plain text"}; that of ${tool} is JSON.`,
        );
    checkTokens(text, file);
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (error) {
        const offset = /at position (\d+)/.exec((error as Error).message)?.[1];
        throw new ReportError(
            file,
            placeAt(text, offset === undefined ? text.length : Number(offset)),
            "The report is not valid JSON from here on; it is damaged or cut off.",
        );
    }
    const result = shape.safeParse(value);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    const path = issue?.path ?? [];
    const given = valueAt(value, path);
    throw new ReportError(
        file,
        jsonPath(path),
        (given === undefined
            ? `The value is missing; the format of ${tool} requires it`
            : `The value is ${quote(given)}, which the format of ${tool} does not allow`) +
            ` (${issue?.message ?? "wrong format"}).`,
    );
}

/** A count: a whole number that is not negative. */
export const count = z.int().min(0);
