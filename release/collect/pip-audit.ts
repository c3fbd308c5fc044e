import { z } from "zod";
import { quote, quoteReason, ReportError } from "./shared/error";
import { jsonPath, parseJson } from "./shared/json";
import type { ScanResult, Vulnerability } from "./results";

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
 * judges it like a high one. A report is refused when a dependency was skipped, because that was not audited; one that
 * is accepted becomes a finding without a rating, which the gate lets pass until its day.
 *
 * @param accepted ids of the accepted vulnerabilities; a skipped dependency has the id `unaudited:<name>`
 */
export function readPipAudit(
    text: string,
    file: string,
    accepted: ReadonlySet<string> = new Set<string>(),
): ScanResult {
    const { dependencies } = parseJson(text, file, report, "pip-audit --format json");
    if (dependencies.length === 0)
        throw new ReportError(file, "dependencies", "pip-audit audited no dependency; nothing was scanned.");
    // A lock file (pylock.toml) may have several versions of a package, for different platforms.
    const seen = new Set<string>();
    const vulnerabilities = dependencies.flatMap((dependency, at): Vulnerability[] => {
        const place = jsonPath(["dependencies", at]);
        const audited = `${dependency.name} ${"version" in dependency ? dependency.version : ""}`;
        if (seen.has(audited)) throw new ReportError(file, place, `${quote(dependency.name)} is listed twice.`);
        seen.add(audited);
        if ("skip_reason" in dependency) {
            const id = `unaudited:${dependency.name}`;
            if (!accepted.has(id))
                throw new ReportError(
                    file,
                    place,
                    `${quote(dependency.name)} was not audited: ${quoteReason(dependency.skip_reason)}; if it is a package of your own, accept it under accepted.vulnerabilities in the manifest, with the id ${quote(id)}, a ticket and a dueDate.`,
                );
            return [
                {
                    id,
                    rating: undefined,
                    package: dependency.name,
                    installedVersion: "unknown",
                    fixedVersion: undefined,
                    target: "Python dependencies",
                },
            ];
        }
        return dependency.vulns.map((one) => ({
            id: one.aliases?.find((alias) => alias.startsWith("CVE-")) ?? one.id,
            // As `pip-audit --ignore-vuln` takes them, by which a pull request is judged.
            aliases: [one.id, ...(one.aliases ?? [])],
            rating: undefined,
            package: dependency.name,
            installedVersion: dependency.version,
            fixedVersion: one.fix_versions[0],
            target: "Python dependencies",
        }));
    });
    if (dependencies.every((one) => "skip_reason" in one))
        throw new ReportError(file, "dependencies", "pip-audit audited no dependency: it skipped all of them.");
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
