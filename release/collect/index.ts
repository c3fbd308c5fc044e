import * as fs from "node:fs";
import * as path from "node:path";
import { maximumPayloadBytes } from "../../delivery/evidence/envelope";
import { itemOf, type ItemName } from "../../delivery/evidence/items";
import { predicates, type Predicate, type PredicateName } from "../../delivery/evidence/predicates";
import { checkExitCode } from "./exit-codes";
import { manifestName, parseManifest, type Accepted, type ManifestEntry } from "./manifest";
import {
    coverageOf,
    lintOf,
    sastOf,
    testResultOf,
    typeCoverageOf,
    vulnerabilitiesOf,
    type LintRun,
} from "./predicates";
import { readers } from "./readers";
import type { ReleaseFile } from "./release-file";
import type { Result, ScanResult } from "./results";
import { checkRequirements } from "./safety-requirements";
import { quote, ReportError } from "./shared/error";
import { jsonPath } from "./shared/json";
import { readPieces, readReport, type ReportFile } from "./shared/text";
import { readTrivyVersion } from "./trivy-version";

export { manifestName, parseManifest, type Manifest } from "./manifest";
export { parseRelease, type ReleaseFile } from "./release-file";
export { ReportError } from "./shared/error";

/** How far the clock of a report may be ahead of this machine's, in milliseconds. */
const clockSkew = 5 * 60 * 1000;

/** Upper bound for the size of a statement without its predicate, in bytes. */
const overheadBytes = 4096;

/** One predicate, ready to be signed. */
export interface Collected<Name extends PredicateName = PredicateName> {
    readonly name: Name;
    readonly item: ItemName;
    readonly predicate: Predicate<Name>;
    /** Services whose images it is about; all services of the release when undefined. */
    readonly services: readonly string[] | undefined;
    /** The reports that it comes from. */
    readonly files: readonly string[];
}

/** The predicates that were made from a folder of reports, and the problems. */
export interface Collection {
    readonly collected: readonly Collected[];
    /** Reports that can't be read, in the order of the manifest. When there is one, no evidence is signed. */
    readonly problems: readonly ReportError[];
}

/** When a report was made: its own time, or else the last modification of its file. */
function timeOf(result: Result, modifiedAt: Date): Date {
    if (result.kind === "tests") return result.startedAt;
    if (result.kind === "scan") return result.scannedAt ?? modifiedAt;
    return result.kind === "lint" ? modifiedAt : (result.measuredAt ?? modifiedAt);
}

/** What reports are about. There are no images before a build, and then a scan's image is not compared. */
type Subject = Omit<ReleaseFile, "version" | "images"> & Partial<Pick<ReleaseFile, "images">>;

function checkTime(at: Date, file: string, release: Subject, now: Date): void {
    if (Number.isNaN(at.getTime()))
        throw new ReportError(file, undefined, "The report's date is out of range; it is damaged.");
    if (at.getTime() < Date.parse(release.committedAt))
        throw new ReportError(
            file,
            undefined,
            `The report is from ${at.toISOString()}, before the release's commit (${release.committedAt}); it is about older code.`,
        );
    if (at.getTime() > now.getTime() + clockSkew)
        throw new ReportError(
            file,
            undefined,
            `The report is from ${at.toISOString()}, which is in the future; correct the clock of the machine that made it.`,
        );
}

function checkImage(
    scan: ScanResult,
    entry: Extract<ManifestEntry, { kind: "trivy" }>,
    images: ReleaseFile["images"],
): void {
    const digest = Object.hasOwn(images, entry.service) ? images[entry.service] : undefined;
    if (digest === undefined)
        throw new ReportError(
            manifestName,
            "service",
            `The release has no image of ${quote(entry.service)}; its services are ${Object.keys(images).join(", ")}.`,
        );
    if (scan.imageDigests?.includes(digest) !== true)
        throw new ReportError(
            entry.file,
            jsonPath(["Metadata", "RepoDigests"]),
            `The scan is about ${scan.imageDigests?.join(", ") ?? "no image"}, but the release's image of ${entry.service} is ${digest}.`,
        );
}

