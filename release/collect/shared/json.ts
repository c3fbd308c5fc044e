import { createScanner, ScanError, SyntaxKind } from "jsonc-parser";
import { z } from "zod";
import { quote, ReportError } from "./error";
import { checkText, maximumDepth, placeAt } from "./text";

/**
 * Walks over the tokens once. JSON.parse alone would take the last of two equal keys, where another program takes the
 * first: such a report says two things at once.
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
            fail("The report is no valid JSON from here on; it is damaged or cut off.");
        if (kind === SyntaxKind.OpenBraceToken) open.push(new Set());
        else if (kind === SyntaxKind.OpenBracketToken) open.push(undefined);
        else if (kind === SyntaxKind.CloseBraceToken || kind === SyntaxKind.CloseBracketToken) open.pop();
        else if (
            kind === SyntaxKind.StringLiteral &&
            (previous === SyntaxKind.OpenBraceToken || previous === SyntaxKind.CommaToken)
        ) {
            const keys = open.at(-1);
            const key = scanner.getTokenValue();
            if (keys?.has(key)) fail(`The key ${quote(key)} is here twice in one object.`);
            keys?.add(key);
        }
        if (open.length > maximumDepth) fail(`The report nests deeper than ${String(maximumDepth)} levels.`);
        previous = kind;
    }
}

/** `vulnerabilities["a.b"][0].severity`. */
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
 * Parses a JSON report and holds it against the shape that its tool writes.
 *
 * @param what the tool and its option, for the sentence that a wrong tool's report gets
 * @throws ReportError with the line and column for broken JSON, with the JSON path for a wrong shape
 */
export function parseJson<Shape extends z.ZodType>(
    text: string,
    file: string,
    shape: Shape,
    what: string,
): z.output<Shape> {
    checkText(text, file);
    checkTokens(text, file);
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (error) {
        const offset = /at position (\d+)/.exec((error as Error).message)?.[1];
        throw new ReportError(
            file,
            placeAt(text, offset === undefined ? text.length : Number(offset)),
            "The report is no valid JSON from here on; it is damaged or cut off.",
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
        `${given === undefined ? "Nothing is here" : `${quote(given)} is here`}, which ${what} does not write (${issue?.message ?? "wrong shape"}).`,
    );
}

/** Counts, as tools write them: whole and not negative. NaN and Infinity are no JSON. */
export const count = z.int().min(0);
