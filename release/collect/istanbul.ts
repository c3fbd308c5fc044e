import { z } from "zod";
import { ReportError } from "./shared/error";
import { count, jsonPath, parseJson } from "./shared/json";
import type { CoverageResult } from "./results";

const kinds = ["lines", "statements", "functions", "branches"] as const;

const measure = z.object({
    total: count,
    covered: count,
    skipped: count,
    pct: z.union([z.number().min(0).max(100), z.literal("Unknown")]),
});

const entry = z.object({ lines: measure, statements: measure, functions: measure, branches: measure });

/** Istanbul truncates percentages after two digits; in percentage points. */
const tolerance = 0.011;

/** Istanbul's `coverage-summary.json` (reporter `json-summary`), as Vitest and Jest write it. */
export function readIstanbul(text: string, file: string): CoverageResult {
    const report = parseJson(
        text,
        file,
        z.record(z.string(), entry),
        "Istanbul (--coverageReporters=json-summary of Jest, --coverage.reporter=json-summary of Vitest)",
    );
    const { total, ...files } = report;
    if (total === undefined)
        throw new ReportError(file, "total", "The report has no total; it is not a summary of Istanbul.");
    for (const [name, one] of Object.entries(report)) {
        for (const kind of kinds) {
            const { covered, total: all, pct } = one[kind];
            const place = jsonPath([name, kind]);
            if (covered > all)
                throw new ReportError(
                    file,
                    place,
                    `${String(covered)} of ${String(all)} are covered, which is more than all.`,
                );
            const counted = all === 0 ? 100 : (covered / all) * 100;
            if (pct === "Unknown" ? all > 0 : Math.abs(pct - counted) > tolerance)
                throw new ReportError(
                    file,
                    `${place}.pct`,
                    `The report says ${String(pct)} %, but ${String(covered)} of ${String(all)} are ${counted.toFixed(2)} %.`,
                );
        }
    }
    for (const kind of kinds) {
        for (const field of ["covered", "total"] as const) {
            const sum = Object.values(files).reduce((all, one) => all + one[kind][field], 0);
            if (sum !== total[kind][field])
                throw new ReportError(
                    file,
                    `total.${kind}.${field}`,
                    `The total is ${String(total[kind][field])}, but the files add up to ${String(sum)}.`,
                );
        }
    }
    if (total.lines.total === 0) throw new ReportError(file, "total.lines", "No lines were measured.");
    return {
        kind: "coverage",
        tool: "istanbul",
        version: undefined,
        linesCovered: total.lines.covered,
        linesTotal: total.lines.total,
        branches: { covered: total.branches.covered, total: total.branches.total },
        measuredAt: undefined,
    };
}
