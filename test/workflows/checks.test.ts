import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { limits } from "../../delivery/gates/engine/limits";
import { readers } from "../../release/collect/readers";
import { reusable, root } from "./files";
import { commit, run, step } from "./script";

const fixture = (name: string) => fs.readFileSync(path.join(root, "test/fixtures/reports", name), "utf8");
/** A substitute for mikefarah's `yq --output-format json`, for files that are JSON already. */
const yq = 'cat "${@: -1}"';
const errorsOf = (text: string | undefined) => (text ?? "").split("\n").filter((line) => line.startsWith("::error"));

describe("The accepted findings of the checks", () => {
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const list = [
        { id: "past", ticket: "RP-1", dueDate: "2000-01-01" },
        { id: "today", ticket: "RP-1", dueDate: day(0) },
        { id: "tomorrow", ticket: "RP-1", dueDate: day(1) },
        { id: "far", ticket: "A2-10", dueDate: "2999-12-31" },
        { id: "undated", ticket: "RP-1" },
        { id: "no day", ticket: "RP-1", dueDate: "2999-13-01" },
        { id: "no form of a day", ticket: "RP-1", dueDate: "soon" },
        { id: "a time", ticket: "RP-1", dueDate: "2999-12-31T00:00:00Z" },
        { id: "no text", ticket: "RP-1", dueDate: {} },
        { id: "without a ticket", dueDate: "2999-12-31" },
        { id: "without a number", ticket: "RP", dueDate: "2999-12-31" },
        { id: "number zero", ticket: "RP-0", dueDate: "2999-12-31" },
    ];
    for (const [workflow, job] of [
        ["ci.yml", "security-scan"],
        ["publish.yml", "push"],
    ] as const) {
        const [script] = step(workflow, job, "accepted-findings.yaml").split("# In another folder");
        const accepted = (files: Readonly<Record<string, string>>) => run(script!, {}, { files, programs: { yq } });

        it(`should count with a ticket and a due date in the future, as in the gate, in ${workflow}`, async () => {
            const { code, text, written } = await accepted({
                "accepted-findings.yaml": JSON.stringify({ vulnerabilities: list }),
            });
            assert.equal(code, 0, text);
            assert.equal(written.get("accepted"), "tomorrow\nfar\n");
        });

        it(`should be none without the file, in ${workflow}`, async () => {
            const { code, text, written } = await accepted({});
            assert.equal(code, 0, text);
            assert.equal(written.get("accepted"), "");
        });
    }
});

describe("The audit of npm packages", () => {
    const script = step("ci.yml", "security-scan", "npm audit");
    const audited = (report: string, accepted = "", code = 1) =>
        run(
            script,
            {},
            {
                files: { accepted, report, "reports/none": "" },
                programs: { npm: `echo "$*" >> "$RUNNER_TEMP/calls"; cat report; echo; exit ${code}` },
            },
        );
    const critical = '::error::The package "minimist" has the critical advisory GHSA-aaaa-bbbb-cccc';
    const high = '::error::The package "ms" has the high advisory GHSA-dddd-eeee-ffff';

    it("should pass on a report without findings, and keep the report", async () => {
        const { code, text, calls, written } = await audited(fixture("npm-audit/clean.json"), "", 0);
        assert.equal(code, 0, text);
        assert.deepEqual(calls, ["audit --omit=dev --audit-level=high --offline=false --json"]);
        assert.equal(written.get("reports/npm-audit.json"), `${fixture("npm-audit/clean.json")}\n`);
    });

    it("should name once each advisory that is critical, or high and not accepted", async () => {
        const { code, text } = await audited(fixture("npm-audit/findings.json"));
        assert.equal(code, 1);
        assert.deepEqual(
            errorsOf(text).map((line) => line.split("; accepted: ")),
            [
                [critical, "none that is critical."],
                [
                    high,
                    "one whose id accepted-findings.yaml lists under vulnerabilities, with a ticket such as RP-123 " +
                        "and a dueDate after today.",
                ],
            ],
        );
    });

    it("should let an accepted high advisory pass, but not a critical one", async () => {
        const both = "GHSA-aaaa-bbbb-cccc\nGHSA-dddd-eeee-ffff\n";
        const { code, text } = await audited(fixture("npm-audit/findings.json"), both);
        assert.equal(code, 1);
        assert.deepEqual(
            errorsOf(text).map((line) => line.split(";")[0]),
            [critical],
        );
        const lesser = fixture("npm-audit/findings.json").replaceAll('"critical"', '"high"');
        assert.equal((await audited(lesser, both)).code, 0);
        assert.equal(
            (await audited(lesser, "GHSA-aaaa-bbbb-cccc-x\nGHSA-dddd\n")).code,
            1,
            "ids must match as a whole",
        );
    });

    it("should name advisories by their ids in evidence", async () => {
        const report = fixture("npm-audit/findings.json").replace(
            /"url": "[^"]*dddd[^"]*"/,
            '"url": "https://a.example"',
        );
        const { vulnerabilities } = readers["npm-audit"](report, "npm-audit.json") as {
            vulnerabilities: readonly { id: string }[];
        };
        const { text } = await audited(report);
        for (const { id } of vulnerabilities) assert.ok(text!.includes(` ${id};`), id);
    });

    for (const [what, report, code] of [
        ["an error of npm", fixture("npm-audit/no-lockfile.json"), 1],
        ["an empty output", "", 1],
        ["invalid JSON", "npm error", 1],
        ["a report of an old npm", '{"advisories": {}}', 0],
    ] as const)
        it(`should refuse ${what} instead of a report`, async () => {
            const { code: given, text } = await audited(report, "", code);
            assert.equal(given, 1);
            assert.match(text!, /^::error::npm audit wrote no report of vulnerabilities; accepted: /m);
        });

    it("should fail when npm fails", async () => {
        assert.notEqual((await audited(fixture("npm-audit/clean.json"), "", 127)).code, 0);
    });
});

