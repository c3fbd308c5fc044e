/** A file of an archive. */
export interface ArchivedFile {
    /** Its path in the archive, without a leading `./`. */
    readonly path: string;
    readonly contents: Buffer;
    readonly modifiedAt: Date;
}

/** Why an archive is not unpacked: one sentence. */
export class ArchiveError extends Error {
    override readonly name = "ArchiveError";
}

const blockBytes = 512;

/** What the type flags of other entries stand for (POSIX.1-2017, pax, "ustar Interchange Format"). */
const kinds: Readonly<Record<string, string>> = {
    "1": "a hard link",
    "2": "a symbolic link",
    "3": "a device",
    "4": "a device",
    "6": "a named pipe",
};

const quote = (text: string) => JSON.stringify(text.slice(0, 200));

const textOf = (bytes: Buffer) => {
    const end = bytes.indexOf(0);
    return bytes.subarray(0, end < 0 ? undefined : end).toString("utf8");
};

/** An octal number of a header, as tar writes it: digits, then spaces or zero bytes. */
function numberOf(bytes: Buffer, archive: string): number {
    const text = textOf(bytes).trim();
    if (!/^[0-7]+$/.test(text))
        throw new ArchiveError(`${archive} is damaged: a header has ${quote(text)} for a number.`);
    return Number.parseInt(text, 8);
}

/** The sum of a header's bytes, with spaces in place of the sum itself. */
function sumOf(header: Buffer): number {
    return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
}

/** A path below the folder, without `.`; or why it is none. */
function pathOf(name: string, archive: string): string {
    const parts = name.replace(/\/$/, "").split("/");
    const path = parts.filter((part) => part !== ".").join("/");
    const bad = name.startsWith("/") || parts.includes("..") || parts.includes("") || /[\\\p{Cc}]/u.test(name);
    if (bad) throw new ArchiveError(`${archive} has ${quote(name)}; accepted: paths below its own folder.`);
    return path;
}

/**
 * The files of a tar archive as GNU tar writes it. Folders, files and long names are understood; anything else could reach
 * outside of the folder, or be read in place of another report.
 *
 * @param archive its name, for messages
 * @throws ArchiveError for a link, a device, a name that is there twice or leads outside, and a damaged archive
 */
export function readTar(bytes: Buffer, archive: string): ArchivedFile[] {
    const files = new Map<string, ArchivedFile>();
    const folders = new Set<string>();
    let longName: string | undefined;
    for (let at = 0; ;) {
        const header = bytes.subarray(at, at + blockBytes);
        if (header.length < blockBytes) throw new ArchiveError(`${archive} is damaged: it ends too early.`);
        if (header.every((byte) => byte === 0)) break;
        if (numberOf(header.subarray(148, 156), archive) !== sumOf(header))
            throw new ArchiveError(`${archive} is damaged: the checksum of a header is wrong.`);
        const size = numberOf(header.subarray(124, 136), archive);
        const contents = bytes.subarray(at + blockBytes, at + blockBytes + size);
        if (contents.length < size) throw new ArchiveError(`${archive} is damaged: it ends too early.`);
        at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
        const type = String.fromCharCode(header[156] ?? 0);
        if (type === "L") {
            longName = textOf(contents);
            continue;
        }
        const prefix =
            header.subarray(257, 263).toString("latin1") === "ustar\0" ? textOf(header.subarray(345, 500)) : "";
        const name = longName ?? [prefix, textOf(header.subarray(0, 100))].filter((part) => part !== "").join("/");
        longName = undefined;
        const path = pathOf(name, archive);
        if (type === "5") {
            folders.add(path);
            continue;
        }
        if (type !== "0" && type !== "\0") {
            const kind = kinds[type] ?? `an entry of type ${quote(type)}`;
            throw new ArchiveError(
                `${archive} has ${quote(name)}, which is ${kind}; accepted: regular files and folders.`,
            );
        }
        if (files.has(path)) throw new ArchiveError(`${archive} has ${quote(path)} twice; accepted: each name once.`);
        const modifiedAt = new Date(numberOf(header.subarray(136, 148), archive) * 1000);
        files.set(path, { path, contents, modifiedAt });
    }
    for (const path of files.keys())
        path.split("/").forEach((_, depth, parts) => folders.add(parts.slice(0, depth).join("/")));
    const clash = [...files.keys()].find((path) => folders.has(path));
    if (clash !== undefined)
        throw new ArchiveError(`${archive} has ${quote(clash)} as a file and as a folder; accepted: each name once.`);
    return [...files.values()];
}
