import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../../sandbox/machine/instance";
import type { Row } from "./fault";

/** What became of a row. */
export interface Result {
    readonly name: string;
    readonly kept: "yes" | "no" | "not caused";
    readonly seen: string;
    readonly recoverySeconds?: number | undefined;
}

/** The page with the table; `make chaos` writes what it has seen into it. */
export const pageFile = path.join(projectRoot, "docs", "guides", "chaos.md");

const head = "| Fault | Where | Promise | Caused by | Seen | Recovered in | Kept |";

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** How a row is caused: by a function of `make chaos`, by a test, or not at all. */
export const causeOf = (row: Row): string =>
    "cannot" in row ? "nothing here" : "test" in row ? `\`${row.test.file}\`` : `${row.run.name}()`;

const rowOf = (row: Row, measured: string) =>
    `| \`${row.name}\`: ${cell(row.fault)} | ${cell(row.where)} | ${cell(row.promise)} | ${causeOf(row)} | ${measured} |`;

const measuredBy = ({ kept, seen, recoverySeconds }: Result): string =>
    [cell(seen), recoverySeconds === undefined ? "" : `${Math.max(1, Math.round(recoverySeconds))} s`, kept].join(
        " | ",
    );

const notMeasured = (row: Row) =>
    "cannot" in row
        ? `${cell(`${row.cannot.reason} ${row.cannot.evidence}`)} |  | not caused`
        : `not measured yet |  | not run`;

/** What a page says that was seen, by the row's name. */
export function measuredIn(text: string): ReadonlyMap<string, string> {
    return new Map(
        [...text.matchAll(/^\| `([a-z0-9-]+)`: [^|]* \| [^|]* \| [^|]* \| [^|]* \| (.*) \|$/gm)].map(
            ([, name = "", measured = ""]) => [name, measured] as const,
        ),
    );
}

/** The page's text with a row for each fault: what was seen now, or earlier where it was not tried now. */
export function withTable(text: string, rows: readonly Row[], results: readonly Result[]): string {
    const earlier = measuredIn(text);
    const lines = rows.map((row) => {
        const result = results.find(({ name }) => name === row.name);
        return rowOf(
            row,
            "cannot" in row
                ? notMeasured(row)
                : result
                  ? measuredBy(result)
                  : (earlier.get(row.name) ?? notMeasured(row)),
        );
    });
    const start = text.indexOf(head);
    const end = text.indexOf("\n\n", start);
    const table = [head, head.replace(/[^|]+/g, "---"), ...lines].join("\n");
    return text.slice(0, start) + table + text.slice(end);
}

export const readPage = () => fs.readFileSync(pageFile, "utf8");

export const writePage = (rows: readonly Row[], results: readonly Result[]): void => {
    fs.writeFileSync(pageFile, withTable(readPage(), rows, results));
};