interface Sources {
    readonly read: (file: string) => ReportFile;
    readonly readPieces: (file: string, read: (pieces: Iterable<string>) => Result) => Read;
    readonly release: Subject;
    readonly accepted: Accepted;
    readonly now: Date;
}

type Named = { [Name in PredicateName]: { readonly name: Name; readonly predicate: Predicate<Name> } }[PredicateName];

/** The vulnerability database of a scan, and when it was updated. */
function databaseOf(scan: ScanResult, entry: ManifestEntry, at: Date, sources: Sources) {
    if (entry.kind === "trivy") {
        const database = readTrivyVersion(sources.read(entry.database).text, entry.database);
        if (scan.version !== undefined && database.version !== scan.version)
            throw new ReportError(
                entry.database,
                "Version",
                `It is from Trivy ${quote(database.version)}, but the scan is from ${quote(scan.version)}.`,
            );
        return {
            toolVersion: database.version,
            version: database.databaseVersion,
            updatedAt: database.databaseUpdatedAt,
        };
    }
    if (scan.onlineDatabase) return { updatedAt: at };
    if (entry.kind === "safety" && entry.databaseUpdatedAt !== undefined)
        return { updatedAt: new Date(entry.databaseUpdatedAt) };
    throw new ReportError(
        entry.file,
        undefined,
        "The scan used a local database; the manifest must say when it was updated (databaseUpdatedAt).",
    );
}

/** Checks what the report alone does not show: how its command ended, and what the command looked at. */
function checkRun(entry: ManifestEntry, result: Result, sources: Sources): void {
    if (entry.kind === "safety") {
        const files = entry.requirements?.map((file) => ({ file, text: sources.read(file).text }));
        checkRequirements(sources.read(entry.file).text, entry.file, files);
    }
    if (entry.kind === "ruff" && result.kind === "lint" && result.errors + result.warnings === 0 && !entry.checked)
        throw new ReportError(
            entry.file,
            undefined,
            "The report is the same when ruff found no file to check; add their number to the entry, for example checked: 42 (ruff check --show-files . | grep --count --extended-regexp '\\.(py|pyi|ipynb)$').",
        );
    if (result.kind === "tests" && result.grep !== undefined) checkGrep(entry, result.grep);
    checkExitCode(entry, result);
}

/** Playwright's filter must be the tag of the critical tests: then all of them ran. */
function checkGrep(entry: ManifestEntry, grep: string): void {
    const tag = entry.kind === "playwright" ? entry.tag : undefined;
    if (tag !== undefined && grep === `@${tag}`) return;
    const other = tag === undefined ? "" : `, or with --grep @${tag}`;
    throw new ReportError(
        entry.file,
        "config.argv",
        `The run left tests out with --grep ${quote(grep)}; run it without${other}.`,
    );
}

interface Read {
    readonly result: Result;
    readonly modifiedAt: Date;
}

/** The contents of one report. That of tests may be large, and is read in pieces. */
function readResult({ kind, file }: ManifestEntry, sources: Sources): Read {
    if (kind === "junit") return sources.readPieces(file, (pieces) => readers.junit(pieces, file));
    const { text, modifiedAt } = sources.read(file);
    const accepted = new Set(sources.accepted.vulnerabilities.map(({ id }) => id));
    return { result: readers[kind](text, file, accepted), modifiedAt };
}

