import { stripVTControlCharacters } from "node:util";

/** A place in a report: line and column (both from 1), or a JSON path. */
export type Place = { readonly line: number; readonly column: number } | string;

/** A report can't be read or contradicts itself. No evidence is made from it. */
export class ReportError extends Error {
    override readonly name = "ReportError";

    /**
     * @param file the report, as the manifest names it
     * @param place the place in it; undefined for the whole file
     * @param sentence what was found and what was expected, with a full stop
     */
    constructor(
        readonly file: string,
        readonly place: Place | undefined,
        readonly sentence: string,
    ) {
        const where =
            place === undefined
                ? ""
                : typeof place === "string"
                  ? ` (${place})`
                  : `:${String(place.line)}:${String(place.column)}`;
        super(`${file}${where}: ${sentence}`);
    }
}

function quoteUpTo(value: unknown, length: number): string {
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
    const line = stripVTControlCharacters(text)
        .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
        .trim();
    return `"${line.length > length ? `${line.slice(0, length - 1)}…` : line}"`;
}

/** Quotes a value from a report for a message: on one line, short, without colours and control characters. */
export const quote = (value: unknown) => quoteUpTo(value, 120);

/** Quotes what a tool says of its own failure: like `quote`, but up to 1000 characters, because the remedy comes last. */
export const quoteReason = (value: unknown) => quoteUpTo(value, 1000);
