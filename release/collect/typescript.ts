import { lineAt, linesOf } from "./shared/lines";
import { quote, ReportError } from "./shared/error";
import type { LintResult } from "./results";

const diagnostic = /^(?:.+\(\d+,\d+\): )?error TS\d+: /;
const files = /^Files: +(\d+)$/;
const statistic = /^[A-Z][\w/ ]*: +\d+(?:\.\d+)?[sK]?$/;
/** The last line; since TypeScript 7 the one of `tsc --build` is about all projects. */
const end = /^(?:Aggregate )?Total time: +\d+\.\d+s$/;

/**
 * The output of `tsc --noEmit --pretty false --diagnostics`. Without `--diagnostics` the compiler prints nothing when
 * there is no error, so its output would not show that it ran.
 */
export function readTypescript(text: string, file: string): LintResult {
    const lines = linesOf(text, file, "the compiler (tsc --noEmit --pretty false --diagnostics)");
    const last = lines.length - 1;
    if (!end.test(lines[last] ?? ""))
        throw new ReportError(
            file,
            lineAt(last),
            `The last line is ${quote(lines[last] ?? "")}; the compiler's is "Total time: …" (tsc --diagnostics).`,
        );
    const statistics = lines.findIndex((line) => files.test(line));
    if (statistics < 0)
        throw new ReportError(file, lineAt(last), "The output does not say how many files were checked.");
    if (Number(files.exec(lines[statistics] ?? "")?.[1]) === 0)
        throw new ReportError(
            file,
            lineAt(statistics),
            "The compiler checked no file; where tsconfig.json only refers to other projects, run tsc --build --pretty false --diagnostics, or name one with --project.",
        );
    // `tsc --build` writes the diagnostics of each project after the statistics of the one before.
    const stray = lines.findIndex((line) => !diagnostic.test(line) && !line.startsWith("  ") && !statistic.test(line));
    if (stray >= 0)
        throw new ReportError(file, lineAt(stray), `${quote(lines[stray] ?? "")} is not a diagnostic of the compiler.`);
    return {
        kind: "lint",
        tool: "typescript",
        errors: lines.filter((line) => diagnostic.test(line)).length,
        warnings: 0,
    };
}
