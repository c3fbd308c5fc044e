/** Where in a report something is wrong: a line and column (both from 1), or a JSON path. */
export type Place = { readonly line: number; readonly column: number } | string;

/** A report that cannot be understood or contradicts itself. Never a pass: the release has no evidence from it. */
export class ReportError extends Error {
    override readonly name = "ReportError";

    /**
     * @param file the report, as the manifest names it
     * @param place where in it; undefined for the file as a whole
     * @param sentence what is there and what was expected, with its full stop
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

/** A value from a report, fit for one line of a message: quoted, short, without control characters. */
export function quote(value: unknown): string {
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
    const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
    return `"${line.length > 120 ? `${line.slice(0, 119)}…` : line}"`;
}
