import { z } from "zod";
import { quoteReason, ReportError } from "./shared/error";
import { count, parseJson } from "./shared/json";
import type { TypeCoverageResult } from "./results";

const failed = z.object({
    succeeded: z.boolean(),
    error: z.string().optional(),
    /** Whether the only error is that the share is below the project's own limit (`--at-least`). The share is there. */
    atLeastFailed: z.boolean().optional(),
});

const report = z.object({
    succeeded: z.boolean(),
    correctCount: count,
    totalCount: count,
    /** `null` where nothing was measured. */
    percent: z.number().min(0).max(100).nullable(),
});

/** type-coverage's JSON report (`type-coverage --strict --json-output`): identifiers whose type is not `any`. */
export function readTypeCoverage(text: string, file: string): TypeCoverageResult {
    const tool = "type-coverage (type-coverage --strict --json-output)";
    const { error, atLeastFailed } = parseJson(text, file, failed, tool);
    if (error !== undefined && atLeastFailed !== true)
        throw new ReportError(file, "error", `type-coverage itself failed: ${quoteReason(error)}.`);
    const { correctCount, totalCount, percent } = parseJson(text, file, report, tool);
    if (totalCount === 0)
        throw new ReportError(
            file,
            "totalCount",
            "No identifier was measured; name the project that has the files (--project), not one that only refers to others.",
        );
    if (correctCount > totalCount)
        throw new ReportError(
            file,
            "correctCount",
            `${String(correctCount)} is more than ${String(totalCount)}, the number of all identifiers.`,
        );
    if (percent === null || Math.abs(percent - (correctCount / totalCount) * 100) > 0.011)
        throw new ReportError(
            file,
            "percent",
            `The report says ${String(percent)} %, but ${String(correctCount)} of ${String(totalCount)} are ${((correctCount / totalCount) * 100).toFixed(2)} %.`,
        );
    return {
        kind: "typeCoverage",
        tool: "type-coverage",
        version: undefined,
        typed: correctCount,
        total: totalCount,
        measuredAt: undefined,
    };
}
