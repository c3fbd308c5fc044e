import * as assert from "node:assert/strict";
import { readPipAudit } from "../../../release/collect/pip-audit";
import { readers } from "../../../release/collect/readers";
import type { LintResult, SastResult, ScanResult } from "../../../release/collect/results";
import { fixture, kindOf, refusal } from "./fixtures";

const read = (name: string) => readers[kindOf(name)](fixture(name), name);
const security = (name: string) => readers["eslint-security"](fixture(name), name);

describe("A report that is not about everything", () => {
    const refused: Readonly<Record<string, RegExp>> = {
        "bandit/nosec.json":
            /^ \(metrics\._totals\.nosec\): Comments \(nosec\) hid findings in 2 places; run bandit with --ignore-nosec, and list what is accepted under accepted\.findings in the manifest\.$/,
        "playwright/one-shard.json":
            /^ \(config\.shard\): The report has part 1 of 2 of the tests; run all of them in one command, without --shard\.$/,
        "playwright/one-file.json":
            /^ \(config\.argv\): The run was of "a\.spec\.js" alone; run all tests, without files in the command \(the value of an option follows it with =\)\.$/,
        "playwright/max-failures.json":
            /^ \(errors\[0\]\): Playwright failed outside of every test: "Testing stopped early after 1 maximum allowed failures\."\.$/,
        "playwright/updated-snapshots.json":
            /^ \(config\.updateSnapshots\): The run wrote its snapshots instead of comparing them; run it without --update-snapshots, and without updateSnapshots in the configuration\.$/,
        "playwright/ignored-snapshots.json":
            /^ \(config\.filteredProjects\[0\]\.ignoreSnapshots\): The tests of the project "chromium" pass although their snapshots have changed; run them without ignoreSnapshots in the configuration\.$/,
        "eslint/fixed.json":
            /^ \(\[0\]\.output\): ESLint corrected "a\.js" before it reported what was left, so the report is not about the file of the commit; run it without --fix and --fix-dry-run\.$/,
        "playwright/file-does-not-load.json":
            /^ \(errors\[0\]\): Playwright failed outside of every test: "Error: Cannot find module '\.\/nothing' Require stack: .*cli\.js"\.$/,
        "eslint/security-unmatched.json":
            /^: ESLint checked no file: "File ignored because no matching configuration was supplied\."\.$/,
        "eslint/security-ignored.json":
            /^ \(\[0\]\.messages\): ESLint did not analyse "a\.js": "File ignored because of a matching ignore pattern\..*; correct the configuration, or leave the file out of the command\.$/,
        "coverage-py/two-roots.xml":
            /^:2:\d+: <coverage> says lines-valid="6" but its lines give 2, because files in 2 source folders have the same name; measure one folder \(pytest --cov=\.\), or set source_pkgs instead of source in the settings of coverage\.py\.$/,
        "trivy/end-of-life.json":
            /^ \(Metadata\.OS\.EOSL\): "debian 10\.13" is at the end of its life and gets no more advisories, so a scan of it finds nothing new; build the image on a supported release\.$/,
        "trivy/libraries.json":
            /^ \(Results\): Trivy scanned libraries alone, not the packages of "debian 12\.11"; run it without --pkg-types \(formerly --vuln-type\)\.$/,
        "npm-audit/busy.json":
            /^ \(error\): npm audit itself failed with "503": "503 Service Unavailable - POST https:\/\/advisories\.example\/busy\/-\/npm\/v1\/security\/advisories\/bulk"\.$/,
    };
    const oldest: typeof refused = {
        "bandit/oldest-nosec.json": refused["bandit/nosec.json"]!,
        "playwright/oldest-one-shard.json": refused["playwright/one-shard.json"]!,
        "coverage-py/oldest-two-roots.xml": refused["coverage-py/two-roots.xml"]!,
        "eslint/security-oldest-unmatched.json":
            /^: ESLint checked no file: "File ignored because of a matching ignore pattern\..*"\.$/,
        // Prettier 3.0 says of all files that they are well, and ends with 0.
        "prettier/oldest-no-parser.txt":
            /^:2:1: Prettier's summary has no problem, but this line does: "\[error\] No parser could be inferred for file "a\.unknown"\."\.$/,
    };
    for (const [name, expected] of Object.entries({ ...refused, ...oldest }))
        it(`should be refused, and say what to do (${name})`, () => {
            assert.match(
                refusal(() => read(name), name),
                expected,
            );
        });

    it("should be refused when Playwright's command line says that it left tests out", () => {
        const withOption = (option: string) => {
            const report = JSON.parse(fixture("playwright/passed.json")) as { config: { argv?: string[] } };
            report.config.argv = ["node", "playwright", "test", option, "--reporter=json"];
            return JSON.stringify(report);
        };
        for (const option of ["--last-failed", "--only-changed", "--only-changed=main"])
            assert.equal(
                refusal(() => readers.playwright(withOption(option), "p"), "p"),
                ` (config.argv): The run left tests out with the option "${option}"; run it without.`,
            );
        assert.equal(readers.playwright(withOption("--grep=@critical"), "p").tests.length, 3);
    });

    it("should be refused when Playwright merged it from parts, of which some may be missing", () => {
        const report = JSON.parse(fixture("playwright/passed.json")) as { config: { argv?: string[] } };
        // As of playwright merge-reports.
        report.config.argv = [];
        assert.equal(
            refusal(() => readers.playwright(JSON.stringify(report), "p"), "p"),
            " (config.argv): The report was merged from parts (playwright merge-reports), and does not say whether all are in it; run all tests in one command.",
        );
    });

    it("should be refused when Bandit counts findings of medium severity and lists none (-lll)", () => {
        const text = fixture("bandit/findings.json").replaceAll("SEVERITY.MEDIUM", "SEVERITY.NONE");
        const medium = text.replaceAll("SEVERITY.HIGH", "SEVERITY.MEDIUM").replaceAll("SEVERITY.NONE", "SEVERITY.HIGH");
        const report = JSON.parse(medium) as { results: unknown[] };
        report.results = [];
        assert.match(
            refusal(() => readers.bandit(JSON.stringify(report), "b"), "b"),
            /^ \(metrics\._totals\["SEVERITY\.MEDIUM"\]\): The total is \d+, the files add up to \d+ and 0 are listed; run bandit with at most -ll, and without -i or a baseline \(-b\)\.$/,
        );
    });

    it("should be refused when ESLint corrected a file, also as one about security", () => {
        assert.match(
            refusal(() => security("eslint/fixed.json"), "eslint/fixed.json"),
            /^ \(\[0\]\.output\): ESLint corrected "a\.js"/,
        );
    });

    it("should be refused when type-coverage measured nothing, whose share is then no number", () => {
        assert.equal(
            refusal(
                () =>
                    readers["type-coverage"](
                        '{"succeeded": true, "correctCount": 0, "totalCount": 0, "percent": null}',
                        "t",
                    ),
                "t",
            ),
            " (totalCount): No identifier was measured; name the project that has the files (--project), not one that only refers to others.",
        );
    });

    it("should be read when the share of types is below the project's own limit (--at-least)", () => {
        const below = JSON.stringify({
            ...(JSON.parse(fixture("type-coverage/findings.json")) as object),
            ...{ succeeded: false, atLeastFailed: true },
            error: "The type coverage rate(25.00%) is lower than the target(99%).",
        });
        assert.deepEqual(readers["type-coverage"](below, "t"), read("type-coverage/findings.json"));
    });

    it("should be refused when Prettier corrected files, or ended before its summary", () => {
        const clean = fixture("prettier/clean.txt");
        const ending = (line: string) =>
            refusal(() => readers.prettier(clean.replace(/^All matched.*$/m, line), "p"), "p");
        assert.match(
            ending("[warn] a.ts\n[warn] Code style issues fixed in the above file."),
            /^:3:1: Prettier corrected files instead of checking them; run it without --write\.$/,
        );
        assert.match(
            ending('[error] Invalid semi value. Expected true or false, but received "maybe".'),
            /^:2:1: The last line is "\[error\] Invalid semi .*"; Prettier's summary is missing, so it ended early; correct what the output names, and run prettier --check again\.$/,
        );
    });

    it("should be read when Prettier warns about options before its first line", () => {
        const warned = `[warn] Ignored unknown option --foo-bar.\n${fixture("prettier/clean.txt")}`;
        assert.deepEqual(readers.prettier(warned, "p"), readers.prettier(fixture("prettier/clean.txt"), "p"));
    });

    it("should be a linter's warning when ESLint ignored one file of several, and refused when it ignored all", () => {
        assert.equal(readers.eslint(fixture("eslint/security-ignored.json"), "e").warnings, 1);
        assert.match(
            refusal(() => readers.eslint(fixture("eslint/security-unmatched.json"), "e"), "e"),
            /^: ESLint checked no file/,
        );
        assert.deepEqual(security("eslint/security-clean.json").findings, []);
    });

    it("should list what nosec hides with --ignore-nosec", () => {
        const { findings } = read("bandit/ignored-nosec.json") as SastResult;
        assert.deepEqual(
            findings.map(({ rule, line }) => `${rule} ${String(line)}`),
            ["B404 1", "B607 2", "B602 2"],
        );
        assert.deepEqual((read("bandit/oldest-ignored-nosec.json") as SastResult).findings, findings);
    });

    it("should be refused when Bandit does not say how much nosec hid", () => {
        const text = fixture("bandit/clean.json").replaceAll(/"nosec": \d+,?/g, "");
        assert.match(
            refusal(() => readers.bandit(text, "b"), "b"),
            /nosec\): The value is missing; the format of Bandit/,
        );
    });
});

