import { ReportError, type Place } from "./error";
import { checkText, endOf } from "./text";

/**
 * The lines of a tool's plain output, which must end with a line break: a tool's last line is what tells a whole output
 * from a part of it.
 */
export function linesOf(text: string, file: string): readonly string[] {
    checkText(text, file);
    if (!text.endsWith("\n")) throw new ReportError(file, endOf(text), "The output ends in the middle of a line.");
    return text
        .slice(0, -1)
        .split("\n")
        .map((line) => line.replace(/\r$/, ""));
}

/** The place of a line, counted from 0. */
export const lineAt = (index: number): Place => ({ line: index + 1, column: 1 });
