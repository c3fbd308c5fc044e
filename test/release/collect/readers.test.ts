import * as assert from "node:assert/strict";
import { readers } from "../../../release/collect/readers";
import type { LintResult, ScanResult, TestRun } from "../../../release/collect/results";
import { readTrivyVersion } from "../../../release/collect/trivy-version";
import { fixture, fixtures, kindOf, refusal, readable } from "./fixtures";

const outcomes = ({ tests }: TestRun) =>
    Object.fromEntries(
        ["passed", "failed", "skipped", "flaky"].map((word) => [
            word,
            tests.filter(({ outcome }) => outcome === word).length,
        ]),
    );

const junit = (name: string) => readers.junit(fixture(name), name);
const playwright = (name: string) => readers.playwright(fixture(name), name);

describe("The readers of test runs", () => {
    const runs: Record<string, [passed: number, failed: number, skipped: number]> = {
        "pytest/passed.xml": [10, 0, 0],
        // One of the five is listed twice: the test failed, and then the teardown of its fixture.
        "pytest/failing.xml": [2, 5, 2],
        "pytest/skipped.xml": [1, 0, 2],
        "pytest/broken-import.xml": [0, 1, 0],
        "vitest/passed.xml": [4, 0, 0],
        "vitest/failing.xml": [1, 2, 2],
        "jest/passed.xml": [2, 0, 0],
        "jest/failing.xml": [1, 1, 1],
        "playwright/passed.xml": [3, 0, 0],
        // JUnit does not show that a test was flaky, so it is one of the two that passed.
        "playwright/failing.xml": [2, 2, 2],
    };
    for (const [name, [passed, failed, skipped]] of Object.entries(runs)) {
        it(`should count ${name}`, () => {
            assert.deepEqual(outcomes(junit(name)), { passed, failed, skipped, flaky: 0 });
        });
    }

    it("should distinguish Playwright's outcomes", () => {
        assert.deepEqual(outcomes(playwright("playwright/passed.json")), {
            passed: 3,
            failed: 0,
            skipped: 0,
            flaky: 0,
        });
        const run = playwright("playwright/failing.json");
        assert.deepEqual(
            run.tests.map(({ name, outcome }) => [name.split(" › ")[1], outcome]),
            [
                ["passes [chromium]", "passed"],
                ["fails [chromium]", "failed"],
                ["is flaky [chromium]", "flaky"],
                ["is skipped [chromium]", "skipped"],
                ["fails as expected [chromium]", "skipped"],
                ["times out [chromium]", "failed"],
            ],
        );
        assert.deepEqual(run.tests[0]!.tags, ["critical"]);
        assert.deepEqual(run.tests[5]!.tags, []);
    });

    it("should read the names of tests and the duration of a run", () => {
        const run = junit("pytest/passed.xml");
        assert.equal(run.tests[6]!.name, "tests.unit.test_chunks.TestMissing › test_none");
        const seconds = (run.finishedAt.getTime() - run.startedAt.getTime()) / 1000;
        assert.ok(seconds > 0 && seconds < 10, String(seconds));
        assert.equal(
            junit("vitest/passed.xml").tests[3]!.name,
            'unit/progress.test.ts › label > says how much <has> "come" & gone',
        );
    });

    const refused: Record<string, RegExp> = {
        "pytest/no-tests.xml": /^:1:\d+: The suite "pytest" has no tests; nothing was tested\.$/,
        "jest/todo.xml":
            /^:3:\d+: <testsuite> says tests="1" but lists 2; jest-junit does not count a test\.todo; write test\.skip instead\.$/,
        "playwright/no-tests.json":
            /^ \(errors\[0\]\): Playwright failed outside of every test: "Error: No tests found"\.$/,
    };
    for (const [name, expected] of Object.entries(refused)) {
        it(`should refuse ${name}`, () => {
            assert.match(
                refusal(() => readers[kindOf(name)](fixture(name), name), name),
                expected,
            );
        });
    }
});

