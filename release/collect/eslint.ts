import { z } from "zod";
import { quote, ReportError } from "./shared/error";
import { count, jsonPath, parseJson } from "./shared/json";
import type { Finding, LintResult, SastResult } from "./results";

const messages = z.array(
    z.object({
        ruleId: z.string().min(1).nullable(),
        severity: z.union([z.literal(1), z.literal(2)]),
        fatal: z.boolean().optional(),
        message: z.string(),
        line: z.int().min(0).optional(),
    }),
);

const report = z.array(
    z.object({
        filePath: z.string().min(1),
        messages,
        /**
         * Findings that comments (`eslint-disable`) or suppressions hide. The counts leave them out. Since ESLint 8.8.
         */
        suppressedMessages: messages,
        errorCount: count,
        fatalErrorCount: count,
        warningCount: count,
        /** The text after ESLint corrected it (`--fix`); absent where nothing was corrected. */
        output: z.string().optional(),
    }),
);

/** ESLint's message about a file that was named but not looked at: it is ignored, or no configuration matches it. */
const isIgnored = (one: z.output<typeof report>[number]) =>
    one.messages.some(
        ({ ruleId, fatal, message }) => ruleId === null && fatal !== true && message.startsWith("File ignored"),
    );

function readFiles(text: string, file: string) {
    const files = parseJson(text, file, report, "ESLint (eslint --format json)");
    if (files.every(isIgnored))
        throw new ReportError(
            file,
            undefined,
            files[0] === undefined
                ? "ESLint checked no file; run it on the sources, and without --quiet, which leaves clean files out."
                : `ESLint checked no file: ${quote(files[0].messages[0]?.message)}.`,
        );
    const seen = new Set<string>();
    files.forEach((one, at) => {
        if (seen.has(one.filePath))
            throw new ReportError(file, jsonPath([at, "filePath"]), `${quote(one.filePath)} is listed twice.`);
        seen.add(one.filePath);
        if (one.output !== undefined)
            throw new ReportError(
                file,
                jsonPath([at, "output"]),
                `ESLint corrected ${quote(one.filePath)} before it reported what was left, so the report is not about the file of the commit; run it without --fix and --fix-dry-run.`,
            );
        const listed = {
            errorCount: one.messages.filter(({ severity }) => severity === 2).length,
            fatalErrorCount: one.messages.filter(({ fatal }) => fatal === true).length,
            warningCount: one.messages.filter(({ severity }) => severity === 1).length,
        };
        for (const name of ["errorCount", "fatalErrorCount", "warningCount"] as const)
            if (one[name] !== listed[name])
                throw new ReportError(
                    file,
                    jsonPath([at, name]),
                    `The report counts ${String(one[name])} but lists ${String(listed[name])}.`,
                );
    });
    return files;
}

/**
 * ESLint's JSON report (`eslint --format json`) as a linter's result: errors and warnings of all rules. A file that ESLint
 * ignored is a warning, but not all may be. A report is refused when ESLint corrected a file.
 */
export function readEslint(text: string, file: string): LintResult {
    const files = readFiles(text, file);
    const sum = (name: "errorCount" | "warningCount") => files.reduce((all, one) => all + one[name], 0);
    return { kind: "lint", tool: "eslint", errors: sum("errorCount"), warnings: sum("warningCount") };
}

/**
 * ESLint's JSON report as static analysis for security: only findings of `eslint-plugin-security` and `no-unsanitized`.
 * "error" counts as high, "warn" as medium; ESLint has no other severities. A report is refused when ESLint could not
 * parse a file, ignored it, or corrected it. Findings that a comment hides (`eslint-disable`) count: only the manifest accepts one, with a ticket.
 */
export function readEslintSecurity(text: string, file: string): SastResult {
    const findings = readFiles(text, file).flatMap((one, at) => {
        if (isIgnored(one))
            throw new ReportError(
                file,
                jsonPath([at, "messages"]),
                `ESLint did not analyse ${quote(one.filePath)}: ${quote(one.messages[0]?.message)}; correct the configuration, or leave the file out of the command.`,
            );
        return [...one.messages, ...one.suppressedMessages].flatMap((message, number): Finding[] => {
            if (message.fatal === true)
                throw new ReportError(
                    file,
                    jsonPath([at, "messages", number]),
                    `ESLint did not analyse ${quote(one.filePath)}: ${quote(message.message)}.`,
                );
            const { ruleId } = message;
            if (ruleId === null || !/^(?:security|no-unsanitized)\//.test(ruleId)) return [];
            const severity = message.severity === 2 ? "high" : "medium";
            return [{ rule: ruleId, severity, file: one.filePath, line: message.line ?? 0 }];
        });
    });
    return { kind: "sast", tool: "eslint-security", findings, measuredAt: undefined };
}
