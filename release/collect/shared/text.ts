import { isAscii, isUtf8 } from "node:buffer";
import * as fs from "node:fs";
import { ReportError, type Place } from "./error";

/** Maximum size of a report that is read as a whole, in bytes: ten times what the tools write for RelayPACS. */
export const maximumBytes = 64 * 1024 * 1024;

/** Maximum size of a report that is read in pieces, in bytes. */
export const maximumPiecewiseBytes = 128 * 1024 * 1024;

/** Size of the pieces, in bytes. */
const pieceBytes = 64 * 1024;

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
    checkLength(text.length, file, maximumBytes);
    checkBeginning(text, file);
    const nul = text.indexOf("\0");
    if (nul >= 0)
        throw new ReportError(file, placeAt(text, nul), "The report has a NUL character; it must be UTF-8 text.");
}

/** @throws ReportError when a text has more characters than `maximum` */
export function checkLength(length: number, file: string, maximum: number): void {
    if (length > maximum)
        throw new ReportError(
            file,
            undefined,
            `The report is larger than ${mebibytes(maximum)}, the most that is read.`,
        );
}

/** @throws ReportError when a text starts with a byte order mark, or is blank */
export function checkBeginning(text: string, file: string): void {
    if (text.startsWith("\uFEFF"))
        throw new ReportError(
            file,
            { line: 1, column: 1 },
            "The report starts with a byte order mark, which its tool does not write; save it as plain UTF-8.",
        );
    if (text.trim() === "")
        throw new ReportError(file, undefined, "The report is empty; its tool did not finish, or wrote elsewhere.");
}

/** A report's text, and when its file was last modified. */
export interface ReportFile {
    readonly text: string;
    /** The age of a report that has no time of its own. A copy of the file may be younger. */
    readonly modifiedAt: Date;
}

interface OpenFile {
    readonly handle: number;
    readonly modifiedAt: Date;
}

const absentReport = "The report does not exist; run its tool first, or correct the manifest.";

function open(path: string, file: string, absent: string, maximum: number): OpenFile {
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
    const stat = fs.fstatSync(handle);
    if (stat.isFile() && stat.size <= maximum) return { handle, modifiedAt: stat.mtime };
    fs.closeSync(handle);
    throw new ReportError(
        file,
        undefined,
        stat.isFile()
            ? `The report has ${mebibytes(stat.size)}; at most ${mebibytes(maximum)} are read.`
            : "The report must be a file.",
    );
}

/**
 * Reads one report as strict UTF-8, up to `maximumBytes`.
 *
 * @param path path of the report
 * @param file name of the report in messages
 * @param absent what to say of a file that does not exist
 * @throws ReportError when it is missing, not a regular file, too large or not UTF-8
 */
export function readReport(path: string, file: string, absent = absentReport): ReportFile {
    const { handle, modifiedAt } = open(path, file, absent, maximumBytes);
    try {
        const bytes = fs.readFileSync(handle);
        checkEncoding(bytes, file);
        return { text: decode(bytes, file), modifiedAt };
    } finally {
        fs.closeSync(handle);
    }
}

/**
 * Reads one report as strict UTF-8 in pieces, up to `maximumPiecewiseBytes`, so that it is never in memory as a whole.
 *
 * @param path path of the report
 * @param file name of the report in messages
 * @param read takes the pieces, one after the other
 * @throws ReportError when it is missing, not a regular file, too large or not UTF-8, and what `read` throws
 */
export function readPieces<Read>(
    path: string,
    file: string,
    read: (pieces: Iterable<string>) => Read,
): { readonly result: Read; readonly modifiedAt: Date } {
    const { handle, modifiedAt } = open(path, file, absentReport, maximumPiecewiseBytes);
    try {
        return { result: read(piecesOf(handle, file)), modifiedAt };
    } finally {
        fs.closeSync(handle);
    }
}

function* piecesOf(handle: number, file: string): Generator<string, void> {
    const bytes = Buffer.alloc(pieceBytes);
    /** Bytes at the front that are the beginning of a character. */
    let begun = 0;
    for (let first = true; ; first = false) {
        const length = fs.readSync(handle, bytes, begun, pieceBytes - begun, null);
        const piece = bytes.subarray(0, begun + length);
        if (first) checkEncoding(piece, file);
        // At the end of the file, a character that was cut off is an error.
        const end = length === 0 ? piece.length : endOfCharacters(piece);
        yield decode(piece.subarray(0, end), file);
        if (length === 0) return;
        begun = bytes.copy(bytes, 0, end, piece.length);
    }
}

/** Where the last character ends that is complete: only its first byte says how many bytes it has. */
function endOfCharacters(bytes: Buffer): number {
    for (let back = 1; back <= 3; back++) {
        const byte = bytes[bytes.length - back] ?? 0;
        if (byte < 0x80) break;
        if (byte < 0xc0) continue;
        const size = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
        return size > back ? bytes.length - back : bytes.length;
    }
    return bytes.length;
}

function checkEncoding(bytes: Buffer, file: string): void {
    const [first, second] = bytes;
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
        throw new ReportError(file, { line: 1, column: 1 }, "The report is UTF-16; it must be UTF-8.");
}

/** Faster than a streaming TextDecoder, whose strings also take twice the memory. */
function decode(bytes: Buffer, file: string): string {
    // A copy, and the most frequent.
    if (isAscii(bytes)) return bytes.toString("latin1");
    if (!isUtf8(bytes))
        throw new ReportError(
            file,
            undefined,
            "The report has bytes that are not UTF-8; it is damaged or in another encoding.",
        );
    return bytes.toString();
}
