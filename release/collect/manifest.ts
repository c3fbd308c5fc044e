import * as path from "node:path";
import { parseDocument, type Document } from "yaml";
import { z } from "zod";
import { ReportError } from "./shared/error";
import { jsonPath } from "./shared/json";
import { checkText, placeAt } from "./shared/text";
import { ticket } from "../evidence/predicates/fields";

/** Name of the manifest in a folder of reports. */
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

/** Reports of tools that do not write their own version into them. */
const unversioned = [
    "istanbul",
    "ruff",
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
    }),
    z.strictObject({ kind: z.enum(["coverage-py", "mypy-coverage"]), file }),
    z.strictObject({ kind: z.enum(unversioned), file, version }),
    z.strictObject({
        kind: z.literal("safety"),
        file,
        databaseUpdatedAt: z.iso.datetime().optional().describe("When the database was updated, for one in a folder"),
    }),
    z.strictObject({
        kind: z.literal("trivy"),
        service: z.string().min(1).describe("Service whose image was scanned"),
        file,
        database: file.describe("What trivy version --format json printed after the scan"),
    }),
]);

const justification = z.string().min(10).max(2000);

const manifest = z.strictObject({
    reports: z.array(entry).min(1).describe("Each report once"),
    accepted: z
        .strictObject({
            vulnerabilities: z
                .array(z.strictObject({ id: z.string().min(1), ticket, dueDate: z.iso.date() }))
                .default([])
                .describe("Findings that a ticket tracks, with the day until which they will be gone"),
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
                .describe("Findings of static analysis where the code stays as it is"),
            warnings: z
                .array(z.strictObject({ tool: z.string().min(1), justification }))
                .default([])
                .describe("Why a linter's warnings are acceptable"),
        })
        .default({ vulnerabilities: [], findings: [], warnings: [] }),
});

/** Which reports there are, what they are about, and which findings are accepted. */
export type Manifest = z.output<typeof manifest>;
export type ManifestEntry = z.output<typeof entry>;
export type ReportKind = ManifestEntry["kind"];
export type Accepted = Manifest["accepted"];

/** What an entry is evidence of; no two entries may be about the same. */
function itemOf(one: ManifestEntry): string {
    if (one.kind === "junit" || one.kind === "playwright") return `suite ${one.suite}`;
    if (one.kind === "trivy") return `Trivy's scan of ${one.service}`;
    return one.kind === "pip-audit" || one.kind === "safety" ? "the audit of Python dependencies" : one.kind;
}

/** The manifest's value. Aliases are refused: a short text could stand for an endless value. */
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
 * @throws ReportError with line and column for broken YAML, with a path for a wrong value, for two reports about one
 * suite or tool, and for one file under two names
 */
export function parseManifest(text: string, name: string): Manifest {
    checkText(text, name);
    const document = parseDocument(text, { uniqueKeys: true });
    const problem = document.errors[0];
    if (problem !== undefined)
        throw new ReportError(
            name,
            placeAt(text, problem.pos[0]),
            `The manifest is no valid YAML: ${(problem.message.split("\n", 1)[0] ?? "").replace(/[.:]?$/, ".")}`,
        );
    const result = manifest.safeParse(valueOf(document, name));
    if (!result.success) {
        const issue = result.error.issues[0];
        throw new ReportError(name, jsonPath(issue?.path ?? []), `${issue?.message ?? "It is wrong"}.`);
    }
    const items = new Set<string>();
    const files = new Map<string, ReportKind>();
    result.data.reports.forEach((one, at) => {
        const item = itemOf(one);
        if (items.has(item))
            throw new ReportError(name, jsonPath(["reports", at]), `There are two reports on ${item}; give one.`);
        items.add(item);
        // One run of ESLint may be both.
        const other = files.get(one.file);
        const both = new Set([other, one.kind]);
        if (other !== undefined && !(both.has("eslint") && both.has("eslint-security")))
            throw new ReportError(name, jsonPath(["reports", at, "file"]), `${one.file} is named twice.`);
        files.set(one.file, one.kind);
    });
    return result.data;
}
