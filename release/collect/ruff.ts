import { z } from "zod";
import { parseJson } from "./shared/json";
import type { LintResult } from "./results";

const place = z.object({ row: z.int().min(1), column: z.int().min(1) });

const report = z.array(
    z.object({
        // Null in older versions for a file that could not be parsed.
        code: z.string().min(1).nullable(),
        filename: z.string().min(1),
        location: place,
        end_location: place,
        message: z.string().min(1),
        severity: z.enum(["error", "warning"]).optional(),
    }),
);

/** ruff's JSON report (`ruff check --output-format json`). A finding is an error unless its severity is "warning". */
export function readRuff(text: string, file: string): LintResult {
    const findings = parseJson(text, file, report, "ruff (ruff check --output-format json)");
    const warnings = findings.filter(({ severity }) => severity === "warning").length;
    return { kind: "lint", tool: "ruff", errors: findings.length - warnings, warnings };
}
