import * as path from "node:path";
import { parseDocument, type Document } from "yaml";
import { z } from "zod";
import { ReportError } from "./shared/error";
import { jsonPath } from "./shared/json";
import { checkText, placeAt } from "./shared/text";
import { ticket } from "../../delivery/evidence/predicates/fields";

/** File name of the manifest in a folder of reports. */
export const manifestName = "reports.yaml";

const file = z
    .string()
    .regex(/^[^\p{Cc}]+$/u, "must be a path without control characters")
    .refine((one) => !path.isAbsolute(one) && !one.split(/[\\/]/).includes(".."), "must be a path inside the folder")
    .describe("The report, relative to the manifest");

const version = z.string().min(1).max(100).describe("Version of the tool, as it prints it");

const source = z
    .string()
    .regex(/^[\w@.-]+(?:\/[\w@.-]+)*$/, "must be a folder of the repository, such as backend/tests/unit")
    .describe("Folder of the tests, from the repository's root");

const exitCode = z
    .int()
    .min(0)
    .max(255)
    .optional()
    .describe("Exit code of the command that wrote the report; without it, the report is no evidence");

/** Kinds of reports that do not contain the version of their tool. */
const unversioned = [
    "istanbul",
    "black",
    "mypy",
    "eslint",
    "prettier",
    "typescript",
    "type-coverage",
    "bandit",
    "eslint-security",
    "npm-audit",
    "pip-audit",
] as const;

const entry = z.discriminatedUnion("kind", [
    z.strictObject({
        kind: z.literal("junit"),
        suite: z.enum(["unit-backend", "unit-frontend", "integration"]).describe("The suite that ran"),
        file,
        source,
        exitCode,
    }),
    z.strictObject({
        kind: z.literal("playwright"),
        suite: z.literal("e2e-critical").describe("The suite that ran"),
        tag: z
            .string()
            .regex(/^[\w-]+$/, "must be the tag without @")
            .optional()
            .describe("Tag of the critical tests, without @; all tests are critical when it is absent"),
        file,
        source,
        exitCode,
    }),
    z.strictObject({ kind: z.enum(["coverage-py", "mypy-coverage"]), file, exitCode }),
    z.strictObject({ kind: z.enum(unversioned), file, version, exitCode }),
    z.strictObject({
        kind: z.literal("ruff"),
        file,
        version,
        checked: z
            .int()
            .min(0)
            .optional()
            .describe(
                "Number of files that ruff checked (ruff check --show-files); required for a report without findings",
            ),
        exitCode,
    }),
    z.strictObject({
        kind: z.literal("safety"),
        file,
        exitCode,
        requirements: z
            .array(file)
            .min(1)
            .optional()
            .describe(
                "Copies of the files of requirements that Safety scanned; required unless it scanned an environment",
            ),
        databaseUpdatedAt: z.iso.datetime().optional().describe("When the database was updated, for a local database"),
    }),
    z.strictObject({
        kind: z.literal("trivy"),
        service: z.string().min(1).describe("Service whose image was scanned"),
        file,
        database: file.describe("Output of trivy version --format json after the scan"),
        exitCode,
    }),
]);

const justification = z.string().min(10).max(2000);

const manifest = z.strictObject({
    reports: z.array(entry).min(1).describe("The reports, each once"),
    accepted: z
        .strictObject({
            vulnerabilities: z
                .array(z.strictObject({ id: z.string().min(1), ticket, dueDate: z.iso.date() }))
                .default([])
                .describe("Vulnerabilities that a ticket tracks, with the day by which they will be fixed"),
            findings: z
                .array(
                    z.strictObject({
                        rule: z.string().min(1),
                        file: z.string().min(1),
                        line: z.int().min(1),
                        kind: z.enum(["false-positive", "accepted"]),
                        ticket,
                        justification,
                    }),
                )
                .default([])
                .describe("Findings of static analysis that are accepted or false positives"),
            warnings: z
                .array(z.strictObject({ tool: z.string().min(1), justification }))
                .default([])
                .describe("Why a linter's warnings are acceptable"),
        })
        .default({ vulnerabilities: [], findings: [], warnings: [] }),
});

/** The contents of a manifest: the reports, and the findings that are accepted. */
export type Manifest = z.output<typeof manifest>;
export type ManifestEntry = z.output<typeof entry>;
export type ReportKind = ManifestEntry["kind"];
export type Accepted = Manifest["accepted"];

/** The subject of an entry. No two entries may have the same. */
function subjectOf(one: ManifestEntry): string {
    if (one.kind === "junit" || one.kind === "playwright") return `suite ${one.suite}`;
    if (one.kind === "trivy") return `Trivy's scan of ${one.service}`;
    return one.kind === "pip-audit" || one.kind === "safety" ? "the audit of Python dependencies" : one.kind;
}

/** The value of the manifest. Aliases are refused, because a short text could expand without limit. */
function valueOf(document: Document.Parsed, name: string): unknown {
    try {
        return document.toJS({ maxAliasCount: 0 });
    } catch (error) {
        if (!(error instanceof ReferenceError)) throw error;
        throw new ReportError(name, undefined, "The manifest has an alias (*name); write the value itself.");
    }
}

/**
 * Reads a manifest (YAML or JSON).
 *
 * @throws ReportError with line and column for invalid YAML, and with a path for a wrong value, for two reports on one
 * suite or tool, and for a file that two entries name
 */
export function parseManifest(text: string, name: string): Manifest {
    checkText(text, name);
    const document = parseDocument(text, { uniqueKeys: true });
    const problem = document.errors[0];
    if (problem !== undefined)
        throw new ReportError(
            name,
            placeAt(text, problem.pos[0]),
            `The manifest is not valid YAML: ${(problem.message.split("\n", 1)[0] ?? "").replace(/[.:]?$/, ".")}`,
        );
    const result = manifest.safeParse(valueOf(document, name));
    if (!result.success) {
        const issue = result.error.issues[0];
        throw new ReportError(name, jsonPath(issue?.path ?? []), `${issue?.message ?? "It is wrong"}.`);
    }
    const subjects = new Set<string>();
    const files = new Map<string, ReportKind>();
    result.data.reports.forEach((one, at) => {
        const subject = subjectOf(one);
        if (subjects.has(subject))
            throw new ReportError(name, jsonPath(["reports", at]), `There are two reports on ${subject}; give one.`);
        subjects.add(subject);
        // One report of ESLint may have both kinds.
        const other = files.get(one.file);
        const both = new Set([other, one.kind]);
        if (other !== undefined && !(both.has("eslint") && both.has("eslint-security")))
            throw new ReportError(name, jsonPath(["reports", at, "file"]), `${one.file} is named twice.`);
        files.set(one.file, one.kind);
    });
    return result.data;
}