describe("The readers of coverage", () => {
    it("should count lines and branches", () => {
        const { measuredAt, ...python } = readers["coverage-py"](fixture("coverage-py/branches.xml"), "branches.xml");
        assert.deepEqual(python, {
            kind: "coverage",
            tool: "coverage.py",
            version: "7.17.4",
            linesCovered: 17,
            linesTotal: 29,
            branches: { covered: 8, total: 10 },
        });
        const apart = measuredAt!.getTime() - junit("pytest/passed.xml").finishedAt.getTime();
        assert.ok(Math.abs(apart) < 60 * 60 * 1000, `${apart} ms after the tests`);
        const lines = readers["coverage-py"](fixture("coverage-py/coverage.xml"), "coverage.xml");
        assert.deepEqual([lines.linesCovered, lines.linesTotal, lines.branches], [17, 29, undefined]);
        const vitest = readers.istanbul(fixture("istanbul/vitest.json"), "vitest.json");
        assert.deepEqual([vitest.linesCovered, vitest.linesTotal, vitest.branches], [5, 6, { covered: 6, total: 8 }]);
        const jest = readers.istanbul(fixture("istanbul/jest.json"), "jest.json");
        assert.deepEqual([jest.linesCovered, jest.linesTotal, jest.branches], [3, 3, { covered: 3, total: 4 }]);
    });

    it("should count lines and identifiers with types", () => {
        const mypy = readers["mypy-coverage"](fixture("mypy/cobertura.xml"), "cobertura.xml");
        assert.deepEqual([mypy.typed, mypy.total, mypy.version], [27, 32, "2.4.1"]);
        const typescript = readers["type-coverage"](fixture("type-coverage/findings.json"), "types.json");
        assert.deepEqual([typescript.typed, typescript.total], [39, 43]);
    });
});

describe("The readers of linters", () => {
    const counts: Record<string, [errors: number, warnings: number]> = {
        "ruff/clean.json": [0, 0],
        "ruff/findings.json": [3, 0],
        "ruff/syntax-error.json": [2, 0],
        "ruff/oldest-findings.json": [1, 0],
        "black/oldest-findings.txt": [1, 0],
        "mypy/oldest-findings.xml": [1, 0],
        "eslint/oldest-findings.json": [1, 1],
        "prettier/oldest-unknown-option-findings.txt": [1, 0],
        "black/clean.txt": [0, 0],
        "black/findings.txt": [1, 0],
        "black/syntax-error.txt": [2, 0],
        "mypy/clean.xml": [0, 0],
        "mypy/findings.xml": [4, 0],
        "mypy/findings-json.xml": [4, 0],
        "mypy/syntax-error.xml": [2, 0],
        "mypy/no-file.xml": [1, 0],
        "eslint/clean.json": [0, 0],
        "eslint/findings.json": [3, 1],
        "eslint/syntax-error.json": [1, 0],
        "prettier/clean.txt": [0, 0],
        "prettier/findings.txt": [1, 0],
        "prettier/syntax-error.txt": [1, 0],
        "prettier/both.txt": [2, 0],
        "typescript/clean.txt": [0, 0],
        "typescript/findings.txt": [1, 0],
    };
    for (const [name, [errors, warnings]] of Object.entries(counts)) {
        it(`should count ${name}`, () => {
            const result = readers[kindOf(name)](fixture(name), name) as LintResult;
            assert.deepEqual(result, { kind: "lint", tool: kindOf(name), errors, warnings });
        });
    }
});

describe("The mypy reader", () => {
    const failure = (lines: string) =>
        fixture("mypy/findings.xml").replace(/(<failure [^>]*>)[^]*<\/failure>/, `$1${lines}</failure>`);

    it("should not count notes, and count output that is not a message as an error", () => {
        assert.equal(readers.mypy(failure("app/a.py:3: note: By default the bodies are not checked"), "m").errors, 0);
        assert.equal(readers.mypy(failure("app/a.py:3: note: x\nTraceback (most recent call last):"), "m").errors, 1);
        assert.match(
            refusal(() => readers.mypy(failure(" \n"), "m"), "m"),
            /mypy itself failed; nothing was checked\.$/,
        );
    });
});