describe("The analysis of Python code", () => {
    const script = step("ci.yml", "security-scan", "bandit --recursive");
    const analysed = (report: string, findings: readonly object[] = []) =>
        run(
            script,
            {},
            {
                files: {
                    findings: findings.map((one) => JSON.stringify(one)).join("\n"),
                    "reports/bandit.json": report,
                },
                programs: { pip: "exit 0", bandit: "exit 1" },
            },
        );
    const report = JSON.parse(fixture("bandit/findings.json")) as {
        results: { test_id: string; filename: string; line_number: number; issue_severity: string }[];
        errors: object[];
    };
    const kindFor = (kind: string) =>
        report.results.map(({ test_id: rule, filename, line_number: line }) => ({
            ...{ rule, file: filename.replace(/^\.\//, ""), line, kind },
        }));

    it("should pass without findings", async () => {
        const { code, text } = await analysed(fixture("bandit/clean.json"));
        assert.equal(code, 0, text);
    });

    it("should name every finding that is not accepted, also those that nosec hides", async () => {
        const { code, text } = await analysed(fixture("bandit/findings.json"));
        assert.equal(code, 1);
        assert.deepEqual(
            errorsOf(text).map((line) => /finding (\S+) \((\w+)\)/.exec(line)!.slice(1)),
            report.results.map((one) => [one.test_id, one.issue_severity.toLowerCase()]),
        );
        const hidden = await analysed(fixture("bandit/ignored-nosec.json"));
        assert.equal(errorsOf(hidden.text).length, 3);
    });

    it("should let false positives pass, and of accepted findings those that are not high, as the gate does", async () => {
        assert.equal((await analysed(fixture("bandit/findings.json"), kindFor("false-positive"))).code, 0);
        const { text } = await analysed(fixture("bandit/findings.json"), kindFor("accepted"));
        const high = report.results.filter((one) => one.issue_severity === "HIGH");
        assert.ok(high.length > 0);
        assert.equal(errorsOf(text).length, high.length);
        for (const line of errorsOf(text)) assert.match(line, / \(high\); .* with the kind false-positive\.$/);
    });

    it("should refuse a file that Bandit cannot parse, which its exit code does not show", async () => {
        const errors = [{ filename: "backend/app/a.py", reason: "syntax error while parsing AST from file" }];
        const clean = JSON.parse(fixture("bandit/clean.json")) as object;
        const { code, text } = await analysed(JSON.stringify({ ...clean, errors }));
        assert.equal(code, 1);
        assert.deepEqual(errorsOf(text), [
            '::error::Bandit did not analyse "backend/app/a.py": "syntax error while parsing AST from file"; correct the file.',
        ]);
    });

    it("should fail when Bandit wrote no report", async () => {
        for (const text of ["{", "{}"]) assert.notEqual((await analysed(text)).code, 0);
    });
});

describe("The audit of Python packages", () => {
    const script = step("ci.yml", "security-scan", "pip-audit --requirement");
    const audited = (accepted: string) =>
        run(
            script,
            {},
            {
                files: { accepted, "reports/pip-audit.json": fixture("pip-audit/private.json") },
                programs: { "pip-audit": "exit 0" },
            },
        );

    it("should refuse a package that pip-audit skipped, which its exit code does not show", async () => {
        const { code, text } = await audited("unaudited:idna\n");
        assert.equal(code, 1);
        assert.equal(errorsOf(text).length, 1);
        assert.match(
            errorsOf(text)[0]!,
            /^::error::pip-audit did not audit "relaypacs-shared": "Dependency not found .*"; accepted: a package whose id "unaudited:relaypacs-shared" accepted-findings\.yaml lists under vulnerabilities, with a ticket and a dueDate after today\.$/,
        );
    });

    it("should judge by every id of a finding, like release collect", async () => {
        const ids = ["CVE-0000-0001", "PYSEC-0000-1", "GHSA-gggg-hhhh-jjjj"];
        const { calls, code, text } = await run(
            script,
            {},
            {
                files: {
                    accepted: ids.map((id) => `${id}\n`).join(""),
                    "reports/pip-audit.json": fixture("pip-audit/findings.json"),
                },
                programs: { "pip-audit": 'echo "$*" >> "$RUNNER_TEMP/calls"' },
            },
        );
        assert.equal(code, 0, text);
        const ignored = ids.map((id) => `--ignore-vuln ${id}`).join(" ");
        assert.equal(calls.at(-1), `--requirement backend/requirements.txt ${ignored}`);
        const { vulnerabilities } = readers["pip-audit"](fixture("pip-audit/findings.json"), "pip-audit.json") as {
            vulnerabilities: readonly { id: string; aliases: readonly string[] }[];
        };
        assert.deepEqual(
            vulnerabilities.flatMap(({ aliases }) => [...aliases].sort()),
            [...ids].sort(),
        );
    });

    it("should let an accepted package pass", async () => {
        const { code, text } = await audited("unaudited:idna\nunaudited:relaypacs-shared\n");
        assert.equal(code, 0, text);
    });
});

describe("The scans by Trivy", () => {
    const places = [
        ["ci.yml", "security-scan", "docker build", `relaypacs/backend:${commit}`],
        ["publish.yml", "push", "trivy image", `registry/relaypacs/backend:${commit}`],
    ] as const;
    for (const [workflow, job, words, image] of places) {
        const script = step(workflow, job, words);
        const scanned = async (found: string, ids: readonly string[] = []) => {
            const trivy = `
                echo "$PWD $*" >> "$RUNNER_TEMP/calls"
                if [[ " $* " == *" ${found} "* ]]; then exit 1; fi`;
            const { code, calls, written } = await run(
                script,
                { GITHUB_SHA: commit, ECR_REGISTRY: "registry" },
                {
                    files: {
                        built: "backend\nfrontend\n",
                        // ci.yml's step before, and the file from which publish.yml makes the same.
                        accepted: ids.map((id) => `${id}\n`).join(""),
                        "accepted-findings.yaml": JSON.stringify({
                            vulnerabilities: ids.map((id) => ({ id, ticket: "RP-1", dueDate: "2999-12-31" })),
                        }),
                    },
                    programs: { trivy, docker: "exit 0", yq },
                },
            );
            const folder = calls[0]!.split(" ")[0]!;
            return {
                code,
                calls: calls.map((call) => call.replaceAll(`${folder}/`, "").slice(folder.length + 1)),
                ignored: JSON.parse(written.get("ignored.yaml")!) as object,
            };
        };
        const ending = "image --exit-code 1 --exit-on-eol 1";

        it(`should ignore accepted secrets by their rule, and by no id of a vulnerability, in ${workflow}`, async () => {
            // In the form of .trivyignore.yaml, which has a list for each kind, unlike that of .trivyignore.
            const ids = ["CVE-2026-1", "secret:aws-access-key-id", "github-pat", "secret:secret:x", "secrets:y"];
            assert.deepEqual((await scanned("nothing", ids)).ignored, {
                vulnerabilities: [{ id: "CVE-2026-1" }, { id: "github-pat" }, { id: "secrets:y" }],
                secrets: [{ id: "aws-access-key-id" }, { id: "secret:x" }],
            });
            assert.deepEqual((await scanned("nothing")).ignored, { vulnerabilities: [], secrets: [] });
        });

        it(`should accept no critical finding, and scan all images, in ${workflow}`, async () => {
            const { code, calls } = await scanned("nothing");
            assert.equal(code, 0);
            assert.deepEqual(calls, [
                ...["backend", "frontend"].flatMap((service) => [
                    `${ending} --severity CRITICAL ${image.replace("backend", service)}`,
                    `${ending} --severity HIGH,UNKNOWN --ignorefile ignored.yaml ${image.replace("backend", service)}`,
                ]),
            ]);
            for (const severity of ["CRITICAL", "HIGH,UNKNOWN"]) {
                const bad = await scanned(severity);
                assert.equal(bad.code, 1, severity);
                assert.deepEqual(bad.calls, calls);
            }
        });

        it(`should run outside of the repository, whose settings could hide findings, in ${workflow}`, () => {
            assert.match(script, /cd "\$RUNNER_TEMP"[^]*trivy image/);
        });
    }

    it("should run outside of the repository when they become evidence", () => {
        const script = step("publish.yml", "evidence", "trivy image");
        assert.match(
            script,
            /\(cd "\$RUNNER_TEMP" && trivy image --format json --output "\$GITHUB_WORKSPACE\/reports\//,
        );
    });
});

describe("The checks of type coverage", () => {
    const backend = step("ci.yml", "lint-backend", 'cobertura.xml"; }');
    const frontend = step("ci.yml", "lint-frontend", "type-coverage --strict");
    const inBackend = (report: string) => run(backend, {}, { files: { "mypy/cobertura.xml": report } });
    const inFrontend = (report: string) =>
        run(frontend, {}, { files: { report, "reports/none": "" }, programs: { npx: "cat report; echo" } });
    const cobertura = (typed: number, all: number) =>
        fixture("mypy/cobertura.xml").replace(
            /lines-covered="\d+" lines-valid="\d+"/,
            `lines-covered="${typed}" lines-valid="${all}"`,
        );
    const identifiers = (correctCount: number, totalCount: number) => JSON.stringify({ correctCount, totalCount });

    it("should require types in more than 90 % of the backend's lines", async () => {
        assert.equal((await inBackend(cobertura(901, 1000))).code, 0);
        assert.equal((await inBackend(cobertura(10, 10))).code, 0);
        for (const [typed, all] of [
            [900, 1000],
            [9, 9],
            [27, 32],
            [0, 0],
        ] as const) {
            const { code, text } = await inBackend(cobertura(typed, all));
            assert.equal(code, 1);
            assert.deepEqual(errorsOf(text), [
                `::error::The backend's lines of known types: ${typed} of ${all}; more than 90 % of 10 or more are asked.`,
            ]);
        }
    });

    it("should require types of more than 90 % of the frontend's identifiers", async () => {
        const { code, text, written } = await inFrontend(fixture("type-coverage/findings.json"));
        assert.equal(code, 0, text);
        assert.equal(written.get("reports/type-coverage.json"), `${fixture("type-coverage/findings.json")}\n`);
        assert.equal((await inFrontend(identifiers(901, 1000))).code, 0);
        assert.equal((await inFrontend(identifiers(10, 10))).code, 0);
        for (const [typed, all] of [
            [900, 1000],
            [9, 9],
            [0, 0],
        ] as const) {
            const { code, text } = await inFrontend(identifiers(typed, all));
            assert.equal(code, 1);
            assert.deepEqual(errorsOf(text), [
                `::error::The frontend's identifiers of known types: ${typed} of ${all}; more than 90 % of 10 or more are asked.`,
            ]);
        }
    });

    it("should fail when nothing was measured", async () => {
        for (const report of ["", "<coverage>"]) assert.equal((await inBackend(report)).code, 1);
        assert.notEqual((await run(backend, {})).code, 0);
        for (const report of ["", "{}", '{"error": "no tsconfig"}']) assert.equal((await inFrontend(report)).code, 1);
    });

    it("should use the limits of the gates, as the check of critical paths does", () => {
        const share = `* 100 > ${limits.typeCoveragePercent.value} *`;
        for (const script of [backend, frontend]) assert.ok(script.includes(share));
        const paths = step("ci.yml", "e2e-tests", "critical path");
        assert.ok(paths.includes(`select(. < ${limits.criticalPaths.value})`));
        assert.ok(paths.includes(`at least ${limits.criticalPaths.value} are asked`));
    });
});

describe("The check of critical paths", () => {
    const script = step("ci.yml", "e2e-tests", "critical path");
    const judged = async (report: string) => {
        const { code, text } = await run(script, {}, { files: { "playwright.json": report } });
        return { code, errors: errorsOf(text) };
    };
    type Test = Readonly<{ projectName: string; status: string; expectedStatus: string; results: object[] }>;
    const passed = (projectName = "chromium"): Test => ({
        projectName,
        status: "expected",
        expectedStatus: "passed",
        results: [{ status: "passed" }],
    });
    const spec = (title: string, tests = [passed()], tags = ["critical"]) => ({ title, tags, tests });
    const report = (specs: readonly object[], inner: readonly object[] = []) =>
        JSON.stringify({ suites: [{ title: "a.spec.ts", specs, suites: [{ title: "inner", specs: inner }] }] });
    const many = (count: number) => Array.from({ length: count }, (_, at) => spec(`path ${at + 1}`));
    const few = (count: number) =>
        `::error::Critical paths that passed, tests with the tag @critical: ${count}; at least 5 are asked.`;

    it("should require at least five paths", async () => {
        assert.deepEqual(await judged(report(many(5))), { code: 0, errors: [] });
        assert.deepEqual(await judged(report(many(4))), { code: 1, errors: [few(4)] });
        assert.deepEqual(await judged(report(many(4), [spec("path 1")])), { code: 0, errors: [] });
        assert.deepEqual(await judged(fixture("playwright/passed.json")), { code: 1, errors: [few(2)] });
        assert.deepEqual(await judged(fixture("playwright/no-tests.json")), { code: 1, errors: [few(0)] });
    });

    it("should count a path once in two browsers, and only with the tag", async () => {
        const twice = spec("path 5", [passed(), passed("firefox")]);
        assert.deepEqual(await judged(report([...many(3), twice])), { code: 1, errors: [few(4)] });
        assert.deepEqual(await judged(report([...many(4), spec("other", [passed()], [])])), {
            code: 1,
            errors: [few(4)],
        });
        assert.deepEqual(await judged(report([...many(4), spec("old", [passed()], ["@critical"])])), {
            code: 0,
            errors: [],
        });
    });

    it("should require that all paths pass in their last attempt, and none is skipped", async () => {
        const with6th = (change: Partial<Test>) =>
            judged(report([...many(5), spec("last", [{ ...passed(), ...change }])]));
        const [failed, good] = [{ status: "failed" }, { status: "passed" }];
        assert.equal((await with6th({ status: "flaky", results: [failed, good] })).code, 0);
        for (const [change, words] of [
            [{ status: "unexpected", results: [failed] }, "failed"],
            [{ status: "flaky", results: [good, failed] }, "failed"],
            [{ status: "skipped", expectedStatus: "skipped", results: [] }, "was skipped"],
            [{ status: "flaky", expectedStatus: "skipped", results: [failed, { status: "skipped" }] }, "was skipped"],
            [{ status: "flaky", expectedStatus: "failed", results: [good, failed] }, "was skipped"],
            [{ expectedStatus: "failed", results: [failed] }, "was skipped"],
        ] as const)
            assert.deepEqual(await with6th({ ...change, results: [...change.results] }), {
                code: 1,
                errors: [
                    `::error::The critical path "a.spec.ts › last" ${words}; all with the tag @critical must pass.`,
                ],
            });
    });

    it("should fail without a report", async () => {
        for (const text of ["", "{}", "not JSON"]) assert.notEqual((await judged(text)).code, 0);
        assert.notEqual((await run(script, {})).code, 0);
    });
});

describe("The step that writes ESLint's report", () => {
    const script = step("ci.yml", "lint-frontend", "npm run lint");
    const linted = (code: number) =>
        run(
            script,
            { GITHUB_WORKSPACE: "/home/runner/work/gateway/gateway" },
            {
                files: {
                    report: fixture("eslint/security-hidden.json").replace(
                        '"filePath":"',
                        '"filePath":"/home/runner/work/gateway/gateway/frontend/',
                    ),
                    "reports/none": "",
                },
                programs: {
                    npm: `
                        if [[ "$2" == --silent ]]; then cat report > "\${@: -1}"; fi
                        exit ${code}`,
                },
            },
        );

    it("should name files from the repository's root, as accepted findings do", async () => {
        const { code, text, written } = await linted(0);
        assert.equal(code, 0, text);
        const { findings } = readers["eslint-security"](written.get("reports/eslint.json")!, "eslint.json") as {
            findings: readonly { file: string }[];
        };
        assert.deepEqual([...new Set(findings.map(({ file }) => file))], ["frontend/source/hidden.ts"]);
    });

    it("should write it and fail when ESLint has findings", async () => {
        const { code, written } = await linted(1);
        assert.equal(code, 1);
        assert.ok(written.has("reports/eslint.json"));
    });

    it("should use the same paths as Bandit and the documented example of accepted findings", () => {
        for (const file of ["release/collect/README.md", "docs/guides/account-setup.md"])
            assert.match(fs.readFileSync(path.join(root, file), "utf8"), /file: backend\/app\/files\.py/);
        const scripts = reusable("ci.yml").jobs["security-scan"]!.steps!.map(({ run: script = "" }) => script);
        assert.ok(scripts.some((one) => one.includes("bandit --recursive backend/app -ll --ignore-nosec --ini")));
    });
});

describe("The check that reports show what they should", () => {
    /** Lints a frontend with the real ESLint, then runs the check. A configuration has the plugin as `security`. */
    const checked = (configuration: string, sources: Readonly<Record<string, string>>, report?: string) =>
        run(
            `ln -s "${root}/node_modules" node_modules
            git init --quiet && git add src other
            ${report === undefined ? "node_modules/.bin/eslint . --format json --output-file eslint.json" : `echo '${report}' | sed "s|FOLDER|$PWD|g" > eslint.json`}
            (${step("ci.yml", "lint-frontend", "loadESLint")}\n)`,
            {},
            {
                files: {
                    ...sources,
                    "other/setup.js": "",
                    "eslint.config.mjs": `
                        import typescript from "typescript-eslint";
                        const security = { rules: { "detect-eval": { create: () => ({}) } } };
                        const parser = typescript.parser;
                        const on = (setting) => ({ plugins: { security }, rules: { "security/detect-eval": setting } });
                        export default ${configuration};`,
                },
            },
        );
    const both = { "src/a.js": "", "src/in/b.ts": "" };
    const typescript = '{ files: ["**/*.ts"], languageOptions: { parser } }';
    const withoutRule = (file: string) =>
        `::error::ESLint checks "${file}" by no rule of eslint-plugin-security; add its recommended configuration.`;
    const missed = (count: number, file: string) =>
        `::error::ESLint did not check ${count} of the 2 files in frontend/src, the first of which is "${file}"; ` +
        'its configuration must match all, for example with files: ["**/*.ts"].';

    it("should let ESLint pass that checks all sources with a rule for security, however strict", async () => {
        for (const on of ['"error"', "[1]"]) {
            const { code, text } = await checked(`[${typescript}, on(${on})]`, both);
            assert.equal(code, 0, text);
        }
    }).timeout(30_000);

    it("should need no rule for security outside of the sources", async () => {
        const { code, text } = await checked(`[${typescript}, { files: ["src/**"], ...on("warn") }]`, both);
        assert.equal(code, 0, text);
    }).timeout(30_000);

    it("should refuse one source without a rule for security that is on", async () => {
        for (const [configuration, first] of [
            [`[${typescript}, on("off")]`, "src/a.js"],
            [`[${typescript}, { rules: { eqeqeq: "error" } }]`, "src/a.js"],
            [`[${typescript}, { files: ["**/*.js"], ...on("error") }]`, "src/in/b.ts"],
            [`[${typescript}, on(2), { files: ["src/in/**"], rules: { "security/detect-eval": 0 } }]`, "src/in/b.ts"],
        ] as const) {
            const { code, text } = await checked(configuration, both);
            assert.equal(code, 1, configuration);
            assert.deepEqual(errorsOf(text), [withoutRule(first)]);
        }
    }).timeout(30_000);

    it("should refuse sources that ESLint's configuration does not match, or ignores", async () => {
        for (const [configuration, count, first] of [
            ['[on("error")]', 1, "src/in/b.ts"],
            [`[${typescript}, on("error"), { ignores: ["src/a.js"] }]`, 1, "src/a.js"],
            [`[${typescript}, on("error"), { ignores: ["src"] }]`, 2, "src/a.js"],
        ] as const) {
            const { code, text } = await checked(configuration, both);
            assert.equal(code, 1, configuration);
            assert.deepEqual(errorsOf(text), [missed(count, first)]);
        }
        // As ESLint reports a file that its command names.
        const named = JSON.stringify([
            {
                filePath: "FOLDER/src/a.js",
                messages: [{ message: "File ignored because of a matching ignore pattern." }],
            },
            { filePath: "FOLDER/src/in/b.ts", messages: [] },
        ]);
        const { text } = await checked(`[${typescript}, on("error")]`, both, named);
        assert.deepEqual(errorsOf(text), [missed(1, "src/a.js")]);
    }).timeout(30_000);

    it("should refuse a frontend without sources, and one without a report", async () => {
        const none = await checked(`[on("error")]`, { "src/page.html": "" });
        assert.equal(none.code, 1);
        assert.deepEqual(errorsOf(none.text), [
            "::error::Git knows no file of JavaScript or TypeScript in frontend/src; accepted: one or more, for ESLint to check.",
        ]);
        for (const report of ["", "{}"]) assert.notEqual((await checked(`[on("error")]`, both, report)).code, 0);
    }).timeout(30_000);

    const reruns = step("ci.yml", "test-backend", "pytest-rerunfailures");
    const installed = (version: string | undefined) =>
        run(
            reruns,
            {},
            { programs: { pip: `echo pytest==9.2.0; echo "${version ? `pytest-rerunfailures==${version}` : ""}"` } },
        );

    it("should refuse releases of pytest-rerunfailures whose reports do not show reruns", async () => {
        for (const version of [undefined, "16.6.1", "16.7", "17.0", "16.10.0"])
            assert.equal((await installed(version)).code, 0, version);
        for (const version of ["14.0", "16.6", "16.6.0", "9.1"]) {
            const { code, text } = await installed(version);
            assert.equal(code, 1, version);
            assert.deepEqual(errorsOf(text), [
                `::error::pytest-rerunfailures is ${version}; accepted: 16.6.1 or later, whose reports show reruns.`,
            ]);
        }
    });

    it("should let Playwright refuse a file in which one test alone is meant to run", () => {
        assert.match(step("ci.yml", "e2e-tests", "npx playwright test"), /playwright test --forbid-only --reporter=/);
    });
});

describe("The steps that run the tools of the reports", () => {
    /** Each: job, words of its script, the program that ends with the code, and the file that keeps it. */
    const tools = [
        ["lint-backend", "ruff check .", "ruff", "ruff"],
        ["lint-backend", "black --check", "black", "black"],
        ["lint-backend", "mypy app", "mypy", "mypy"],
        ["lint-frontend", "format:check", "npm", "prettier"],
        ["lint-frontend", "type-check", "npm", "typescript"],
        ["test-backend", "pytest tests/unit", "pytest", "unit-backend"],
        ["test-backend", "pytest tests/integration", "pytest", "integration"],
        ["test-frontend", "test:unit", "npm", "unit-frontend"],
        ["e2e-tests", "npx playwright test", "npx", "playwright"],
        ["security-scan", "bandit --recursive", "bandit", "bandit"],
        ["security-scan", "pip-audit --requirement", "pip-audit", "pip-audit"],
        ["security-scan", "npm audit", "npm", "npm-audit"],
    ] as const;
    for (const [job, words, program, name] of tools)
        it(`should keep the exit code of ${name}, and fail with it`, async () => {
            const script = step("ci.yml", job, words);
            const ended = (code: number) =>
                run(
                    script,
                    { DATABASE_URL: "" },
                    {
                        files: {
                            "reports/bandit.json": fixture(code === 0 ? "bandit/clean.json" : "bandit/findings.json"),
                            "reports/pip-audit.json": fixture("pip-audit/clean.json"),
                            ...{ "backend/none": "", accepted: "", findings: "" },
                        },
                        programs: {
                            ...{ docker: "exit 0", pip: "exit 0", bandit: "exit 0", "pip-audit": "exit 0" },
                            "scripts/wait-for-stack.sh": "exit 0",
                            [program]: `echo '{"auditReportVersion": 2, "vulnerabilities": {}}'; exit ${String(code)}`,
                        },
                    },
                );
            for (const code of [0, 1, 2, 137]) {
                const { code: given, written, text } = await ended(code);
                assert.equal(written.get(`${name}.code`), `${String(code)}\n`, text);
                // npm's audit has its own judgement of findings, which it ends with 1 for.
                if (code === 0) assert.equal(given, 0, text);
                else if (name !== "npm-audit" || code !== 1) assert.notEqual(given, 0);
            }
        });

    it("should count the files of Python that ruff checks, and no others", async () => {
        const script = step("ci.yml", "lint-backend", "ruff check .");
        const counted = async (files: readonly string[], code = 0) => {
            const ruff = `if [[ "$*" == *--show-files ]]; then printf '%s' "${files.map((one) => `/backend/${one}\n`).join("")}"; exit ${code}; fi`;
            return run(script, {}, { files: { "reports/none": "" }, programs: { ruff } });
        };
        for (const [files, count] of [
            [["a.py", "b.pyi", "c.ipynb", "pyproject.toml"], 3],
            [["pyproject.toml", "apy", "py/a.toml"], 0],
            [[], 0],
        ] as const) {
            const { code, text, written } = await counted(files);
            assert.equal(code, 0, text);
            assert.equal(written.get("ruff.checked"), `${String(count)}\n`);
        }
        assert.notEqual((await counted(["a.py"], 2)).code, 0, "ruff failed");
        const readme = fs.readFileSync(path.join(root, "release/collect/README.md"), "utf8");
        assert.ok(readme.includes("`ruff check --show-files . | grep --count --extended-regexp '\\.(py|pyi|ipynb)$'`"));
        assert.ok(script.includes("grep --count --extended-regexp '\\.(py|pyi|ipynb)$'"));
    });

    it("should let ruff correct no file, whatever its settings say", () => {
        const calls =
            step("ci.yml", "lint-backend", "ruff check .").match(/^ *ruff check \. (?!.*--show-files).*/gm) ?? [];
        assert.equal(calls.length, 2);
        for (const call of calls) assert.match(call, / --no-fix --no-fix-only(?: |$)/);
    });

    it("should give Bandit settings of its own, so that no file .bandit switches checks off", async () => {
        for (const [job, words] of [
            ["lint-backend", "bandit --recursive app"],
            ["security-scan", "bandit --recursive backend/app"],
        ] as const) {
            const { code, text, calls, written } = await run(
                step("ci.yml", job, words),
                {},
                {
                    files: { "reports/bandit.json": fixture("bandit/clean.json"), findings: "" },
                    programs: { pip: "exit 0", bandit: 'echo "$*" >> "$RUNNER_TEMP/calls"' },
                },
            );
            assert.equal(code, 0, text);
            assert.equal(calls.length, 1);
            assert.match(calls[0]!, / --ini \/\S+\/bandit\.ini\b/);
            assert.equal(written.get("bandit.ini"), "[bandit]\n");
        }
    });

    it("should have TypeScript check types although tsconfig.json says noCheck", async () => {
        const script = step("ci.yml", "lint-frontend", "type-check");
        const compiled = (source: string) =>
            run(
                script,
                {},
                {
                    files: {
                        "tsconfig.json":
                            '{"compilerOptions": {"noCheck": true, "types": [], "lib": ["ES5"]}, "files": ["a.ts"]}',
                        "a.ts": source,
                        "reports/none": "",
                    },
                    // npm run --silent type-check -- …
                    programs: { npm: `exec "${root}/node_modules/.bin/tsc" --noEmit "\${@:5}"` },
                },
            );
        const wrong = await compiled('export const a: number = "a";');
        assert.equal(wrong.code, 2);
        assert.match(wrong.written.get("reports/typescript.txt")!, /^a\.ts\(1,14\): error TS2322: /);
        const right = await compiled("export const a: number = 1;");
        assert.equal(right.code, 0, right.text);
        assert.match(right.written.get("reports/typescript.txt")!, /^Files: +\d+$/m);
    }).timeout(30_000);

    it("should let Jest report files that do not load, retries and expected failures", async () => {
        const test = reusable("ci.yml").jobs["test-frontend"]!.steps!.find(({ run: script }) =>
            script?.includes("test:unit"),
        )!;
        assert.equal(test.env!.JEST_JUNIT_REPORT_TEST_SUITE_ERRORS, "true");
        assert.equal(test.env!.JEST_JUNIT_TEST_CASE_PROPERTIES_DIR, "${{ runner.temp }}");
        const { written } = await run(test.run!, {}, { programs: { npm: "exit 0" } });
        const file = test.env!.JEST_JUNIT_TEST_CASE_PROPERTIES_JSON_FILE!;
        // The fixtures of Jest's reports are from the same function.
        const states = fs.readFileSync(path.join(root, "test/fixtures/regenerate/states.ts"), "utf8");
        assert.ok(states.includes(JSON.stringify(written.get(file)!.trim())));
    });

    it("should let Jest write no snapshot, whatever the script says", () => {
        assert.match(
            step("ci.yml", "test-frontend", "test:unit"),
            /test:unit -- --ci --updateSnapshot=false --coverage /,
        );
    });
});

describe("The stack of the integration and E2E tests", () => {
    const jobs = ["test-backend", "e2e-tests"].map((job) => step("ci.yml", job, "docker compose"));
    const script = fs.readFileSync(path.join(root, "templates/gateway/wait-for-stack.sh"), "utf8");
    const service = (Service: string, State: string, more: object = {}) => ({
        Service,
        State,
        Health: "",
        ExitCode: 0,
        ...more,
    });
    /** Runs the script with what `docker compose ps` prints, one text after the other. */
    const wait = (answers: readonly string[], seconds = "5") =>
        run(
            `bash wait-for-stack.sh ${seconds}`,
            {},
            {
                files: {
                    "wait-for-stack.sh": script,
                    ...Object.fromEntries(answers.map((text, at) => [`answer-${at}`, text])),
                },
                programs: {
                    docker: `
                        echo "$*" >> calls
                        at=$(( $(wc --lines < calls) - 1 ))
                        cat "answer-$(( at < ${answers.length - 1} ? at : ${answers.length - 1} ))"`,
                    sleep: "exit 0",
                },
            },
        );
    const lines = (...services: readonly object[]) => services.map((one) => JSON.stringify(one)).join("\n");

    it("should be waited for by the gateway's own script, as the specification does", async () => {
        for (const text of jobs) {
            const starting = text.split("cd backend")[0]!;
            const programs = {
                docker: 'echo "docker $*" >> calls',
                "scripts/wait-for-stack.sh": 'echo "wait $*" >> calls',
            };
            const { calls, code } = await run(starting, {}, { programs });
            assert.equal(code, 0);
            assert.deepEqual(calls, ["docker compose --file docker-compose.test.yml up --detach --build", "wait 120"]);
        }
    });

    it("should be ready with services that are healthy, run without a health check, or have ended well", async () => {
        const ready = [
            service("api", "running", { Health: "healthy" }),
            service("mail", "running"),
            service("migrate", "exited"),
        ];
        // Compose prints a list or an object a line, by its version.
        for (const text of [lines(...ready), JSON.stringify(ready)]) {
            const { calls, code, text: said } = await wait([text]);
            assert.deepEqual([code, said], [0, ""]);
            assert.deepEqual(calls, ["compose --file docker-compose.test.yml ps --all --format json"]);
        }
    });

    it("should be waited for until it is healthy", async () => {
        const starting = service("api", "running", { Health: "starting" });
        const { calls, code } = await wait([
            "",
            lines(service("api", "created")),
            lines(starting),
            lines({ ...starting, Health: "healthy" }),
        ]);
        assert.deepEqual([code, calls.length], [0, 4]);
    });

    it("should fail at once when a service has ended with an error", async () => {
        const ended = service("migrate", "exited", { ExitCode: 3 });
        const { calls, code, text } = await wait([lines(ended, service("api", "running", { Health: "unhealthy" }))]);
        assert.deepEqual([code, calls.length], [1, 1]);
        assert.match(
            text!,
            /^The test stack is not ready after \d+ s of 5: migrate has ended with 3, api is unhealthy\.$/,
        );
    });

    it("should fail when the time is over, without services, and when Compose fails", async () => {
        assert.match((await wait([""], "0")).text!, /is not ready after \d+ s of 0: no service\.$/);
        assert.match((await wait([lines(service("api", "restarting"))], "0")).text!, /: api is restarting\.$/);
        assert.notEqual((await wait(["not JSON"], "0")).code, 0);
        assert.match((await wait([""], "")).text!, /Give the most seconds to wait/);
    });

    it("should have the port of PostgreSQL for itself", () => {
        const { "test-backend": job } = reusable("ci.yml").jobs as Readonly<
            Record<
                string,
                { services?: { postgres: { ports: string[] } }; steps?: readonly { env?: Record<string, string> }[] }
            >
        >;
        assert.deepEqual(job!.services!.postgres.ports, ["5432"], "a port of the machine that is free");
        const addresses = job!.steps!.flatMap(({ env }) => env?.DATABASE_URL ?? []);
        assert.deepEqual(addresses, [
            "postgresql://postgres@localhost:${{ job.services.postgres.ports['5432'] }}/test",
        ]);
    });

    it("should be tested in every browser that Playwright knows", () => {
        const installing = step("ci.yml", "e2e-tests", "playwright install");
        assert.equal(installing, "npx playwright install --with-deps");
    });
});

describe("The check of the backend's coverage", () => {
    const script = step("ci.yml", "test-backend", "covered lines");

    it("should show the coverage with the checks of the pull request", async () => {
        const report = '<coverage version="7" lines-covered="934" lines-valid="1000">';
        const { code, text } = await run(script, {}, { files: { "coverage.xml": report } });
        assert.equal(code, 0);
        assert.equal(
            text,
            "::notice title=Coverage of the backend::934 of 1000 lines (93 %); at least 90 % are asked.",
        );
    });

    it("should name what is missing", async () => {
        for (const [covered, all] of [
            [899, 1000],
            [9, 9],
        ] as const) {
            const report = `<coverage version="7" lines-covered="${covered}" lines-valid="${all}">`;
            const { code, text } = await run(script, {}, { files: { "coverage.xml": report } });
            assert.equal(code, 1);
            assert.equal(
                text,
                `::error::The backend's covered lines: ${covered} of ${all}; at least 90 % of 10 or more are asked.`,
            );
        }
    });
});
