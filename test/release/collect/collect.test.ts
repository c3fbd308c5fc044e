import * as assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { collect, type ReleaseFile } from "../../../release/collect";
import { collectCommand } from "../../../release/collect/command";
import { parseManifest } from "../../../release/collect/manifest";
import { readers } from "../../../release/collect/readers";
import { parseRelease } from "../../../release/collect/release-file";
import { readTrivyVersion } from "../../../release/collect/trivy-version";
import { loadEvidence } from "../../../delivery/evidence/folder";
import { readStatement } from "../../../delivery/evidence/statement";
import { fixture, refusal } from "./fixtures";
import { compiled } from "../../support/build";
import { projectRoot } from "../../support/project";

const digest = `sha256:${"b4c0ffee".repeat(8)}`;
/** The time so many minutes after the first fixture was made. All are from one run of `fixtures/regenerate.ts`. */
function at(minutes: number): Date {
    return new Date(readers.junit(fixture("pytest/passed.xml"), "passed.xml").startedAt.getTime() + minutes * 60_000);
}
const release: ReleaseFile = {
    version: "1.4.2",
    commit: "a".repeat(40),
    committedAt: at(-20).toISOString(),
    repository: "https://github.com/relaypacs/gateway",
    images: { backend: digest, frontend: `sha256:${"f0".repeat(32)}` },
};
const now = at(60);
/** Modification time of files whose reports have no time of their own. */
const written = at(5);

interface Entry {
    kind: string;
    file: string;
    [key: string]: string | number | readonly string[];
}

/** One valid report of each kind, by the name of its fixture. */
const good: Readonly<Record<string, Omit<Entry, "file">>> = {
    "pytest/passed.xml": { kind: "junit", suite: "unit-backend", source: "backend/tests/unit" },
    "vitest/passed.xml": { kind: "junit", suite: "unit-frontend", source: "frontend/unit" },
    "pytest/skipped.xml": { kind: "junit", suite: "integration", source: "backend/tests/integration" },
    "playwright/passed.json": { kind: "playwright", suite: "e2e-critical", source: "frontend/e2e", tag: "critical" },
    "coverage-py/coverage.xml": { kind: "coverage-py" },
    "istanbul/vitest.json": { kind: "istanbul", version: "4.1.11" },
    "ruff/findings.json": { kind: "ruff", version: "0.17.6", exitCode: 1 },
    "black/clean.txt": { kind: "black", version: "26.10.1" },
    "mypy/clean.xml": { kind: "mypy", version: "2.4.1" },
    "mypy/cobertura.xml": { kind: "mypy-coverage" },
    "eslint/findings.json": { kind: "eslint", version: "10.15.0", exitCode: 1 },
    "prettier/clean.txt": { kind: "prettier", version: "3.10.1" },
    "typescript/clean.txt": { kind: "typescript", version: "5.9.3" },
    "type-coverage/findings.json": { kind: "type-coverage", version: "2.30.3" },
    "bandit/findings.json": { kind: "bandit", version: "1.9.4", exitCode: 1 },
    "eslint/security-findings.json": { kind: "eslint-security", version: "4.1.0" },
    "npm-audit/findings.json": { kind: "npm-audit", version: "11.19.1", exitCode: 1 },
    "pip-audit/findings.json": { kind: "pip-audit", version: "2.10.1", exitCode: 1 },
    "trivy/findings.json": { kind: "trivy", service: "backend", database: "trivy/version.json" },
};

const accepted = {
    vulnerabilities: [{ id: "GHSA-dddd-eeee-ffff", ticket: "RP-123", dueDate: "2026-12-24" }],
    findings: [
        {
            rule: "B324",
            file: "app/legacy.py",
            line: 9,
            kind: "false-positive",
            ticket: "RP-124",
            justification: "The fingerprint names a file; nothing depends on its strength.",
        },
    ],
    warnings: [{ tool: "eslint", justification: "The loose comparison also covers null." }],
};