describe("The Playwright reader", () => {
    it("should count a test whose last attempt failed as failed", () => {
        const text = fixture("playwright/failing.json");
        const report = JSON.parse(text) as {
            suites: { specs: { title: string; tests: { results: unknown[] }[] }[] }[];
        };
        report.suites[0]!.specs.find(({ title }) => title === "is flaky")!.tests[0]!.results.reverse();
        const run = readers.playwright(JSON.stringify(report), "p");
        assert.equal(run.tests.find(({ name }) => name.includes("is flaky"))!.outcome, "failed");
    });

    it("should count a test as flaky only when it passed in the end, and not when it was skipped or failed as expected", () => {
        const { tests } = readers.playwright(fixture("playwright/flaky.json"), "p");
        assert.deepEqual(
            tests.map(({ name, outcome }) => [name, outcome]),
            [
                ["a.spec.js › passes in the end", "flaky"],
                ["a.spec.js › gives up", "skipped"],
                ["a.spec.js › fails as expected in the end", "skipped"],
            ],
        );
    });
});

describe("The readers of security scans", () => {
    const brief = ({ vulnerabilities }: ScanResult) =>
        vulnerabilities.map((one) => [one.id, one.rating?.score, one.package, one.fixedVersion]);

    it("should list Trivy's findings and the digest that was scanned", () => {
        const scan = readers.trivy(fixture("trivy/findings.json"), "findings.json");
        assert.deepEqual(brief(scan), [
            ["CVE-0000-1001", "critical", "libssl3", "3.0.17-1"],
            ["CVE-0000-1002", "low", "libc6", undefined],
            ["CVE-0000-1003", undefined, "perl-base", undefined],
            ["CVE-0000-1004", "high", "starlette", "0.47.2"],
            ["CVE-0000-1005", "medium", "jinja2", "3.1.6"],
        ]);
        assert.deepEqual(scan.imageDigests, [`sha256:${"b4c0ffee".repeat(8)}`]);
        assert.equal(scan.version, "0.74.0");
        assert.deepEqual(brief(readers.trivy(fixture("trivy/clean.json"), "clean.json")), []);
    });

    it("should read the age of Trivy's database", () => {
        assert.deepEqual(readTrivyVersion(fixture("trivy/version.json"), "version.json"), {
            version: "0.74.0",
            databaseVersion: "2",
            databaseUpdatedAt: new Date(/"UpdatedAt": "([^"]+)"/.exec(fixture("trivy/version.json"))![1]!),
        });
    });

    it("should list each of npm's advisories once", () => {
        const read = (name: string) => brief(readers["npm-audit"](fixture(`npm-audit/${name}`), name));
        assert.deepEqual(read("findings.json"), [
            ["GHSA-aaaa-bbbb-cccc", "critical", "minimist", undefined],
            ["GHSA-dddd-eeee-ffff", "high", "ms", "2.1.0"],
        ]);
        assert.deepEqual(read("production.json"), [["GHSA-aaaa-bbbb-cccc", "critical", "minimist", undefined]]);
        assert.deepEqual(read("clean.json"), []);
    });

    it("should list the findings in Python dependencies", () => {
        const pip = readers["pip-audit"](fixture("pip-audit/findings.json"), "pip.json");
        assert.deepEqual(brief(pip), [["CVE-0000-0001", undefined, "jinja2", "2.11.3"]]);
        const safety = readers.safety(fixture("safety/findings.json"), "safety.json");
        assert.deepEqual(brief(safety), [["CVE-0000-0001", undefined, "jinja2", undefined]]);
        assert.equal(safety.version, "2.3.5");
        assert.equal(safety.onlineDatabase, false);
    });

    it("should rate Safety's findings by their CVSS score", () => {
        const text = fixture("safety/findings.json").replace(
            '"severity": null',
            '"severity": {"source": "CVE-0000-0001", "cvssv2": null, "cvssv3": {"base_score": 9.8}}',
        );
        assert.deepEqual(readers.safety(text, "safety.json").vulnerabilities[0]!.rating, {
            method: "cvss_score",
            score: "9.8",
        });
    });

    it("should list the findings of static analysis", () => {
        assert.deepEqual(readers.bandit(fixture("bandit/findings.json"), "bandit.json").findings, [
            { rule: "B404", severity: "low", file: "app/legacy.py", line: 5 },
            { rule: "B324", severity: "high", file: "app/legacy.py", line: 9 },
            { rule: "B602", severity: "high", file: "app/legacy.py", line: 14 },
        ]);
        assert.deepEqual(readers.bandit(fixture("bandit/clean.json"), "bandit.json").findings, []);
        const eslint = readers["eslint-security"](fixture("eslint/security-findings.json"), "eslint.json");
        assert.deepEqual(
            eslint.findings.map(({ rule, severity, line }) => [rule, severity, line]),
            [
                ["security/detect-object-injection", "medium", 4],
                ["security/detect-non-literal-regexp", "medium", 4],
                ["security/detect-eval-with-expression", "medium", 7],
            ],
        );
        // Comments in the code hide all of these from ESLint's counts.
        const hidden = readers["eslint-security"](fixture("eslint/security-hidden.json"), "eslint.json");
        assert.deepEqual(
            hidden.findings.map(({ rule, severity, file, line }) => [rule, severity, file, line]),
            [
                ["security/detect-eval-with-expression", "medium", "source/hidden.ts", 2],
                ["security/detect-non-literal-regexp", "medium", "source/hidden.ts", 5],
                ["security/detect-object-injection", "medium", "source/hidden.ts", 5],
            ],
        );
        const silent = fixture("eslint/security-hidden.json").replace(
            /"suppressedMessages":\[.*?\}\],(?="errorCount")/,
            "",
        );
        assert.match(
            refusal(() => readers["eslint-security"](silent, "eslint.json"), "eslint.json"),
            /suppressedMessages/,
        );
    });

    const refused: Record<string, RegExp> = {
        "trivy/no-digest.json": /^ \(Metadata\.RepoDigests\): The report does not say which digest was scanned/,
        "trivy/filesystem.json": /^ \(ArtifactType\): Trivy scanned a filesystem; it must scan a container image\.$/,
        "trivy/no-packages.json": /^ \(Results\): Trivy found no packages in the image; nothing was scanned\.$/,
        "npm-audit/no-lockfile.json": /^ \(error\): npm audit itself failed with "ENOLOCK": "This command requires/,
        "bandit/syntax-error.json": /^ \(errors\[0\]\): Bandit did not analyse "\.\/broken\.py": "syntax error/,
    };
    for (const [name, expected] of Object.entries(refused)) {
        it(`should refuse ${name}`, () => {
            assert.match(
                refusal(() => readers[kindOf(name)](fixture(name), name), name),
                expected,
            );
        });
    }
});