describe("Trivy's other findings", () => {
    const brief = (name: string) =>
        (read(name) as ScanResult).vulnerabilities.map((one) => [one.id, one.rating?.score, one.package, one.target]);

    it("should count when a list of Trivy's own hides them", () => {
        assert.deepEqual(brief("trivy/ignored.json"), [
            ["CVE-0000-1001", "critical", "libssl3", "relaypacs/backend (debian 12.11)"],
        ]);
        const secret = fixture("trivy/secrets.json").replace(
            /"Secrets": \[(\s*)(\{[^]*?\})\s*\]/,
            '"ExperimentalModifiedFindings": [{"Type": "secret", "Status": "ignored", "Finding": $2}]',
        );
        assert.notEqual(secret, fixture("trivy/secrets.json"));
        assert.deepEqual(
            readers.trivy(secret, "t").vulnerabilities.map(({ id }) => id),
            ["secret:aws-access-key-id"],
        );
    });

    it("should include secrets in the image", () => {
        assert.deepEqual(brief("trivy/secrets.json"), [
            ["secret:aws-access-key-id", "critical", "AWS Access Key ID", "/app/.env"],
        ]);
    });

    const withResult = (result: object) => {
        const report = JSON.parse(fixture("trivy/clean.json")) as { Results: object[] };
        report.Results.push(result);
        return readers
            .trivy(JSON.stringify(report), "t")
            .vulnerabilities.map((one) => [one.id, one.rating?.score, one.package, one.target]);
    };
    const misconfiguration = { ID: "DS-0002", Title: "Root is the user", Severity: "CRITICAL", Status: "FAIL" };
    const license = { Name: "AGPL-3.0", Severity: "CRITICAL", Category: "forbidden", PkgName: "viewer", FilePath: "" };

    it("should include misconfigurations, but not the checks that passed", () => {
        assert.deepEqual(
            withResult({
                Target: "Dockerfile",
                Class: "config",
                Misconfigurations: [misconfiguration, { ...misconfiguration, ID: "DS-0001", Status: "PASS" }],
            }),
            [["misconfiguration:DS-0002", "critical", "Root is the user", "Dockerfile"]],
        );
    });

    it("should include licences, those of packages and those of files", () => {
        assert.deepEqual(
            withResult({
                Target: "Node.js",
                Class: "license",
                Licenses: [license, { ...license, Severity: "UNKNOWN", PkgName: "", FilePath: "/app/LICENSE" }],
            }),
            [
                ["license:AGPL-3.0", "critical", "viewer", "Node.js"],
                ["license:AGPL-3.0", undefined, "/app/LICENSE", "Node.js"],
            ],
        );
    });

    it("should include those that a list of Trivy's own hides", () => {
        const ignored = { Status: "ignored", Source: ".trivyignore" };
        assert.deepEqual(
            withResult({
                Target: "image",
                ExperimentalModifiedFindings: [
                    { ...ignored, Type: "misconfiguration", Finding: misconfiguration },
                    { ...ignored, Type: "license", Finding: license },
                ],
            }).map(([id]) => id),
            ["misconfiguration:DS-0002", "license:AGPL-3.0"],
        );
    });
});

