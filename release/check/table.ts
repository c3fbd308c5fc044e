import { styleText } from "node:util";
import Table from "cli-table3";
import type { Status } from "../../delivery/gates";
import type { Subject } from "./json";
import { visible } from "../../delivery/core/text";
import { byStage, isAllowed, rejection, statusWords, verdict } from "./wording";

/** Widest line, in columns. */
export const tableWidth = 100;

const marks: Readonly<Record<Status, string>> = { pass: "✔", warn: "▲", fail: "✖" };
const colours = { pass: "green", warn: "yellow", fail: "red" } as const;

/** What a column's borders and padding take. */
const padding = 2;

/**
 * The judgement for people. Every line starts with a border, so that no untrusted text can begin one: GitHub's runners
 * read lines that begin with `::` as commands.
 *
 * @param colour whether to use colours; words and marks say the same without
 */
export function table(subject: Subject, colour: boolean): string {
    const { judgement } = subject;
    const paint = (text: string, status: Status, bold = false) =>
        colour ? styleText(bold ? [colours[status], "bold"] : colours[status], text, { validateStream: false }) : text;
    const marked = (status: Status) => paint(`${marks[status]} ${statusWords[status]}`, status);

    const allowed = isAllowed(judgement, subject.strict);
    const shown: Status = allowed ? judgement.status : "fail";
    const { release, checkpoint, strict } = subject;
    const [first = "", ...others] = wrapped(verdict(release, checkpoint, judgement, strict), tableWidth - 6);
    const parts = [box([`${paint(marks[shown], shown, true)} ${first}`, ...others])];
    for (const { title, outcomes } of byStage(judgement.outcomes)) {
        const rows = outcomes.map((one) => [
            marked(one.status),
            cell(one.title, 24),
            cell(one.measured, 30),
            cell(one.limit, 24),
        ]);
        parts.push(grid([11, 24 + padding, 30 + padding, 24 + padding], [title, "Gate", "Measured", "Accepted"], rows));
    }
    for (const [status, heading] of [
        ["fail", "Denied"],
        ["warn", "Warnings"],
    ] as const) {
        const messages = judgement.outcomes.filter((one) => one.status === status).map((one) => one.message);
        parts.push(list(paint(heading, status, true), messages));
    }
    parts.push(list("Admission", judgement.remark === undefined ? [] : [judgement.remark]));
    parts.push(list("Evidence that counts for nothing", judgement.rejected.map(rejection)));
    parts.push(list("Obligations", judgement.obligations));
    return parts.filter((part) => part !== "").join("\n");
}

const quiet = { head: [], border: [] };

function grid(colWidths: number[], [title = "", ...head]: string[], rows: string[][]): string {
    const made = new Table({ head: ["", ...head], colWidths, style: quiet });
    made.push(...rows);
    return `${box([title])}\n${made.toString()}`;
}

function list(heading: string, entries: readonly string[]): string {
    return entries.length === 0 ? "" : box([heading, ...entries.flatMap((one) => wrapped(`• ${one}`, tableWidth - 4))]);
}

/** One column over the whole width, with a row for each line. */
function box(lines: readonly string[]): string {
    const made = new Table({
        colWidths: [tableWidth - 2],
        style: quiet,
        chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
    });
    for (const line of lines) made.push([line]);
    return made.toString();
}

/** Most characters of a cell beside others; a gate's message has all of what it measured. */
const longestCell = 400;

/** Untrusted text for a cell of so many columns. */
function cell(text: string, columns: number): string {
    const all = [...text];
    const short = all.length > longestCell ? `${all.slice(0, longestCell).join("")} …` : text;
    return wrapped(short, columns).join("\n");
}

/**
 * Untrusted text in lines of so many columns at most. The table would wrap words itself, but cuts those that are longer
 * than a line, and takes minutes for pages of text.
 */
function wrapped(text: string, columns: number): string[] {
    const lines: string[] = [];
    let line = "";
    // GitHub's runners take this mark for a command wherever it is.
    for (const word of visible(text).replaceAll("##[", "## [").split(" ")) {
        const joined = line === "" ? word : `${line} ${word}`;
        if (width(joined) <= columns) {
            line = joined;
            continue;
        }
        if (line !== "") lines.push(line);
        line = "";
        for (const character of word) {
            if (width(line + character) > columns) {
                lines.push(line);
                line = "";
            }
            line += character;
        }
    }
    return [...lines, line];
}

/** Columns that a text takes at most: characters outside Latin scripts and punctuation may take two. */
function width(text: string): number {
    return text.length + (text.match(/[^ -\u10ff\u2000-\u25ff]/g)?.length ?? 0);
}
