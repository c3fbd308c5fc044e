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

/** Quotes a value from a report for a message: on one line, short, without control characters. */
export function quote(value: unknown): string {
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
    const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
    return `"${line.length > 120 ? `${line.slice(0, 119)}…` : line}"`;
}