/** Reads one report. Returns its predicate, or a linter's run: the runs of a component become one predicate. */
function readEntry(entry: ManifestEntry, sources: Sources): Named | LintRun {
    const { result, modifiedAt } = readResult(entry, sources);
    const at = timeOf(result, modifiedAt);
    checkTime(at, entry.file, sources.release, sources.now);
    checkRun(entry, result, sources);
    const version = "version" in entry ? entry.version : "";
    switch (result.kind) {
        case "tests":
            checkTime(result.finishedAt, entry.file, sources.release, sources.now);
            if (entry.kind !== "junit" && entry.kind !== "playwright") throw new TypeError(entry.kind);
            return { name: "testResult", predicate: testResultOf(result, entry, sources.release) };
        case "coverage":
            return { name: "coverage", predicate: coverageOf(result, version, at) };
        case "typeCoverage":
            return { name: "typeCoverage", predicate: typeCoverageOf(result, version, at) };
        case "sast":
            return { name: "sast", predicate: sastOf(result, version, at, sources.accepted) };
        case "lint":
            return { result, version, at };
        case "scan": {
            const { images } = sources.release;
            if (entry.kind === "trivy" && images) checkImage(result, entry, images);
            const { toolVersion = version, ...database } = databaseOf(result, entry, at, sources);
            const predicate = vulnerabilitiesOf(result, toolVersion, at, database, sources.accepted);
            return { name: "vulnerabilities", predicate };
        }
    }
}

/** Where a report lies. @throws ReportError for one that is a link, or behind one: it could be any file */
function placeOf(folder: string, file: string): string {
    const place = path.join(folder, file);
    let real: string;
    try {
        real = fs.realpathSync(place);
    } catch {
        return place;
    }
    if (real === path.join(fs.realpathSync(folder), file)) return place;
    throw new ReportError(file, undefined, "The report is a link, or behind one; it must be a file of the folder.");
}

const backendLinters = new Set(["ruff", "black", "mypy"]);

/**
 * Reads all reports in a folder's manifest (`reports.yaml`) and makes predicates from them.
 *
 * @param folder the folder with the manifest and the reports
 * @param release the release that the reports must be about, or before a build its commit
 * @param now the present time; reports from the future are refused
 * @throws ReportError when the manifest can't be read; errors in reports are in `problems`
 */
export function collect(folder: string, release: Subject, now = new Date()): Collection {
    const read = (file: string) => readReport(placeOf(folder, file), file);
    const manifest = parseManifest(read(manifestName).text, manifestName);
    const inPieces: Sources["readPieces"] = (file, take) => readPieces(placeOf(folder, file), file, take);
    const sources: Sources = { read, readPieces: inPieces, release, accepted: manifest.accepted, now };
    const collected: Collected[] = [];
    const problems: ReportError[] = [];
    const lint = { backend: [] as (LintRun & { file: string })[], frontend: [] as (LintRun & { file: string })[] };
    const add = (made: Named, files: readonly string[], services?: readonly string[]) => {
        const bytes = Buffer.byteLength(JSON.stringify(made.predicate));
        if (bytes > maximumPayloadBytes - overheadBytes) {
            problems.push(
                new ReportError(
                    files[0] ?? manifestName,
                    undefined,
                    `The evidence of ${made.name} made from it has ${String(bytes)} bytes, more than an envelope holds; reduce the number of entries.`,
                ),
            );
            return;
        }
        const checked = predicates[made.name].schema.safeParse(made.predicate);
        if (checked.success)
            collected.push({ ...made, item: itemOf(made.name, made.predicate), services, files } as Collected);
        else {
            const issue = checked.error.issues[0];
            problems.push(
                new ReportError(
                    files[0] ?? manifestName,
                    jsonPath(issue?.path ?? []),
                    `The evidence of ${made.name} made from it is not valid: ${issue?.message ?? "unknown"}.`,
                ),
            );
        }
    };
    for (const entry of manifest.reports) {
        try {
            const made = readEntry(entry, sources);
            if ("name" in made) add(made, [entry.file], entry.kind === "trivy" ? [entry.service] : undefined);
            else lint[backendLinters.has(entry.kind) ? "backend" : "frontend"].push({ ...made, file: entry.file });
        } catch (error) {
            if (!(error instanceof ReportError)) throw error;
            problems.push(error);
        }
    }
    for (const component of ["backend", "frontend"] as const) {
        const runs = lint[component];
        if (runs.length > 0)
            add(
                { name: "lint", predicate: lintOf(component, runs, manifest.accepted) },
                runs.map(({ file }) => file),
            );
    }
    return { collected, problems };
}