describe("The command release collect", () => {
    let folder: string;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-collect-"));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    const put = (name: string, text: string, at = written) => {
        fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        fs.writeFileSync(path.join(folder, name), text);
        fs.utimesSync(path.join(folder, name), at, at);
    };
    const entries = (names: readonly string[]): Entry[] => names.map((file) => ({ file, ...good[file]! }) as Entry);
    /** The command of an entry without an exit code ended with 0. */
    const manifest = (reports: readonly Entry[], rest: object = {}) => {
        put("reports.yaml", stringify({ reports: reports.map((one) => ({ exitCode: 0, ...one })), ...rest }));
    };
    const putAll = (names = Object.keys(good)) => {
        for (const name of [...names, "trivy/version.json"]) put(name, fixture(name));
        manifest(entries(names), { accepted });
    };
    /** The message of the only problem. */
    const problemOf = (at = now, about = release) => {
        const { problems, collected } = collect(folder, about, at);
        assert.deepEqual([problems.length, collected.length], [1, 0]);
        return problems[0]!.message;
    };

    it("should make no evidence from a link, or from what is behind one", () => {
        const name = "pytest/passed.xml";
        const link = "The report is a link, or behind one; it must be a file of the folder.";
        const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), "elsewhere-"));
        try {
            putAll([name]);
            fs.renameSync(path.join(folder, name), path.join(elsewhere, "passed.xml"));
            fs.symlinkSync(path.join(elsewhere, "passed.xml"), path.join(folder, name));
            assert.equal(problemOf(), `${name}: ${link}`);
            fs.rmSync(path.join(folder, "pytest"), { recursive: true });
            fs.symlinkSync(elsewhere, path.join(folder, "pytest"));
            assert.equal(problemOf(), `${name}: ${link}`);
            // The folder itself may be reached by a link.
            putAll(["ruff/findings.json"]);
            fs.symlinkSync(folder, path.join(elsewhere, "reports"));
            assert.deepEqual(collect(path.join(elsewhere, "reports"), release, now).problems, []);
            fs.rmSync(path.join(folder, "reports.yaml"));
            fs.symlinkSync("/etc/passwd", path.join(folder, "reports.yaml"));
            assert.throws(() => collect(folder, release, now), { message: `reports.yaml: ${link}` });
        } finally {
            fs.rmSync(elsewhere, { recursive: true });
        }
    });

    it("should make evidence from a report of every kind", () => {
        putAll();
        const { collected, problems } = collect(folder, release, now);
        assert.deepEqual(problems, []);
        assert.deepEqual(
            collected.map(({ item, services }) => [item, ...(services ?? [])].join(" ")),
            [
                "unit-backend",
                "unit-frontend",
                "integration",
                "e2e-critical",
                "coverage-backend",
                "coverage-frontend",
                "type-coverage-backend",
                "type-coverage-frontend",
                "bandit",
                "eslint-security",
                "npm-audit",
                "python-audit",
                "trivy backend",
                "lint-backend",
                "lint-frontend",
            ],
        );
        const of = (item: string) => collected.find((one) => one.item === item)!.predicate as Record<string, unknown>;

        const { configuration, ...integration } = of("integration");
        assert.deepEqual(integration, {
            result: "WARNED",
            passedTests: ["tests.variants.test_skipped › test_passes"],
            warnedTests: [],
            failedTests: [],
        });
        const suite = (configuration as { name: string; uri: string; annotations: Record<string, unknown> }[])[0]!;
        assert.equal(suite.uri, `git+https://github.com/relaypacs/gateway@${"a".repeat(40)}#backend/tests/integration`);
        const { total, passed, failed, skipped } = suite.annotations;
        assert.deepEqual({ total, passed, failed, skipped }, { total: 3, passed: 1, failed: 0, skipped: 2 });

        assert.equal(of("unit-backend").result, "PASSED");
        // Two of the three tests have the tag.
        const critical = of("e2e-critical") as { passedTests: string[]; configuration: typeof configuration };
        assert.equal(critical.passedTests.length, 2);
        assert.equal((critical.configuration as (typeof suite)[])[0]!.annotations.scenarios, 2);
        assert.equal(suite.annotations.scenarios, undefined);
        assert.deepEqual(of("lint-backend"), {
            component: "backend",
            tools: [
                { name: "ruff", version: "0.17.6", errors: 3, warnings: 0 },
                { name: "black", version: "26.10.1", errors: 0, warnings: 0 },
                { name: "mypy", version: "2.4.1", errors: 0, warnings: 0 },
            ],
            measuredAt: written.toISOString(),
        });
        const [eslint] = of("lint-frontend").tools as Record<string, unknown>[];
        assert.deepEqual(eslint, {
            name: "eslint",
            version: "10.15.0",
            errors: 3,
            warnings: 1,
            justification: "The loose comparison also covers null.",
        });
        assert.deepEqual(
            (of("bandit").findings as { rule: string; resolution?: { ticket: string } }[]).map((one) => [
                one.rule,
                one.resolution?.ticket,
            ]),
            [
                ["B404", undefined],
                ["B324", "RP-124"],
                ["B602", undefined],
            ],
        );
        const npm = of("npm-audit").scanner as { uri: string; result: { annotations: object[] }[] };
        assert.equal(npm.uri, "pkg:npm/npm@11.19.1");
        assert.deepEqual(npm.result[1]!.annotations[0], {
            package: "ms",
            installedVersion: "<2.1.0",
            fixedVersion: "2.1.0",
            target: "node_modules/ms",
            ticket: "RP-123",
            dueDate: "2026-12-24",
        });
        const trivy = of("trivy").scanner as { uri: string; db: object; result: { severity: object[] }[] };
        assert.equal(trivy.uri, "pkg:github/aquasecurity/trivy@0.74.0");
        assert.deepEqual(trivy.db, {
            version: "2",
            lastUpdate: readTrivyVersion(fixture("trivy/version.json"), "v").databaseUpdatedAt.toISOString(),
        });
        assert.deepEqual(trivy.result[2]!.severity, [], "it has no rating");
    });

    const entry = { kind: "playwright", suite: "e2e-critical", source: "frontend/e2e", file: "results.json" };

    it("should count a scenario once, however many browsers it ran in", () => {
        interface Suite {
            specs: { tests: { projectName: string }[] }[];
            suites?: Suite[];
        }
        const report = JSON.parse(fixture("playwright/passed.json")) as Suite & { stats: { expected: number } };
        const inFirefoxToo = ({ specs, suites = [] }: Suite) => {
            for (const { tests } of specs) tests.push(...tests.map((test) => ({ ...test, projectName: "firefox" })));
            suites.forEach(inFirefoxToo);
        };
        report.suites!.forEach(inFirefoxToo);
        report.stats.expected *= 2;
        put("results.json", JSON.stringify(report));
        manifest([{ ...entry, tag: "critical" }]);
        const { configuration } = collect(folder, release, now).collected[0]!.predicate as {
            configuration: { annotations: Record<string, unknown> }[];
        };
        const { scenarios, total } = configuration[0]!.annotations;
        assert.deepEqual({ scenarios, total }, { scenarios: 2, total: 4 });
    });

    it("should distinguish failed, flaky and skipped tests", () => {
        put("results.json", fixture("playwright/failing.json"));
        manifest([{ ...entry, exitCode: 1 }]);
        const { collected } = collect(folder, release, now);
        const all = collected[0]!.predicate as { result: string; warnedTests: string[]; failedTests: string[] };
        assert.equal(all.result, "FAILED");
        assert.deepEqual(all.warnedTests, ["outcomes.spec.ts › is flaky [chromium]"]);
        assert.equal(all.failedTests.length, 2);
        manifest([{ ...entry, tag: "smoke", exitCode: 1 }]);
        assert.match(problemOf(), /^results\.json: No test has the tag @smoke; nothing critical was tested\.$/);
    });

    it("should accept Playwright's filter only when it is the tag of the critical tests", () => {
        const { config } = JSON.parse(fixture("playwright/grep.json")) as { config: { argv: string[] } };
        assert.deepEqual(config.argv.slice(2), ["test", "--reporter=json", "--grep", "signs"]);
        for (const name of ["grep", "grep-critical"]) {
            const text = fixture(`playwright/${name}.json`);
            const at = new Date(readers.playwright(text, name).finishedAt.getTime() + 1000);
            for (const [tag, given] of [
                ["critical", "critical"],
                [undefined, ""],
                ["smoke", "smoke"],
            ] as const) {
                put("results.json", text);
                manifest([{ ...entry, ...(tag !== undefined && { tag }) }]);
                if (name === "grep-critical" && tag === "critical") {
                    const { collected, problems } = collect(folder, release, at);
                    assert.deepEqual([collected.length, problems], [1, []]);
                    continue;
                }
                const filter = name === "grep" ? "signs" : "@critical";
                assert.equal(
                    problemOf(at),
                    `results.json (config.argv): The run left tests out with --grep "${filter}"; ` +
                        `run it without${given && `, or with --grep @${given}`}.`,
                );
            }
        }
    });

    it("should refuse more findings than an envelope holds", () => {
        const text = fixture("pip-audit/findings.json");
        const one = /\{"id".*?\}/.exec(text)![0];
        put("p.json", text.replace(one, Array.from({ length: 20_000 }, () => one).join(", ")));
        manifest([{ kind: "pip-audit", file: "p.json", version: "2.10.1", exitCode: 1 }]);
        assert.match(
            problemOf(),
            /^p\.json: The evidence of vulnerabilities made from it has \d+ bytes, more than an envelope/,
        );
    });

    it("should refuse a suite in which every test was skipped", () => {
        const text = fixture("pytest/skipped.xml");
        put("r.xml", text.replace(/ tests="3"/, ' tests="2"').replace(/<testcase[^>]*test_passes[^>]*\/>/, ""));
        manifest([{ kind: "junit", suite: "integration", source: "tests", file: "r.xml" }]);
        assert.match(problemOf(), /^r\.xml: Every test was skipped; nothing was tested\.$/);
    });

    for (const name of Object.keys(good)) {
        it(`should refuse ${name} when it is older than the commit or from the future`, () => {
            putAll([name]);
            const late = { ...release, committedAt: at(45).toISOString() };
            const [first] = name.split("/");
            const older = problemOf(now, late);
            assert.ok(older.startsWith(`${name}: The report is from 20`), older);
            assert.match(older, /before the release's commit \(\S+Z\); it is about older code\.$/);
            const early = { ...release, committedAt: at(-120).toISOString() };
            assert.match(problemOf(at(-60), early), /which is in the future/, first);
        });
    }

    it("should refuse a scan of another image than the release's", () => {
        putAll(["trivy/findings.json"]);
        const other = { ...release, images: { ...release.images, backend: `sha256:${"0".repeat(64)}` } };
        assert.equal(
            problemOf(now, other),
            `trivy/findings.json (Metadata.RepoDigests): The scan is about ${digest}, but the release's image of backend is sha256:${"0".repeat(64)}.`,
        );
        manifest([{ ...entries(["trivy/findings.json"])[0]!, service: "constructor" }]);
        assert.match(problemOf(), /has no image of "constructor"/);
        putAll(["trivy/findings.json"]);
        assert.match(
            problemOf(now, { ...release, images: { frontend: digest } }),
            /has no image of "backend"; its services are frontend\.$/,
        );
    });

    it("should refuse the database of another version of Trivy, or one of unknown age", () => {
        putAll(["trivy/findings.json"]);
        put("trivy/version.json", fixture("trivy/version.json").replace("0.74.0", "0.73.0"));
        assert.match(
            problemOf(),
            /^trivy\/version\.json \(Version\): It is from Trivy "0\.73\.0", but the scan is from "0\.74\.0"\.$/,
        );
        put("trivy/version.json", '{"Version": "0.74.0"}');
        assert.match(problemOf(), /^trivy\/version\.json \(VulnerabilityDB\): The value is missing/);
        fs.rmSync(path.join(folder, "trivy/version.json"));
        assert.match(problemOf(), /^trivy\/version\.json: The report does not exist/);
        put("safety.json", fixture("safety/clean.json"));
        put("requirements.txt", fixture("../sample-backend/requirements-clean.txt"));
        const safety = { kind: "safety", file: "safety.json", requirements: ["requirements.txt"] };
        manifest([safety]);
        assert.match(problemOf(), /the manifest must say when it was updated \(databaseUpdatedAt\)\.$/);
        manifest([{ ...safety, databaseUpdatedAt: "2026-11-24T00:00:00Z" }]);
        assert.deepEqual(collect(folder, release, now).problems, []);
    });

    it("should refuse a report whose date is out of range", () => {
        const text = fixture("mypy/cobertura.xml").replace(/timestamp="\d+"/, 'timestamp="999999999999999"');
        put("types.xml", text);
        manifest([{ kind: "mypy-coverage", file: "types.xml" }]);
        assert.match(problemOf(), /^types\.xml: The report's date is out of range; it is damaged\.$/);
    });

    it("should refuse a report without the exit code of its command, or with one that contradicts it", () => {
        const report = { kind: "junit", suite: "unit-backend", source: "tests", file: "r.xml" };
        put("r.xml", fixture("pytest/passed.xml"));
        put("reports.yaml", stringify({ reports: [report] }));
        assert.match(problemOf(), /^r\.xml: The manifest does not say how the command ended; add its exit code/);
        manifest([{ ...report, exitCode: 2 }]);
        assert.match(problemOf(), /^r\.xml: The command ended with exit code 2, but with the contents of this report/);
        manifest([{ ...report, exitCode: 256 }]);
        assert.throws(
            () => collect(folder, release, now),
            /^ReportError: reports\.yaml \(reports\[0\]\.exitCode\): Too big/,
        );
    });

    it("should refuse an empty report of ruff that may be about no file", () => {
        put("ruff.json", fixture("ruff/no-files.json"));
        const report = { kind: "ruff", version: "0.17.6", file: "ruff.json" };
        for (const entry of [report, { ...report, checked: 0 }]) {
            manifest([entry]);
            assert.match(
                problemOf(),
                /^ruff\.json: The report is the same when ruff found no file to check; add their number/,
            );
        }
        manifest([{ ...report, checked: 2 }]);
        assert.deepEqual(collect(folder, release, now).problems, []);
    });

    it("should keep a private package, which pip-audit skipped, as a finding with its ticket", () => {
        const skipped = '{"name": "relaypacs-shared", "skip_reason": "Dependency not found on PyPI"}';
        put("p.json", fixture("pip-audit/clean.json").replace("}], ", `}, ${skipped}], `));
        const report = { kind: "pip-audit", file: "p.json", version: "2.10.1" };
        manifest([report]);
        assert.match(problemOf(), /with the id "unaudited:relaypacs-shared", a ticket and a dueDate\.$/);
        const vulnerability = { id: "unaudited:relaypacs-shared", ticket: "RP-125", dueDate: "2026-12-24" };
        manifest([report], { accepted: { vulnerabilities: [vulnerability] } });
        const { collected, problems } = collect(folder, release, now);
        assert.deepEqual(problems, []);
        const { scanner } = collected[0]!.predicate as { scanner: { result: { annotations: object[] }[] } };
        assert.deepEqual(
            scanner.result.map(({ annotations }) => annotations[0]),
            [
                {
                    package: "relaypacs-shared",
                    installedVersion: "unknown",
                    target: "Python dependencies",
                    ticket: "RP-125",
                    dueDate: "2026-12-24",
                },
            ],
        );
    });

    /** Ticket and due date of each finding of pip-audit, when the gateway accepts these. */
    const accepting = (vulnerabilities: readonly { id: string; ticket: string; dueDate: string }[]) => {
        putAll(["pip-audit/findings.json"]);
        manifest(entries(["pip-audit/findings.json"]), { accepted: { vulnerabilities } });
        const { collected, problems } = collect(folder, release, now);
        assert.deepEqual(problems, []);
        const { scanner } = collected[0]!.predicate as {
            scanner: { result: { id: string; annotations: { ticket?: string; dueDate?: string }[] }[] };
        };
        return scanner.result.map(({ annotations: [one], id }) => [id, one!.ticket, one!.dueDate]);
    };

    it("should accept a finding by any of its ids, as pip-audit --ignore-vuln does", () => {
        for (const id of ["CVE-0000-0001", "PYSEC-0000-1", "GHSA-gggg-hhhh-jjjj"])
            assert.deepEqual(accepting([{ id, ticket: "RP-123", dueDate: "2026-12-24" }]), [
                ["CVE-0000-0001", "RP-123", "2026-12-24"],
            ]);
        assert.deepEqual(accepting([{ id: "GHSA-gggg-hhhh", ticket: "RP-123", dueDate: "2026-12-24" }]), [
            ["CVE-0000-0001", undefined, undefined],
        ]);
    });

    it("should take the entry that is due last, when two accept a finding", () => {
        const past = { id: "CVE-0000-0001", ticket: "RP-1", dueDate: "2000-01-01" };
        const future = { id: "PYSEC-0000-1", ticket: "RP-2", dueDate: "2026-12-24" };
        for (const list of [
            [past, future],
            [future, past],
        ])
            assert.deepEqual(accepting(list), [["CVE-0000-0001", "RP-2", "2026-12-24"]]);
    });

    it("should name every report that it can't read", () => {
        putAll(["pytest/passed.xml", "ruff/findings.json", "black/clean.txt"]);
        put("pytest/passed.xml", "");
        put("ruff/findings.json", "[{");
        const { collected, problems } = collect(folder, release, now);
        assert.deepEqual(
            problems.map(({ file }) => file),
            ["pytest/passed.xml", "ruff/findings.json"],
        );
        assert.equal(collected.length, 1);
    });

    const manifests: Record<string, [text: string, expected: RegExp]> = {
        "invalid YAML": ["reports: [", /^:1:\d+: The manifest is not valid YAML: /],
        "a key twice": ["reports: []\nreports: []", /^:2:1: The manifest is not valid YAML: Map keys must be unique/],
        "no report": ["reports: []", /^ \(reports\): Too small/],
        "an unknown kind": ["reports: [{kind: karma, file: a}]", /^ \(reports\[0\]\.kind\): Invalid/],
        "an unknown key": [
            "reports: [{kind: coverage-py, file: a, colour: red}]",
            /^ \(reports\[0\]\): Unrecognized key: "colour"\.$/,
        ],
        "no version": ["reports: [{kind: ruff, file: a}]", /^ \(reports\[0\]\.version\): Invalid input/],
        "a file outside the folder": [
            "reports: [{kind: coverage-py, file: ../a}]",
            /^ \(reports\[0\]\.file\): must be a path inside the folder\.$/,
        ],
        "an absolute path": ["reports: [{kind: coverage-py, file: /a}]", /must be a path inside the folder/],
        "two reports on one suite": [
            "reports: [{kind: junit, suite: integration, source: a, file: a}, {kind: junit, suite: integration, source: a, file: b}]",
            /^ \(reports\[1\]\): There are two reports on suite integration; give one\.$/,
        ],
        "two audits of Python": [
            'reports: [{kind: pip-audit, version: "2", file: a}, {kind: safety, file: b}]',
            /There are two reports on the audit of Python dependencies/,
        ],
        "one file for two suites": [
            "reports: [{kind: junit, suite: integration, source: a, file: a}, {kind: junit, suite: unit-backend, source: a, file: a}]",
            /^ \(reports\[1\]\.file\): a is named twice\.$/,
        ],
        "critical paths from JUnit, which does not show flaky tests": [
            "reports: [{kind: junit, suite: e2e-critical, source: a, file: a}]",
            /^ \(reports\[0\]\.suite\): Invalid option/,
        ],
        "an acceptance without a ticket": [
            "reports: [{kind: coverage-py, file: a}]\naccepted: {vulnerabilities: [{id: CVE-1, dueDate: 2026-12-24}]}",
            /^ \(accepted\.vulnerabilities\[0\]\.ticket\): Invalid input/,
        ],
        "an alias, which could expand without limit": [
            "a: &a [1]\nreports: [*a]",
            /^: The manifest has an alias \(\*name\); write the value itself\.$/,
        ],
    };
    for (const [title, [text, expected]] of Object.entries(manifests)) {
        it(`should refuse a manifest with ${title}`, () => {
            assert.match(
                refusal(() => parseManifest(text, "reports.yaml"), "reports.yaml"),
                expected,
            );
        });
    }

    it("should accept one report of ESLint for lint and for security", () => {
        const both = ["eslint", "eslint-security"].map((kind) => ({ kind, file: "a", version: "10.15.0" }));
        assert.equal(parseManifest(stringify({ reports: both }), "reports.yaml").reports.length, 2);
    });

    it("should refuse a release file with a wrong digest or key", () => {
        const read = (change: object) =>
            refusal(() => parseRelease(JSON.stringify({ ...release, ...change }), "release.json"), "release.json");
        assert.match(
            read({ images: { backend: "latest" } }),
            /^ \(images\.backend\): The value is "latest".*sha256: and 64/,
        );
        assert.match(read({ images: {} }), /must name at least one image/);
        assert.match(read({ commit: "main" }), /^ \(commit\): The value is "main"/);
        assert.match(read({ color: "red" }), /Unrecognized key: "color"/);
    });

    describe("on the command line", () => {
        const options = () => [
            ...["--reports", folder, "--release", path.join(folder, "release.json")],
            ...["--out", path.join(folder, "out")],
        ];
        /** Runs the command in this process, which is faster. Returns its output and its exit code. */
        const run = async (...args: string[]) => {
            const printed = { stdout: "", stderr: "" };
            const { log, error } = console;
            const before = process.exitCode;
            try {
                console.log = (line: string) => (printed.stdout += line + "\n");
                console.error = (line: string) => (printed.stderr += line + "\n");
                process.exitCode = undefined;
                await collectCommand().parseAsync([...options(), ...args], { from: "user" });
                return { ...printed, exitCode: process.exitCode ?? 0 };
            } finally {
                Object.assign(console, { log, error });
                process.exitCode = before;
            }
        };

        it("should write a signed envelope for each predicate", async () => {
            putAll();
            put("release.json", JSON.stringify(release));
            const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
            put("key.pem", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
            const { stdout, stderr, exitCode } = await run("--key", path.join(folder, "key.pem"));
            assert.deepEqual([stderr, exitCode], ["", 0]);
            assert.match(
                stdout,
                /✔ unit-backend +PASSED: 10 passed, 0 failed, 0 skipped in \d\.\d s +pytest\/passed\.xml/,
            );
            assert.match(stdout, /✔ npm-audit +2 vulnerabilities, 1 critical, 0 unrated/);
            assert.match(stdout, /Wrote 15 envelopes/);
            const evidence = await loadEvidence(path.join(folder, "out"));
            assert.equal(evidence.length, 15);
            for (const { envelope, source } of evidence) {
                const { payload } = envelope as { payload: string };
                const statement = JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as { subject: unknown[] };
                assert.ok(readStatement(statement).ok, source);
                assert.equal(statement.subject.length, source.startsWith("trivy") ? 1 : 2);
            }
        });

        it("should write unsigned statements without a key, and print JSON with --json", async () => {
            putAll(["coverage-py/coverage.xml"]);
            put("release.json", JSON.stringify(release));
            const { stdout, exitCode } = await run("--json");
            assert.equal(exitCode, 0);
            const printed = JSON.parse(stdout) as { collected: { item: string }[]; problems: unknown[] };
            assert.deepEqual([printed.collected.map(({ item }) => item), printed.problems], [["coverage-backend"], []]);
            const name = path.join(folder, "out/coverage-backend.statement.json");
            assert.ok(readStatement(JSON.parse(fs.readFileSync(name, "utf8"))).ok);
        });

        it("should write nothing and exit with 1 when one report can't be read", async () => {
            putAll(["coverage-py/coverage.xml", "ruff/findings.json"]);
            put("ruff/findings.json", "[{");
            put("release.json", JSON.stringify(release));
            const { stdout, exitCode } = await run();
            assert.equal(exitCode, 1);
            assert.match(stdout, /✔ coverage-backend/);
            assert.match(stdout, /✖ ruff\/findings\.json:1:3: The report is not valid JSON from here on/);
            assert.ok(!fs.existsSync(path.join(folder, "out")));
        });

        it("should not call a missing release file a report", async () => {
            const { exitCode, stderr } = await execa(
                process.execPath,
                [compiled("release/main.js"), "collect", ...options()],
                { cwd: projectRoot, reject: false },
            );
            assert.equal(exitCode, 1);
            assert.match(stderr, /release\.json: The release file does not exist; check the path\.$/);
        }).timeout(60_000);

        it("should name a missing file when it runs as a program", async () => {
            put("release.json", JSON.stringify(release));
            const { exitCode, stdout, stderr } = await execa(
                process.execPath,
                [compiled("release/main.js"), "collect", ...options()],
                { cwd: projectRoot, reject: false },
            );
            assert.deepEqual(
                [exitCode, stdout, stderr],
                [1, "", "reports.yaml: The report does not exist; run its tool first, or correct the manifest."],
            );
        }).timeout(60_000);
    });
});
