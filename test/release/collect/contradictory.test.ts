import * as assert from "node:assert/strict";
import { readers } from "../../../release/collect/readers";
import { fixture, kindOf, refusal } from "./fixtures";

/** A fixture, the change that is made to it, and the message that is expected. */
type Case = readonly [name: string, from: string | RegExp, to: string, expected: RegExp];

const cases: Readonly<Record<string, Case>> = {
    "more tests than it lists": [
        "vitest/passed.xml",
        / tests="4"(?= failures="0" errors="0" skipped)/,
        ' tests="5"',
        /^:3:\d+: <testsuite> says tests="5" but lists 4; a test is missing from the list; run the tests again and keep the report as it is\.$/,
    ],
    "fewer tests of pytest than it lists": [
        "pytest/passed.xml",
        'tests="10"',
        'tests="9"',
        /^:1:\d+: <testsuite> says tests="9" but lists 10; a test is missing from the count; run the tests again/,
    ],
    "failures that it does not list": [
        "pytest/passed.xml",
        'failures="0"',
        'failures="1"',
        /<testsuite> says failures="1" but lists 0/,
    ],
    "a failure that it does not count": [
        "pytest/failing.xml",
        'failures="3"',
        'failures="0"',
        /<testsuite> says failures="0" but lists 3/,
    ],
    "errors that it does not count": ["pytest/failing.xml", 'errors="3"', 'errors="1"', /says errors="1" but lists 3/],
    "a sum of suites that is wrong": [
        "vitest/failing.xml",
        'tests="5" failures="2"',
        'tests="5" failures="0"',
        /^:2:\d+: <testsuites> says failures="0" but lists 2/,
    ],
    "a suite without tests": [
        "vitest/passed.xml",
        "</testsuites>",
        '<testsuite name="e" tests="0" time="0" timestamp="2026-11-24T12:00:00Z"/></testsuites>',
        /The suite "e" has no tests; nothing was tested\.$/,
    ],
    "a negative duration": [
        "pytest/passed.xml",
        /time="0\.\d+" timestamp/,
        'time="-1" timestamp',
        /has time="-1"; it must be its duration/,
    ],
    "no duration": [
        "pytest/passed.xml",
        / time="0\.\d+" timestamp/,
        " timestamp",
        /<testsuite> has no time; it must be its duration/,
    ],
    "a duration that is not a number": [
        "pytest/passed.xml",
        /time="0\.\d+" \/>/,
        'time="NaN" />',
        /<testcase> has time="NaN"/,
    ],
    "an infinite duration": [
        "pytest/passed.xml",
        /time="0\.\d+" timestamp/,
        'time="Infinity" timestamp',
        /has time="Infinity"/,
    ],
    "a test longer than its suite": [
        "pytest/passed.xml",
        /time="0\.\d+" \/>/,
        'time="900" />',
        /The test took 900 s, longer than its whole suite/,
    ],
    "a date that does not exist": [
        "pytest/passed.xml",
        /timestamp="[^"]*"/,
        'timestamp="2026-13-45T00:00:00"',
        /a date and time that exists/,
    ],
    "no date": ["pytest/passed.xml", / timestamp="[^"]*"/, "", /<testsuite> has no timestamp/],
    "an unknown outcome": [
        "pytest/failing.xml",
        / name="test_passes" time="[0-9.]+" \/>/,
        ' name="test_passes" time="0.001"><rerunFailure/></testcase>',
        /<testcase> contains <rerunFailure>, an unknown outcome/,
    ],
    "nested suites": ["vitest/passed.xml", "<testcase ", '<testsuite name="inner"/><testcase ', /suites must not nest/],
    "a declared encoding that is not its own": [
        "pytest/passed.xml",
        'encoding="utf-8"',
        'encoding="iso-8859-1"',
        /declares the encoding "iso-8859-1"/,
    ],
    "a test outside of its suites": [
        "vitest/passed.xml",
        "</testsuites>",
        '<testcase name="lost"><failure/></testcase></testsuites>',
        /<testsuites> contains <testcase>, which does not belong there/,
    ],
    "an error of the suite itself": [
        "pytest/passed.xml",
        "<testcase ",
        '<error message="it crashed"/><testcase ',
        /<testsuite> contains <error>, which does not belong there/,
    ],
    "a package with the name of a property of objects": [
        "npm-audit/findings.json",
        '"via": [\n        "minimist"',
        '"via": [\n        "constructor"',
        /depends on "constructor", which the report does not list/,
    ],
    "a date that is out of range": [
        "mypy/cobertura.xml",
        /timestamp="\d+"/,
        'timestamp="1e99"',
        /has timestamp="1e99"/,
    ],
    "fewer Playwright tests than it counts": [
        "playwright/passed.json",
        '"expected": 3',
        '"expected": 4',
        /^ \(stats\.expected\): The report counts 4 expected tests but lists 3\.$/,
    ],
    "a flaky test with the status expected": [
        "playwright/failing.json",
        '"status": "flaky"',
        '"status": "expected"',
        /status is "expected" but its attempts say "flaky"/,
    ],
    "a failed test with the status expected": [
        "playwright/failing.json",
        '"status": "unexpected"',
        '"status": "expected"',
        /status is "expected" but its attempts say "unexpected"/,
    ],
    "a spec that is not ok although its tests are": [
        "playwright/passed.json",
        '"ok": true',
        '"ok": false',
        /The spec is not ok, but its tests say otherwise/,
    ],
    "an interrupted test": [
        "playwright/passed.json",
        '"status": "passed"',
        '"status": "interrupted"',
        /was interrupted; the run is not complete/,
    ],
    "a negative Playwright duration": [
        "playwright/passed.json",
        /"duration": \d+,/,
        '"duration": -5,',
        /^ \(suites\[0\]\.(?:suites\[0\]\.)?specs\[0\]\.tests\[0\]\.results\[0\]\.duration\): The value is "-5"/,
    ],
    "a key twice": [
        "playwright/passed.json",
        '"stats": {',
        '"errors": [], "stats": {',
        /^:\d+:\d+: The key "errors" occurs twice in one object\.$/,
    ],
    "more covered lines than lines with hits": [
        "coverage-py/coverage.xml",
        'lines-covered="17"',
        'lines-covered="29"',
        /says lines-covered="29" but its lines give 17/,
    ],
    "a coverage rate that contradicts its lines": [
        "coverage-py/coverage.xml",
        'line-rate="0.5862" branches',
        'line-rate="0.95" branches',
        /says line-rate="0.95" but its lines give 0\.5862 \(17 of 29\)/,
    ],
    "a file's coverage rate that contradicts its lines": [
        "coverage-py/coverage.xml",
        'line-rate="0.9167"',
        'line-rate="1"',
        /<class> says line-rate="1" but its lines give 0\.9167/,
    ],
    "a rate that is not a number": [
        "coverage-py/coverage.xml",
        'line-rate="0.5862" branches',
        'line-rate="NaN" branches',
        /has line-rate="NaN"/,
    ],
    "a line twice": [
        "coverage-py/coverage.xml",
        '<line number="6"',
        '<line number="3"',
        /^:\d+:\d+: Line 3 is listed twice\.$/,
    ],
    "a file twice": [
        "coverage-py/coverage.xml",
        'filename="report.py"',
        'filename="chunks.py"',
        /The file "chunks\.py" is listed twice/,
    ],
    "more branches taken than there are": [
        "coverage-py/branches.xml",
        "50% (1/2)",
        "150% (3/2)",
        /must have the number of branches/,
    ],
    "a number of branches that contradicts its lines": [
        "coverage-py/branches.xml",
        'branches-covered="8"',
        'branches-covered="10"',
        /says branches-covered="10" but its lines give 8/,
    ],
    "a total that contradicts its files": [
        "istanbul/vitest.json",
        '"lines":{"total":6,"covered":5,"skipped":0,"pct":83.33}',
        '"lines":{"total":6,"covered":6,"skipped":0,"pct":100}',
        /^ \(total\.lines\.covered\): The total is 6, but the files add up to 5\.$/,
    ],
    "a percentage that contradicts its counts": [
        "istanbul/vitest.json",
        '"covered":5,"skipped":0,"pct":83.33',
        '"covered":5,"skipped":0,"pct":93.33',
        /^ \(total\.lines\.pct\): The report says 93\.33 %, but 5 of 6 are 83\.33 %\.$/,
    ],
    "more covered lines than lines": [
        "istanbul/vitest.json",
        '"covered":5',
        '"covered":7',
        /7 of 6 are covered, which is more than all/,
    ],
    "a negative count": [
        "istanbul/vitest.json",
        '"covered":5',
        '"covered":-5',
        /^ \(total\.lines\.covered\): The value is "-5"/,
    ],
    "a percentage that is not a number": [
        "istanbul/vitest.json",
        '"pct":83.33',
        '"pct":NaN',
        /^:1:\d+: The report is not valid JSON from here on/,
    ],
    "no total": ["istanbul/vitest.json", '"total": {', '"sum": {', /^ \(total\): The report has no total/],
    "no branches": ["istanbul/vitest.json", /"branches":\{[^}]*\}/, '"other":{}', /branches\): The value is missing/],
    "a severity that ruff does not know": [
        "ruff/findings.json",
        '"severity": "error"',
        '"severity": "grave"',
        /^ \(\[0\]\.severity\): The value is "grave", which the format of ruff/,
    ],
    "fewer ESLint errors than it lists": [
        "eslint/findings.json",
        '"errorCount":3',
        '"errorCount":0',
        /^ \(\[0\]\.errorCount\): The report counts 0 but lists 3\.$/,
    ],
    "an ESLint severity that does not exist": [
        "eslint/findings.json",
        '"severity":2',
        '"severity":0',
        /^ \(\[0\]\.messages\[0\]\.severity\): The value is "0"/,
    ],
    "a file that ESLint could not parse": [
        "eslint/security-clean.json",
        '"messages":[]',
        '"messages":[{"ruleId":null,"fatal":true,"severity":2,"message":"Parsing error"}]',
        /errorCount\): The report counts 0 but lists 1/,
    ],
    "fewer mypy failures than it lists": [
        "mypy/findings.xml",
        'failures="1"',
        'failures="0"',
        /lists 1 cases with errors or failures, but its counts differ/,
    ],
    "a mypy failure that it does not list": [
        "mypy/clean.xml",
        'failures="0"',
        'failures="1"',
        /lists 0 cases with errors or failures/,
    ],
    "a finding of mypy in a test case within a test case": [
        "mypy/findings.xml",
        /<testcase[^]*<\/testcase>/,
        "<testcase>$&</testcase>",
        /^:\d+:\d+: <testcase> contains <testcase>, which does not belong there\.$/,
    ],
    "no test case of mypy": ["mypy/clean.xml", /<testcase[^]*<\/testcase>/, "", /lists 0 cases, but its counts differ/],
    "a number of typed lines that contradicts its lines": [
        "mypy/cobertura.xml",
        'lines-covered="27"',
        'lines-covered="32"',
        /says 32 of 32 lines, but its lines give 27 of 32/,
    ],
    "a rate of types that contradicts its lines": [
        "mypy/cobertura.xml",
        'line-rate="0.8438" branch-rate="0" lines',
        'line-rate="0.95" branch-rate="0" lines',
        /says line-rate="0.95" but its lines give 0\.8438/,
    ],
    "a precision that mypy does not know": [
        "mypy/cobertura.xml",
        'precision="any"',
        'precision="fine"',
        /"fine" is not a precision of mypy/,
    ],
    "a percentage of types that contradicts its counts": [
        "type-coverage/findings.json",
        "90.69",
        "99",
        /^ \(percent\): The report says 99 %, but 39 of 43/,
    ],
    "more identifiers with types than identifiers": [
        "type-coverage/findings.json",
        '"correctCount": 39',
        '"correctCount": 49',
        /^ \(correctCount\): 49 is more than 43/,
    ],
    "an error of type-coverage": [
        "type-coverage/findings.json",
        '"succeeded": true',
        '"succeeded": false, "error": "no compiler"',
        /^ \(error\): type-coverage itself failed: "no compiler"\.$/,
    ],
    "more files than Black names": [
        "black/findings.txt",
        "1 file would be reformatted",
        "2 files would be reformatted",
        /^:4:1: Black counts 2 files but names 1\.$/,
    ],
    "fewer files than Black names": [
        "black/findings.txt",
        "1 file would be reformatted, ",
        "",
        /^:4:1: Black counts 0 files but names 1\.$/,
    ],
    "no file that Black checked": ["black/clean.txt", "2 files", "0 files", /Black checked no file/],
    "a problem of Prettier before a summary without problems": [
        "prettier/clean.txt",
        "All",
        "[warn] source/ugly.ts\nAll",
        /^:2:1: Prettier's summary has no problem, but this line does: "\[warn\] source\/ugly\.ts"\.$/,
    ],
    "more files than Prettier names": [
        "prettier/findings.txt",
        "the above file",
        "3 files",
        /^:3:1: Prettier counts 3 files but names 1\.$/,
    ],
    "no file that the compiler checked": [
        "typescript/clean.txt",
        /Files: +\d+/,
        "Files:  0",
        /The compiler checked no file/,
    ],
    "output of another program than the compiler": [
        "typescript/clean.txt",
        "Files:",
        "npm ERR! missing script\nFiles:",
        /^:1:1: "npm ERR! missing script" is not a diagnostic/,
    ],
    "a total that contradicts the files and findings of Bandit": [
        "bandit/findings.json",
        '"SEVERITY.HIGH": 2',
        '"SEVERITY.HIGH": 0',
        /^ \(metrics\._totals\["SEVERITY\.HIGH"\]\): The total is 0, the files add up to 2 and 2 are listed; run bandit with at most -ll, and without -i or a baseline \(-b\)\.$/,
    ],
    "fewer findings of Bandit than it counts": [
        "bandit/findings.json",
        '"issue_severity": "HIGH"',
        '"issue_severity": "LOW"',
        /The total is 2, the files add up to 2 and 1 are listed/,
    ],
    "a severity that Bandit does not know": [
        "bandit/findings.json",
        '"issue_severity": "HIGH"',
        '"issue_severity": "SEVERE"',
        /^ \(results\[1\]\.issue_severity\): The value is "SEVERE"/,
    ],
    "no code that Bandit analysed": ["bandit/clean.json", /"loc": \d+/g, '"loc": 0', /Bandit analysed no line of code/],
    "fewer critical packages than npm lists": [
        "npm-audit/findings.json",
        '"critical": 2',
        '"critical": 0',
        /^ \(metadata\.vulnerabilities\.critical\): The report counts 0 but lists 2\.$/,
    ],
    "a total that contradicts the packages of npm": [
        "npm-audit/findings.json",
        '"total": 3',
        '"total": 0',
        /^ \(metadata\.vulnerabilities\.total\): The report counts 0 but lists 3\.$/,
    ],
    "a package with a severity that npm does not count": [
        "npm-audit/findings.json",
        /"severity": "high",\n {6}"isDirect"/,
        '"severity": "critical",\n      "isDirect"',
        /counts 2 but lists 3|counts 1 but lists 0/,
    ],
    "an advisory more severe than its package": [
        "npm-audit/findings.json",
        /"severity": "high",\n {10}"cwe"/,
        '"severity": "critical",\n          "cwe"',
        /^ \(vulnerabilities\.ms\.severity\): The severity is "high", but the advisories behind it say otherwise\.$/,
    ],
    "a package that depends on one that is not listed": [
        "npm-audit/findings.json",
        '"via": [\n        "minimist"',
        '"via": [\n        "nowhere"',
        /depends on "nowhere", which the report does not list/,
    ],
    "a severity that npm does not know": [
        "npm-audit/findings.json",
        '"severity": "high"',
        '"severity": "urgent"',
        /^ \(vulnerabilities\.ms\.severity\): The value is "urgent"/,
    ],
    "npm's report of version 1": [
        "npm-audit/clean.json",
        '"auditReportVersion": 2',
        '"auditReportVersion": 1',
        /^ \(auditReportVersion\): The value is "1"/,
    ],
    "no dependency that npm audited": ["npm-audit/clean.json", '"total": 2', '"total": 0', /npm audited no dependency/],
    "a dependency that pip-audit skipped": [
        "pip-audit/clean.json",
        '"version": "3.10", "vulns": []',
        '"skip_reason": "not found on PyPI"',
        /^ \(dependencies\[0\]\): "idna" was not audited: "not found on PyPI"; if it is a package of your own, accept it/,
    ],
    "no dependency that pip-audit audited": [
        "pip-audit/clean.json",
        /\{"name".*?\}/,
        "",
        /pip-audit audited no dependency/,
    ],
    "one dependency of pip-audit twice": [
        "pip-audit/findings.json",
        /"name": "idna", "version": "3\.10"/,
        '"name": "jinja2", "version": "2.11.2"',
        /^ \(dependencies\[1\]\): "jinja2" is listed twice\.$/,
    ],
    "more findings than Safety lists": [
        "safety/findings.json",
        '"vulnerabilities_found": 1',
        '"vulnerabilities_found": 0',
        /^ \(report_meta\.vulnerabilities_found\): The report counts 0 but lists 1\.$/,
    ],
    "a number of packages that contradicts the packages of Safety": [
        "safety/findings.json",
        '"packages_found": 2',
        '"packages_found": 9',
        /packages_found\): The report counts 9 but lists 2/,
    ],
    "a CVSS score above ten": [
        "safety/findings.json",
        '"severity": null',
        '"severity": {"cvssv3": {"base_score": 11}}',
        /base_score\): The value is "11"/,
    ],
    "a severity that Trivy does not know": [
        "trivy/findings.json",
        '"CRITICAL"',
        '"SEVERE"',
        /^ \(Results\[0\]\.Vulnerabilities\[0\]\.Severity\): The value is "SEVERE"/,
    ],
    "Trivy's report of version 1": [
        "trivy/clean.json",
        '"SchemaVersion": 2',
        '"SchemaVersion": 1',
        /^ \(SchemaVersion\): The value is "1"/,
    ],
    "an invalid digest": [
        "trivy/clean.json",
        /backend@sha256:b4/g,
        "backend@sha256:zz",
        /^ \(Metadata\.RepoDigests\[0\]\): /,
    ],
    "an invalid date of Trivy": [
        "trivy/clean.json",
        /"CreatedAt": "[^"]*"/,
        '"CreatedAt": "yesterday"',
        /^ \(CreatedAt\): The value is "yesterday"/,
    ],
};

describe("A contradictory or invalid report", () => {
    for (const [title, [name, from, to, expected]] of Object.entries(cases)) {
        it(`should be refused with ${title} (${name})`, () => {
            const text = fixture(name);
            const changed = text.replace(from, to);
            assert.notEqual(changed, text, "the change changed nothing");
            assert.match(
                refusal(() => readers[kindOf(name)](changed, name), name),
                expected,
            );
        });
    }

    it("should be quoted in one short line without control characters", () => {
        const text = fixture("ruff/findings.json").replace(
            '"severity": "error"',
            `"severity": "\\u001b[31m\\n${"x".repeat(500)}"`,
        );
        const sentence = refusal(() => readers.ruff(text, "r"), "r");
        assert.ok(sentence.length < 300 && !/\p{Cc}/u.test(sentence), sentence);
    });
});
