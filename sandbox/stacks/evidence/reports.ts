import * as fs from "node:fs";
import * as path from "node:path";
import type { ReleaseIdentity } from "../../../delivery/core/release";

/** Path of a report in the folder, its entry in the manifest, and its text. */
interface Report {
    readonly file: string;
    readonly entry?: Readonly<Record<string, string | number>>;
    readonly text: string;
}

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
const range = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

function junit(suite: string, source: string, tests: readonly string[], at: Date): Report {
    const cases = tests.map((test) => `<testcase classname="${suite}" name="${test}" time="0.01"></testcase>`);
    const counts = `tests="${tests.length}" failures="0" errors="0" skipped="0" time="${(tests.length / 100).toFixed(2)}"`;
    return {
        file: `${suite}.xml`,
        entry: { kind: "junit", suite, source },
        text: `<testsuites><testsuite name="${suite}" ${counts} timestamp="${at.toISOString()}">${cases.join("")}</testsuite></testsuites>\n`,
    };
}

/** The specification's five critical scenarios (section 3, stage 5). */
const scenarios = [
    "a user logs in",
    "a user uploads a DICOM file",
    "an upload goes on after the network failed",
    "the dashboard shows its metrics",
    "a user downloads a report",
];

function playwright(at: Date): Report {
    const specs = scenarios.map((title) => ({
        title,
        ok: true,
        tags: ["critical"],
        file: "critical.spec.ts",
        tests: [
            {
                expectedStatus: "passed",
                projectName: "chromium",
                results: [{ status: "passed", duration: 900, retry: 0 }],
                status: "expected",
            },
        ],
    }));
    const stats = { startTime: at.toISOString(), duration: 4500, expected: 5, unexpected: 0, flaky: 0, skipped: 0 };
    return {
        file: "playwright.json",
        entry: { kind: "playwright", suite: "e2e-critical", source: "frontend/e2e", tag: "critical" },
        text: json({
            config: { version: "1.65.1", projects: [{ name: "chromium" }] },
            suites: [{ title: "critical.spec.ts", specs }],
            errors: [],
            stats,
        }),
    };
}

/** Cobertura's format, as coverage.py and mypy write it: 19 of 20 lines. */
function cobertura(kind: "coverage-py" | "mypy-coverage", at: Date): Report {
    const more = kind === "coverage-py" ? ' branches-covered="0" branches-valid="0"' : "";
    const precision = (hit: boolean) =>
        kind === "mypy-coverage" ? ` precision="${hit ? "precise" : "any"}" branch="false"` : "";
    const lines = range(20).map((at) => `<line number="${at}" hits="${at < 20 ? 1 : 0}"${precision(at < 20)}/>`);
    const rates = 'line-rate="0.95" branch-rate="0" lines-covered="19" lines-valid="20"';
    const version = kind === "coverage-py" ? "7.17.4" : "2.4.1";
    return {
        file: `${kind}.xml`,
        entry: { kind },
        text:
            `<coverage version="${version}" timestamp="${kind === "coverage-py" ? at.getTime() : Math.floor(at.getTime() / 1000)}" ${rates}${more} complexity="0"><packages>` +
            `<package name="app" line-rate="0.95" branch-rate="0" complexity="0"><classes>` +
            `<class name="uploads.py" filename="app/uploads.py" complexity="0" line-rate="0.95" branch-rate="0">` +
            `<methods/><lines>${lines.join("")}</lines></class></classes></package></packages></coverage>\n`,
    };
}

function istanbul(): Report {
    const measure = { total: 20, covered: 18, skipped: 0, pct: 90 };
    const entry = { lines: measure, statements: measure, functions: measure, branches: measure };
    return {
        file: "coverage-summary.json",
        entry: { kind: "istanbul", version: "4.1.11" },
        text: json({ total: entry, "source/upload.ts": entry }),
    };
}

function bandit(at: Date): Report {
    const none = { "SEVERITY.HIGH": 0, "SEVERITY.MEDIUM": 0, "SEVERITY.LOW": 0, loc: 20, nosec: 0 };
    const generatedAt = `${at.toISOString().slice(0, 19)}Z`;
    return {
        file: "bandit.json",
        entry: { kind: "bandit", version: "1.9.4" },
        text: json({
            errors: [],
            generated_at: generatedAt,
            metrics: { _totals: none, "app/uploads.py": none },
            results: [],
        }),
    };
}

