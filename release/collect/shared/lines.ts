import { ReportError, type Place } from "./error";
import { checkText, endOf, placeAt } from "./text";

/**
 * The lines of a tool's plain output. It must end with a line break, because only the last line shows that the output
 * is complete.
 *
 * @param tool the tool and its command, for the message about another tool's report
 * @throws ReportError when it does not end with a line break, or has colours
 */
export function linesOf(text: string, file: string, tool: string): readonly string[] {
    checkText(text, file);
    const format = /^\s*(?:\{|\[\s*["[\]{])/.test(text) ? "JSON" : /^\s*</.test(text) ? "XML" : undefined;
    if (format !== undefined)
        throw new ReportError(file, { line: 1, column: 1 }, `The report is ${format}; that of ${tool} is plain text.`);
    // The sequence that starts a colour.
    const colour = text.indexOf("\u001b[");
    if (colour >= 0)
        throw new ReportError(
            file,
            placeAt(text, colour),
            "The output has colour codes; run the tool with the variable NO_COLOR=1, and without FORCE_COLOR.",
        );
    if (!text.endsWith("\n")) throw new ReportError(file, endOf(text), "The output ends in the middle of a line.");
    return text
        .slice(0, -1)
        .split("\n")
        .map((line) => line.replace(/\r$/, ""));
}

/** The place of a line by its index from 0. */
export const lineAt = (index: number): Place => ({ line: index + 1, column: 1 });
