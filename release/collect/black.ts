import { lineAt, linesOf } from "./shared/lines";
import { quote, ReportError } from "./shared/error";
import type { LintResult } from "./results";

const part = (what: string) => `\\d+ files? would ${what}`;
const summary = new RegExp(
    `^(?:${part("be reformatted")}|${part("be left unchanged")}|${part("fail to reformat")})(?:, (?:${part("be left unchanged")}|${part("fail to reformat")}))*\\.$`,
);

/**
 * What `black --check` prints (on its error output). A file that it would change, or cannot parse, is an error. The
 * last line is Black's summary, which must agree with the files that were listed.
 */
export function readBlack(text: string, file: string): LintResult {
    const lines = linesOf(text, file);
    const last = lines.length - 1;
    const line = lines[last] ?? "";
    if (!summary.test(line))
        throw new ReportError(
            file,
            lineAt(last),
            `The last line is ${quote(line)}; Black's is such as "3 files would be left unchanged." (black --check).`,
        );
    const number = (what: string) => Number(new RegExp(`(\\d+) files? would ${what}`).exec(line)?.[1] ?? 0);
    const said = { reformatted: number("be reformatted"), failed: number("fail to reformat") };
    const listed = {
        reformatted: lines.filter((one) => one.startsWith("would reformat ")).length,
        failed: lines.filter((one) => one.startsWith("error: cannot ")).length,
    };
    for (const name of ["reformatted", "failed"] as const)
        if (said[name] !== listed[name])
            throw new ReportError(
                file,
                lineAt(last),
                `Black counts ${String(said[name])} files but names ${String(listed[name])}.`,
            );
    if (said.reformatted + said.failed + number("be left unchanged") === 0)
        throw new ReportError(file, lineAt(last), "Black looked at no file.");
    return { kind: "lint", tool: "black", errors: said.reformatted + said.failed, warnings: 0 };
}
