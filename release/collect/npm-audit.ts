import { z } from "zod";
import { quote, quoteReason, ReportError } from "./shared/error";
import { count, jsonPath, parseJson } from "./shared/json";
import type { ScanResult, Vulnerability } from "./results";

/** From the least to the most severe, as npm orders them. */
const severities = ["info", "low", "moderate", "high", "critical"] as const;
const severity = z.enum(severities);
type Severity = z.output<typeof severity>;

/** Severities in evidence, by npm's names. */
const scores: Readonly<Record<Severity, string>> = {
    info: "none",
    low: "low",
    moderate: "medium",
    high: "high",
    critical: "critical",
};

const advisory = z.object({
    source: z.union([z.int(), z.string().min(1)]),
    name: z.string().min(1),
    url: z.string().min(1),
    severity,
    range: z.string(),
});

const failed = z.object({
    error: z.object({
        code: z.string().nullish(),
        summary: z.string().nullish(),
        detail: z.string().nullish(),
    }),
    /** The reason when the registry refused the request; `error` is empty then. */
    message: z.string().nullish(),
    statusCode: z.number().nullish(),
});

const report = z.object({
    auditReportVersion: z.literal(2),
    vulnerabilities: z.record(
        z.string(),
        z.object({
            name: z.string().min(1),
            severity,
            via: z.array(z.union([z.string(), advisory])).min(1),
            range: z.string(),
            nodes: z.array(z.string()),
            fixAvailable: z.union([z.boolean(), z.object({ name: z.string(), version: z.string() })]),
        }),
    ),
    metadata: z.object({
        vulnerabilities: z.object({
            info: count,
            low: count,
            moderate: count,
            high: count,
            critical: count,
            total: count,
        }),
        dependencies: z.object({ prod: count, dev: count, total: count }),
    }),
});

type Entry = z.output<typeof report>["vulnerabilities"][string];

const rank = (one: Severity) => severities.indexOf(one);

/** Checks each package's severity against its own advisories and those of its dependencies. */
function checkSeverities(entries: ReadonlyMap<string, Entry>, file: string): void {
    for (const [name, entry] of entries) {
        const reached = new Set<string>();
        const open = [name];
        let worst = -1;
        for (let next = open.pop(); next !== undefined; next = open.pop()) {
            if (reached.has(next)) continue;
            reached.add(next);
            const one = entries.get(next);
            if (one === undefined)
                throw new ReportError(
                    file,
                    jsonPath(["vulnerabilities", name, "via"]),
                    `The package depends on ${quote(next)}, which the report does not list.`,
                );
            for (const via of one.via) {
                if (typeof via === "string") open.push(via);
                else worst = Math.max(worst, rank(via.severity));
            }
        }
        const own = Math.max(-1, ...entry.via.map((via) => (typeof via === "string" ? -1 : rank(via.severity))));
        if (rank(entry.severity) > worst || rank(entry.severity) < own)
            throw new ReportError(
                file,
                jsonPath(["vulnerabilities", name, "severity"]),
                `The severity is ${quote(entry.severity)}, but the advisories behind it say otherwise.`,
            );
    }
}

/**
 * The report of `npm audit --json` since npm 7 (`auditReportVersion` 2). Each advisory is one vulnerability: packages
 * that only depend on a vulnerable package repeat its advisory and are not counted. The severities are npm's:
 * "moderate" is medium, "info" is none.
 */
export function readNpmAudit(text: string, file: string): ScanResult {
    const { error, message, statusCode } = parseJson(text, file, failed.partial().loose(), "npm audit --json");
    if (error !== undefined)
        throw new ReportError(
            file,
            "error",
            `npm audit itself failed with ${quote(error.code ?? String(statusCode ?? "no code"))}: ${quoteReason([error.summary, error.detail, message].find(Boolean) ?? "no reason given")}.`,
        );
    const { vulnerabilities: entries, metadata } = parseJson(text, file, report, "npm audit --json (npm 7 or later)");
    const all = Object.entries(entries);
    for (const word of severities) {
        const listed = all.filter(([, entry]) => entry.severity === word).length;
        if (metadata.vulnerabilities[word] !== listed)
            throw new ReportError(
                file,
                `metadata.vulnerabilities.${word}`,
                `The report counts ${String(metadata.vulnerabilities[word])} but lists ${String(listed)}.`,
            );
    }
    if (metadata.vulnerabilities.total !== all.length)
        throw new ReportError(
            file,
            "metadata.vulnerabilities.total",
            `The report counts ${String(metadata.vulnerabilities.total)} but lists ${String(all.length)}.`,
        );
    if (metadata.dependencies.total === 0)
        throw new ReportError(file, "metadata.dependencies.total", "npm audited no dependency; nothing was scanned.");
    checkSeverities(new Map(all), file);
    const found = new Map<string, Vulnerability>();
    for (const [, entry] of all) {
        for (const via of entry.via) {
            if (typeof via === "string") continue;
            const id = /GHSA-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}/.exec(via.url)?.[0] ?? `npm:${String(via.source)}`;
            found.set(`${id} ${via.name} ${via.range}`, {
                id,
                rating: { method: "npm", score: scores[via.severity] },
                package: via.name,
                installedVersion: via.range,
                fixedVersion: typeof entry.fixAvailable === "object" ? entry.fixAvailable.version : undefined,
                target: entry.nodes[0] ?? via.name,
            });
        }
    }
    return {
        kind: "scan",
        scanner: "npm-audit",
        packageUrl: "pkg:npm/npm",
        version: undefined,
        vulnerabilities: [...found.values()],
        imageDigests: undefined,
        onlineDatabase: true,
        scannedAt: undefined,
    };
}
