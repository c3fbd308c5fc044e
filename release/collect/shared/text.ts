import * as fs from "node:fs";
import { ReportError, type Place } from "./error";

/** Maximum size of a report, in bytes: ten times what the tools write for RelayPACS. */
export const maximumBytes = 64 * 1024 * 1024;

/** Maximum depth of nested elements, objects and lists. */
export const maximumDepth = 100;

const mebibytes = (bytes: number) => `${String(Math.floor(bytes / 1024 / 1024))} MiB`;

/** The line and column, both from 1, of an offset in a text. */
export function placeAt(text: string, offset: number): Place {
    const before = text.slice(0, offset);
    return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

/** The line and column of the end of a text. */
export const endOf = (text: string) => placeAt(text, text.length);

/**
 * Refuses what no tool writes: an empty text, a byte order mark, NUL characters, a text above `maximumBytes`. Every
 * reader calls it first, because its text need not come from `readReport`.
 *
 * @throws ReportError with the place
 */
export function checkText(text: string, file: string): void {
    if (text.length > maximumBytes)
        throw new ReportError(
            file,
            undefined,
            `The report is larger than ${mebibytes(maximumBytes)}, the most that is read.`,
        );
    if (text.startsWith("\uFEFF"))
        throw new ReportError(
            file,
            { line: 1, column: 1 },
            "The report starts with a byte order mark, which its tool does not write; save it as plain UTF-8.",
        );
    if (text.trim() === "")
        throw new ReportError(file, undefined, "The report is empty; its tool did not finish, or wrote elsewhere.");
    const nul = text.indexOf("\0");
    if (nul >= 0)
        throw new ReportError(file, placeAt(text, nul), "The report has a NUL character; it must be UTF-8 text.");
}

/** A report's text, and when its file was last modified. */
export interface ReportFile {
    readonly text: string;
    /** The age of a report that has no time of its own. A copy of the file may be younger. */
    readonly modifiedAt: Date;
}

/**
 * Reads one report as strict UTF-8, up to `maximumBytes`.
 *
 * @param path path of the report
 * @param file name of the report in messages
 * @param absent what to say of a file that does not exist
 * @throws ReportError when it is missing, not a regular file, too large or not UTF-8
 */
export function readReport(
    path: string,
    file: string,
    absent = "The report does not exist; run its tool first, or correct the manifest.",
): ReportFile {
    let handle: number;
    try {
        // O_NONBLOCK, because opening a named pipe would block.
        handle = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    } catch (error) {
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        throw new ReportError(
            file,
            undefined,
            missing ? absent : `The report cannot be opened (${(error as NodeJS.ErrnoException).code ?? "unknown"}).`,
        );
    }
    try {
        const stat = fs.fstatSync(handle);
        if (!stat.isFile()) throw new ReportError(file, undefined, "The report must be a file.");
        if (stat.size > maximumBytes)
            throw new ReportError(
                file,
                undefined,
                `The report has ${mebibytes(stat.size)}; at most ${mebibytes(maximumBytes)} are read.`,
            );
        const bytes = fs.readFileSync(handle);
        return { text: decode(bytes, file), modifiedAt: stat.mtime };
    } finally {
        fs.closeSync(handle);
    }
}

function decode(bytes: Buffer, file: string): string {
    const [first, second] = bytes;
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
        throw new ReportError(file, { line: 1, column: 1 }, "The report is UTF-16; it must be UTF-8.");
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        throw new ReportError(
            file,
            undefined,
            "The report has bytes that are not UTF-8; it is damaged or in another encoding.",
        );
    }
}