describe("A package of which pip-audit lists two versions", () => {
    it("should be read, as of a lock file for two platforms", () => {
        const clean = fixture("pip-audit/findings.json").replace('"name": "idna"', '"name": "jinja2"');
        const text = clean.replace(/"version": "3\.10"/, '"version": "3.1.6"');
        assert.notEqual(text, clean);
        assert.deepEqual(
            readPipAudit(text, "p").vulnerabilities.map((one) => `${one.package} ${one.installedVersion}`),
            ["jinja2 2.11.2"],
        );
    });
});

describe("A dependency that pip-audit skipped", () => {
    const text = fixture("pip-audit/private.json").replace(
        /\{"name": "idna", "skip_reason": "[^"]*"\}/,
        '{"name": "idna", "version": "3.10", "vulns": []}',
    );

    it("should be refused with the way to accept it", () => {
        assert.match(
            refusal(() => readPipAudit(text, "p"), "p"),
            /^ \(dependencies\[1\]\): "relaypacs-shared" was not audited: "Dependency not found on PyPI.*"; if it is a package of your own, accept it under accepted\.vulnerabilities in the manifest, with the id "unaudited:relaypacs-shared", a ticket and a dueDate\.$/,
        );
    });

    it("should be a finding without a rating when it is accepted", () => {
        const { vulnerabilities } = readPipAudit(text, "p", new Set(["unaudited:relaypacs-shared"]));
        assert.deepEqual(
            vulnerabilities.map(({ id, rating, package: name }) => [id, rating, name]),
            [["unaudited:relaypacs-shared", undefined, "relaypacs-shared"]],
        );
    });

    it("should be refused when pip-audit skipped all, even when each is accepted", () => {
        const all = new Set(["unaudited:idna", "unaudited:relaypacs-shared"]);
        assert.match(
            refusal(() => readPipAudit(fixture("pip-audit/private.json"), "p", all), "p"),
            /^ \(dependencies\): pip-audit audited no dependency: it skipped all of them\.$/,
        );
    });
});