describe("The fixtures of reports", () => {
    it("should all be readable except those of a run that did not finish", () => {
        assert.deepEqual(
            fixtures.filter((name) => !readable.includes(name)),
            [
                "bandit/nosec.json",
                "bandit/oldest-nosec.json",
                "bandit/syntax-error.json",
                "coverage-py/oldest-two-roots.xml",
                "coverage-py/two-roots.xml",
                "eslint/fixed.json",
                "eslint/security-ignored.json",
                "eslint/security-oldest-unmatched.json",
                "eslint/security-unmatched.json",
                "jest/control-message.xml",
                "jest/no-file-loads.xml",
                "jest/noncharacter-message.xml",
                "jest/nul-message.xml",
                "jest/todo.xml",
                "npm-audit/12-no-registry.json",
                "npm-audit/busy.json",
                "npm-audit/no-lockfile.json",
                "npm-audit/no-registry.json",
                "pip-audit/private.json",
                "playwright/file-does-not-load.json",
                "playwright/ignored-snapshots.json",
                "playwright/max-failures.json",
                "playwright/no-tests.json",
                "playwright/oldest-one-shard.json",
                "playwright/one-file.json",
                "playwright/one-shard.json",
                "playwright/updated-snapshots.json",
                "prettier/oldest-no-parser.txt",
                "pytest/crash-rerun.xml",
                "pytest/exit-in-test.xml",
                "pytest/no-tests.xml",
                "trivy/end-of-life.json",
                "trivy/filesystem.json",
                "trivy/libraries.json",
                "trivy/no-digest.json",
                "trivy/no-packages.json",
                "typescript/6-references.txt",
                "typescript/7-references.txt",
                "typescript/references.txt",
            ],
        );
    });

    it("should contain no path of a machine", () => {
        for (const name of fixtures) assert.doesNotMatch(fixture(name), /\/(?:tmp|root|home|work|usr\/lib)\//, name);
    });
});