function trivy(release: ReleaseIdentity, at: Date): Report[] {
    const version = "0.74.0";
    const scans = Object.entries(release.images).map(([service, digest]): Report => {
        const image = `relaypacs/${service}@${digest}`;
        return {
            file: `trivy-${service}.json`,
            entry: { kind: "trivy", service, database: "trivy-version.json" },
            text: json({
                SchemaVersion: 2,
                Trivy: { Version: version },
                CreatedAt: at.toISOString(),
                ArtifactName: image,
                ArtifactType: "container_image",
                Metadata: { RepoDigests: [image] },
                Results: [{ Target: image, Class: "lang-pkgs", Type: "gobinary" }],
            }),
        };
    });
    const updatedAt = new Date(at.getTime() - 3_600_000).toISOString();
    const database = { Version: 2, UpdatedAt: updatedAt, NextUpdate: updatedAt, DownloadedAt: at.toISOString() };
    return [...scans, { file: "trivy-version.json", text: json({ Version: version, VulnerabilityDB: database }) }];
}

function npmAudit(): Report {
    const vulnerabilities = { info: 0, low: 0, moderate: 0, high: 0, critical: 0, total: 0 };
    const dependencies = { prod: 2, dev: 1, optional: 0, peer: 0, peerOptional: 0, total: 2 };
    return {
        file: "npm-audit.json",
        entry: { kind: "npm-audit", version: "11.19.1" },
        text: json({ auditReportVersion: 2, vulnerabilities: {}, metadata: { vulnerabilities, dependencies } }),
    };
}

const plain = (kind: string, version: string, file: string, text: string): Report => ({
    file,
    entry: { kind, version },
    text,
});

const lintedFile = json([
    {
        filePath: "frontend/src/upload.ts",
        messages: [],
        suppressedMessages: [],
        errorCount: 0,
        fatalErrorCount: 0,
        warningCount: 0,
    },
]);

/**
 * Reports of a good release, in the formats of the tools, and their manifest. They are invented: no linter, scanner or
 * browser examines the stand-in application. The code that reads and judges them is real.
 *
 * @param measuredAt when the tools ran
 */
export function writeReports(folder: string, release: ReleaseIdentity, measuredAt: Date): void {
    const reports: Report[] = [
        junit("unit-backend", "backend/tests/unit", ["test_upload", "test_login", "test_report"], measuredAt),
        junit("unit-frontend", "frontend/src", ["shows progress", "resumes"], measuredAt),
        junit("integration", "backend/tests/integration", ["test_upload_workflow", "test_migrations"], measuredAt),
        playwright(measuredAt),
        cobertura("coverage-py", measuredAt),
        cobertura("mypy-coverage", measuredAt),
        istanbul(),
        { file: "ruff.json", entry: { kind: "ruff", version: "0.17.6", checked: 12 }, text: "[]\n" },
        plain("black", "26.10.1", "black.txt", "All done!\n3 files would be left unchanged.\n"),
        plain(
            "mypy",
            "2.4.1",
            "mypy.xml",
            '<testsuite errors="0" failures="0" name="mypy" skips="0" tests="1" time="1.1">' +
                '<testcase classname="mypy" file="mypy" line="1" name="mypy" time="1.1"></testcase></testsuite>\n',
        ),
        plain("eslint", "10.15.0", "eslint.json", lintedFile),
        plain("eslint-security", "4.1.0", "eslint-security.json", lintedFile),
        plain(
            "prettier",
            "3.10.1",
            "prettier.txt",
            "Checking formatting...\nAll matched files use Prettier code style!\n",
        ),
        plain("typescript", "5.9.3", "typescript.txt", "Files:              71\nTotal time:      1.25s\n"),
        plain(
            "type-coverage",
            "2.30.3",
            "type-coverage.json",
            json({ succeeded: true, correctCount: 99, totalCount: 100, percent: 99 }),
        ),
        bandit(measuredAt),
        npmAudit(),
        plain(
            "pip-audit",
            "2.10.1",
            "pip-audit.json",
            json({ dependencies: [{ name: "fastapi", version: "0.128.0", vulns: [] }], fixes: [] }),
        ),
        ...trivy(release, measuredAt),
    ];
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    for (const { file, text } of reports) {
        fs.writeFileSync(path.join(folder, file), text);
        // Reports that don't say when they were made count from their file's last change.
        fs.utimesSync(path.join(folder, file), measuredAt, measuredAt);
    }
    const entries = reports.flatMap(({ file, entry }) => (entry ? [{ ...entry, file, exitCode: 0 }] : []));
    // YAML takes JSON.
    fs.writeFileSync(path.join(folder, "reports.yaml"), json({ reports: entries }));
}
