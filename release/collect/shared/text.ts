import * as fs from "node:fs";
import { ReportError, type Place } from "./error";

/** Size up to which a report is read, in bytes. What the tools write for RelayPACS is below a tenth of it. */
export const maximumBytes = 64 * 1024 * 1024;

/** Depth up to which elements, objects and lists may nest. */
export const maximumDepth = 100;

const mebibytes = (bytes: number) => `${String(Math.floor(bytes / 1024 / 1024))} MiB`;

/** The line and column, both from 1, of an offset in a text. */
export function placeAt(text: string, offset: number): Place {
    const before = text.slice(0, offset);
    return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

/** The last place of a text. */
export const endOf = (text: string) => placeAt(text, text.length);

/**
 * Refuses what no tool writes: nothing at all, a byte order mark, NUL characters, a text above `maximumBytes`. Every
 * reader calls it first, so that readers are safe on texts that did not come through `readReport`.
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

/** A report's text and when its file was last written. */
export interface ReportFile {
    readonly text: string;
    /** For reports that do not say themselves when they were made. Copying a file may make it younger. */
    readonly modifiedAt: Date;
}

/**
 * Reads one report, strictly as UTF-8, no more than `maximumBytes`.
 *
 * @param path where it is
 * @param file how messages name it
 * @throws ReportError when it is missing, no file, too large or not UTF-8
 */
export function readReport(path: string, file: string): ReportFile {
    let handle: number;
    try {
        // Without waiting: a named pipe would keep this program for ever.
        handle = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    } catch (error) {
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        throw new ReportError(
            file,
            undefined,
            missing
                ? "The report does not exist; run its tool first, or correct the manifest."
                : `The report cannot be opened (${(error as NodeJS.ErrnoException).code ?? "unknown"}).`,
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
            "The report has bytes that are not UTF-8; it is damaged or encoded otherwise.",
        );
    }
}
