import { lineAt, linesOf } from "./shared/lines";
import { quote, ReportError } from "./shared/error";
import type { LintResult } from "./results";

const part = (verb: string) => `\\d+ files? would ${verb}`;
const summary = new RegExp(
    `^(?:${part("be reformatted")}|${part("be left unchanged")}|${part("fail to reformat")})(?:, (?:${part("be left unchanged")}|${part("fail to reformat")}))*\\.$`,
);

/**
 * The output of `black --check` (standard error). A file that Black would change or can't parse is an error. The last
 * line is Black's summary, which must agree with the files that are listed.
 */
export function readBlack(text: string, file: string): LintResult {
    const lines = linesOf(text, file, "Black (black --check)");
    const last = lines.length - 1;
    const line = lines[last] ?? "";
    if (!summary.test(line))
        throw new ReportError(
            file,
            lineAt(last),
            `The last line is ${quote(line)}; Black's is, for example, "3 files would be left unchanged." (black --check).`,
        );
    const number = (verb: string) => Number(new RegExp(`(\\d+) files? would ${verb}`).exec(line)?.[1] ?? 0);
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
        throw new ReportError(file, lineAt(last), "Black checked no file.");
    return { kind: "lint", tool: "black", errors: said.reformatted + said.failed, warnings: 0 };
}
