import { z } from "zod";
import { ReportError } from "./shared/error";
import { count, parseJson } from "./shared/json";
import type { ScanResult } from "./results";

const score = z.number().min(0).max(10);

const finding = z.object({
    vulnerability_id: z.string().min(1),
    package_name: z.string().min(1),
    analyzed_version: z.string().min(1),
    fixed_versions: z.array(z.string()),
    CVE: z.string().nullable(),
    severity: z
        .object({
            source: z.string().nullish(),
            cvssv2: z.object({ base_score: score }).nullish(),
            cvssv3: z.object({ base_score: score }).nullish(),
        })
        .nullable(),
});

const report = z.object({
    report_meta: z.object({
        /** The files of requirements; the packages, of standard input (`--stdin`). */
        scanned: z.array(z.string()),
        scan_target: z.string(),
        safety_version: z.string().min(1),
        timestamp: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        packages_found: count,
        vulnerabilities_found: count,
        vulnerabilities_ignored: count,
        local_database_path: z.string().nullable(),
    }),
    scanned_packages: z.record(z.string(), z.object({ name: z.string(), version: z.string() })),
    vulnerabilities: z.array(finding),
    ignored_vulnerabilities: z.array(finding),
});

/**
 * Safety's JSON report (`safety check --json`, version 2). Findings that a policy file ignores count: only the manifest
 * accepts one, with a ticket and a date. Times are UTC, as on the runners of the pipeline.
 */
export function readSafety(text: string, file: string): ScanResult {
    const { report_meta: meta, ...found } = parseJson(text, file, report, "Safety (safety check --json)");
    const packages = Object.keys(found.scanned_packages).length;
    // Two files may pin the same package; the list is by name.
    const repeated = meta.scanned.length > 1 && meta.packages_found > packages && packages > 0;
    for (const [name, said, listed] of [
        ["packages_found", meta.packages_found, repeated ? meta.packages_found : packages],
        ["vulnerabilities_found", meta.vulnerabilities_found, found.vulnerabilities.length],
        ["vulnerabilities_ignored", meta.vulnerabilities_ignored, found.ignored_vulnerabilities.length],
    ] as const) {
        if (said !== listed)
            throw new ReportError(
                file,
                `report_meta.${name}`,
                `The report counts ${String(said)} but lists ${String(listed)}.`,
            );
    }
    if (packages === 0) throw new ReportError(file, "scanned_packages", "Safety scanned no package.");
    const scannedAt = new Date(`${meta.timestamp.replace(" ", "T")}Z`);
    if (Number.isNaN(scannedAt.getTime()))
        throw new ReportError(file, "report_meta.timestamp", `"${meta.timestamp}" is not a date and time that exists.`);
    return {
        kind: "scan",
        scanner: "python-audit",
        packageUrl: "pkg:pypi/safety",
        version: meta.safety_version,
        vulnerabilities: [...found.vulnerabilities, ...found.ignored_vulnerabilities].map((one) => {
            const cvss = one.severity?.cvssv3?.base_score ?? one.severity?.cvssv2?.base_score;
            return {
                id: one.CVE ?? `safety:${one.vulnerability_id}`,
                aliases: [`safety:${one.vulnerability_id}`],
                rating: cvss === undefined ? undefined : { method: "cvss_score", score: String(cvss) },
                package: one.package_name,
                installedVersion: one.analyzed_version,
                fixedVersion: one.fixed_versions[0],
                target: "Python dependencies",
            };
        }),
        imageDigests: undefined,
        onlineDatabase: meta.local_database_path === null,
        scannedAt,
    };
}
