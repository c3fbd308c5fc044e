import { z } from "zod";
import { InputError, parseJsonInput, readInput } from "../check/input";
import { commit, moment, text } from "../../delivery/evidence/predicates/fields";

const change = z.object({
    commit: commit("The commit"),
    author: z
        .string()
        .max(2000)
        .transform((name) => (name.trim() === "" ? "unknown" : name))
        .describe("Name of the author"),
    committedAt: moment("When it was made").or(z.iso.datetime({ offset: true })),
    subject: z.string().max(2000).describe("First line of the commit message"),
});
export type Change = z.output<typeof change>;

const changes = z.object({
    previousVersion: text("Version that runs now").optional(),
    commits: z
        .array(change)
        .max(10_000)
        .describe("Commits since then; empty when the release ran before or is older than what runs"),
});

/** What changes with a release: the previous version, if the file has it, and the commits since. */
export type Changes = z.output<typeof changes>;

/** The format in which `git log` writes a changes file. */
export const logFormat = "%H%x09%an%x09%aI%x09%s";

/**
 * Reads a changes file: JSON, `{"previousVersion", "commits": [{"commit", "author", "committedAt", "subject"}]}`, or
 * the text of `git log --format=%H%x09%an%x09%aI%x09%s <previous>..<release>`.
 *
 * The list may be empty: a version that is deployed again, or an older one, brings no new commit.
 *
 * @throws InputError that names the file and the place, also when a list has commits but not the release's own
 */
export async function readChanges(path: string, releaseCommit: string): Promise<Changes> {
    const contents = await readInput(path, "changes file");
    const read = /^\s*\{/.test(contents)
        ? parseJsonInput(contents, path, "changes file", changes)
        : { commits: parseLog(contents, path) };
    if (read.commits.length > 0 && !read.commits.some((one) => one.commit === releaseCommit)) {
        throw new InputError(
            `The changes file ${path} does not have the release's commit ${releaseCommit.slice(0, 12)}; ` +
                `write it with git log --format=${logFormat} <previous>..${releaseCommit.slice(0, 12)}.`,
        );
    }
    return read;
}

function parseLog(contents: string, path: string): Change[] {
    const lines = contents.split(/\r?\n/).map((line, index) => ({ line, number: index + 1 }));
    return lines
        .filter(({ line }) => line !== "")
        .map(({ line, number }) => {
            const [hash, author, committedAt, ...subject] = line.split("\t");
            const read = change.safeParse({ commit: hash, author, committedAt, subject: subject.join(" ") });
            if (read.success) return read.data;
            const place = read.error.issues[0]?.path.map(String).join(".") ?? "line";
            throw new InputError(
                `The changes file ${path} is wrong in line ${number} (${place}); ` +
                    `write it with git log --format=${logFormat}, or as JSON.`,
            );
        });
}

/** The parts of a commit message's subject (specification, section 2). */
export interface Subject {
    /** feat, fix, docs, …; undefined when the subject does not follow the convention. */
    readonly type: string | undefined;
    readonly scope: string | undefined;
    readonly breaking: boolean;
    readonly text: string;
}

/** Parses a subject such as `feat(auth): add TOTP`. */
export function subjectOf(subject: string): Subject {
    const parts = /^([a-z]+)(?:\(([^)]*)\))?(!)?: +(.+)$/.exec(subject);
    if (!parts) return { type: undefined, scope: undefined, breaking: false, text: subject };
    const [, type, scope, mark, text = subject] = parts;
    return { type, scope, breaking: mark !== undefined, text };
}
