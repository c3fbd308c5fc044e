import { z } from "zod";
import { quote, ReportError } from "./shared/error";
import { jsonPath, parseJson } from "./shared/json";
import type { ScanResult } from "./results";

const report = z.object({
    dependencies: z.array(
        z.union([
            z.object({
                name: z.string().min(1),
                version: z.string().min(1),
                vulns: z.array(
                    z.object({
                        id: z.string().min(1),
                        fix_versions: z.array(z.string()),
                        aliases: z.array(z.string()).optional(),
                    }),
                ),
            }),
            z.object({ name: z.string().min(1), skip_reason: z.string() }),
        ]),
    ),
    fixes: z.array(z.unknown()),
});

/**
 * pip-audit's JSON report (`pip-audit --format json`). It has no severities: every finding is unrated, and the gate
 * judges it like a high one. A report is refused when a dependency was skipped, because that was not audited.
 */
export function readPipAudit(text: string, file: string): ScanResult {
    const { dependencies } = parseJson(text, file, report, "pip-audit --format json");
    if (dependencies.length === 0)
        throw new ReportError(file, "dependencies", "pip-audit audited no dependency; nothing was scanned.");
    const seen = new Set<string>();
    const vulnerabilities = dependencies.flatMap((dependency, at) => {
        const place = jsonPath(["dependencies", at]);
        if (seen.has(dependency.name)) throw new ReportError(file, place, `${quote(dependency.name)} is listed twice.`);
        seen.add(dependency.name);
        if ("skip_reason" in dependency)
            throw new ReportError(
                file,
                place,
                `${quote(dependency.name)} was not audited: ${quote(dependency.skip_reason)}.`,
            );
        return dependency.vulns.map((one) => ({
            id: one.aliases?.find((alias) => alias.startsWith("CVE-")) ?? one.id,
            rating: undefined,
            package: dependency.name,
            installedVersion: dependency.version,
            fixedVersion: one.fix_versions[0],
            target: "Python dependencies",
        }));
    });
    return {
        kind: "scan",
        scanner: "python-audit",
        packageUrl: "pkg:pypi/pip-audit",
        version: undefined,
        vulnerabilities,
        imageDigests: undefined,
        onlineDatabase: true,
        scannedAt: undefined,
    };
}
