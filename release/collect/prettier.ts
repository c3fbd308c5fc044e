import { lineAt, linesOf } from "./shared/lines";
import { quote, ReportError } from "./shared/error";
import type { LintResult } from "./results";

const clean = "All matched files use Prettier code style!";
const changed =
    /^\[warn\] Code style issues found in (?:the above file|(\d+) files)\. Run Prettier(?: with --write)? to fix\.$/;
const broken = /^Error occurred when checking code style in (?:the above file|(\d+) files)\.$/;
const syntaxError = /^\[error\] (?:\S.*: \w*Error: |No parser could be inferred for file)/;
/** A warning about Prettier's own options, not about a file. */
const optionWarning = /^\[warn\] (?:Ignored unknown option |.* is deprecated)/;

/**
 * The output of `prettier --check` (standard output and standard error). A file that Prettier would change or can't
 * parse, or for whose language it has no parser, is an error. Warnings about options are none. The last line is Prettier's summary: it counts the files that can't be parsed, or else those that
 * would change.
 */
export function readPrettier(text: string, file: string): LintResult {
    const lines = linesOf(text, file, "Prettier (prettier --check)");
    const last = lines.length - 1;
    // Warnings about options of the command line come before the first line.
    const start = lines.findIndex((one) => !optionWarning.test(one));
    const [first = "", line = ""] = [lines[start], lines[last]];
    if (first !== "Checking formatting...")
        throw new ReportError(
            file,
            lineAt(Math.max(start, 0)),
            `The first line is ${quote(first)}; Prettier's is "Checking formatting..." (prettier --check).`,
        );
    const named = {
        changed: lines.filter((one) => one.startsWith("[warn] ") && !changed.test(one) && !optionWarning.test(one))
            .length,
        broken: lines.filter((one) => syntaxError.test(one)).length,
    };
    if (line === clean) {
        const problem = lines.findIndex((one, at) => at > start && at < last && !optionWarning.test(one));
        if (problem > 0)
            throw new ReportError(
                file,
                lineAt(problem),
                `Prettier's summary has no problem, but this line does: ${quote(lines[problem])}.`,
            );
        return { kind: "lint", tool: "prettier", errors: 0, warnings: 0 };
    }
    const summary = changed.exec(line) ?? broken.exec(line);
    if (summary === null)
        throw new ReportError(
            file,
            lineAt(last),
            /^\[warn\] Code style issues fixed in /.test(line)
                ? "Prettier corrected files instead of checking them; run it without --write."
                : `The last line is ${quote(line)}; Prettier's summary is missing, so it ended early; correct what the output names, and run prettier --check again.`,
        );
    const said = Number(summary[1] ?? 1);
    const counted = changed.test(line) ? named.changed : named.broken;
    if (said !== counted || (changed.test(line) && named.broken > 0))
        throw new ReportError(
            file,
            lineAt(last),
            `Prettier counts ${String(said)} files but names ${String(counted)}.`,
        );
    return { kind: "lint", tool: "prettier", errors: named.changed + named.broken, warnings: 0 };
}