describe("Prettier's output", () => {
    const errors = (name: string) => (read(name) as LintResult).errors;

    it("should have no error because of an option that Prettier does not know", () => {
        assert.equal(errors("prettier/unknown-option.txt"), 0);
        assert.equal(errors("prettier/unknown-option-findings.txt"), 1);
    });

    it("should have an error for a file without a parser", () => {
        assert.equal(errors("prettier/no-parser.txt"), 1);
    });
});

describe("Safety's list of packages", () => {
    it("should be read when two files pin the same package", () => {
        assert.deepEqual((read("safety/two-files.json") as ScanResult).vulnerabilities, []);
        const one = fixture("safety/two-files.json").replace(/,\s*"second\.txt"/, "");
        assert.match(
            refusal(() => readers.safety(one, "s"), "s"),
            /^ \(report_meta\.packages_found\): The report counts 3 but lists 2\.$/,
        );
    });
});

describe("A message about a report", () => {
    it("should not cut off what a tool says about its own failure", () => {
        const reason = `type-coverage needs the compiler API.\\n${"Install TypeScript 6 for it. ".repeat(10)}The end.`;
        const text = `{"succeeded": false, "error": "${reason}"}`;
        assert.match(
            refusal(() => readers["type-coverage"](text, "t"), "t"),
            /^ \(error\): type-coverage itself failed: "type-coverage needs .* The end\."\.$/,
        );
    });

    it("should say how to turn colours off, and have none itself", () => {
        const coloured = fixture("prettier/clean.txt").replace("All", "\u001b[32mAll");
        for (const kind of ["prettier", "black", "typescript"] as const)
            assert.match(
                refusal(() => readers[kind](coloured, "c"), "c"),
                /^:2:1: The output has colour codes; run the tool with the variable NO_COLOR=1, and without FORCE_COLOR\.$/,
            );
        const text = fixture("playwright/file-does-not-load.json").replace(
            '"message": "Error',
            '"message": "\\u001b[31mError\\u001b[39m',
        );
        assert.match(
            refusal(() => readers.playwright(text, "p"), "p"),
            /outside of every test: "Error: Cannot find/,
        );
    });

    it("should name the command when the report has another format", () => {
        for (const [kind, text, expected] of [
            [
                "ruff",
                "app/a.py:1:1: F401 unused",
                "plain text; that of ruff (ruff check --output-format json) is JSON.",
            ],
            ["bandit", "<testsuite/>", "XML; that of Bandit (bandit --format json --ignore-nosec) is JSON."],
            [
                "junit",
                '{"tests": []}',
                "JSON; that of pytest --junitxml, Vitest --reporter=junit or jest-junit with reportTestSuiteErrors is XML.",
            ],
            ["black", '{"a": 1}', "JSON; that of Black (black --check) is plain text."],
            ["prettier", "<a/>", "XML; that of Prettier (prettier --check) is plain text."],
            [
                "typescript",
                "[]",
                "JSON; that of the compiler (tsc --noEmit --pretty false --diagnostics) is plain text.",
            ],
            ["mypy", "Success: no issues found", "plain text; that of mypy (mypy --junit-xml) is XML."],
            ["coverage-py", "[]", "JSON; that of coverage.py (pytest --cov-report=xml) is XML."],
            ["mypy-coverage", "{}", "JSON; that of mypy (mypy --cobertura-xml-report) is XML."],
        ] as const)
            assert.equal(
                refusal(() => readers[kind](text, "r"), "r"),
                `:1:1: The report is ${expected}`,
            );
    });

    it("should name the tools that are read when a test is in no suite, as in a report of node --test", () => {
        assert.match(
            refusal(
                () => readers.junit('<testsuites><testcase name="a" time="0.01" classname="test"/></testsuites>', "r"),
                "r",
            ),
            /^:1:\d+: <testsuites> contains <testcase>, .* Such a report is not that of pytest --junitxml, Vitest .* or jest-junit with reportTestSuiteErrors\.$/,
        );
    });

    it("should name the command that writes the right report", () => {
        for (const [kind, command] of [
            ["ruff", "ruff check --output-format json"],
            ["eslint", "eslint --format json"],
            ["bandit", "bandit --format json --ignore-nosec"],
            ["pip-audit", "pip-audit --format json"],
            ["npm-audit", "npm audit --json"],
            ["playwright", "playwright test --reporter=json"],
            ["type-coverage", "type-coverage --strict --json-output"],
            ["trivy", "trivy image --format json"],
            ["safety", "safety check --json"],
        ] as const)
            assert.ok(refusal(() => readers[kind]('{"results": {}}', "r"), "r").includes(command), kind);
    });
});
