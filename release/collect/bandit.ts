import { z } from "zod";
import { quote, ReportError } from "./shared/error";
import { count, jsonPath, parseJson } from "./shared/json";
import type { SastResult } from "./results";

const metrics = z.object({
    "SEVERITY.HIGH": count.optional(),
    "SEVERITY.MEDIUM": count.optional(),
    "SEVERITY.LOW": count.optional(),
    loc: count,
    /** Lines whose findings a comment `nosec` hid. */
    nosec: count,
    /** Tests that a comment such as `nosec B602` left out. Since Bandit 1.7.1. */
    skipped_tests: count.optional(),
});

const report = z.object({
    errors: z.array(z.object({ filename: z.string(), reason: z.string() })),
    generated_at: z.iso.datetime(),
    metrics: z.record(z.string(), metrics),
    results: z.array(
        z.object({
            filename: z.string().min(1),
            issue_severity: z.enum(["HIGH", "MEDIUM", "LOW"]),
            line_number: z.int().min(1),
            test_id: z.string().min(1),
        }),
    ),
});

/**
 * Bandit's JSON report (`bandit --format json --ignore-nosec`). With `-ll`, Bandit does not list findings of low severity but still
 * counts them; all others must be listed. A report is refused when Bandit
 * could not parse a file, or when comments hid findings.
 */
export function readBandit(text: string, file: string): SastResult {
    const {
        errors,
        generated_at,
        metrics: all,
        results,
    } = parseJson(text, file, report, "Bandit (bandit --format json --ignore-nosec)");
    if (errors[0] !== undefined)
        throw new ReportError(
            file,
            "errors[0]",
            `Bandit did not analyse ${quote(errors[0].filename)}: ${quote(errors[0].reason)}.`,
        );
    const { _totals: totals, ...files } = all;
    if (totals === undefined) throw new ReportError(file, "metrics._totals", "The report has no totals.");
    if (totals.loc === 0) throw new ReportError(file, "metrics._totals.loc", "Bandit analysed no line of code.");
    const hidden = totals.nosec + (totals.skipped_tests ?? 0);
    if (hidden > 0)
        throw new ReportError(
            file,
            `metrics._totals.${totals.nosec > 0 ? "nosec" : "skipped_tests"}`,
            `Comments (nosec) hid findings in ${String(hidden)} places; run bandit with --ignore-nosec, and list what is accepted under accepted.findings in the manifest.`,
        );
    const lines = Object.values(files).reduce((sum, one) => sum + one.loc, 0);
    if (lines !== totals.loc)
        throw new ReportError(
            file,
            "metrics._totals.loc",
            `The total is ${String(totals.loc)} lines, but the files add up to ${String(lines)}.`,
        );
    for (const word of ["HIGH", "MEDIUM", "LOW"] as const) {
        const key = `SEVERITY.${word}` as const;
        const place = jsonPath(["metrics", "_totals", key]);
        const said = totals[key];
        if (said === undefined) throw new ReportError(file, place, "The report does not count this severity.");
        const sum = Object.values(files).reduce((all, one) => all + (one[key] ?? 0), 0);
        const listed = results.filter(({ issue_severity }) => issue_severity === word).length;
        const complete = listed === said || (word === "LOW" && listed === 0);
        if (sum !== said || !complete)
            throw new ReportError(
                file,
                place,
                `The total is ${String(said)}, the files add up to ${String(sum)} and ${String(listed)} are listed; run bandit with at most -ll, and without -i or a baseline (-b).`,
            );
    }
    return {
        kind: "sast",
        tool: "bandit",
        findings: results.map((one) => ({
            rule: one.test_id,
            severity: one.issue_severity === "HIGH" ? "high" : one.issue_severity === "MEDIUM" ? "medium" : "low",
            file: one.filename.replace(/^\.\//, ""),
            line: one.line_number,
        })),
        measuredAt: new Date(generated_at),
    };
}
