import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { actions, jobs, root } from "./files";
import { run } from "./script";

const folder = ".github/actions/read-reports";
const manifest = (file: string) =>
    JSON.parse(fs.readFileSync(path.join(root, file), "utf8")) as {
        readonly dependencies: Readonly<Record<string, string>>;
        readonly devDependencies: Readonly<Record<string, string>>;
    };
const { dependencies } = manifest(`${folder}/package.json`);
const script = (name: string) => actions.get(`${folder}/action.yml`)!.runs.steps.find((one) => one.name === name)!.run!;
const fixture = (name: string) => fs.readFileSync(path.join(root, "test/fixtures/reports", name), "utf8");

describe("The action that reads the reports of a job", function () {
    this.timeout(240_000);

    /** The repository as the runner downloads it, with the action's own packages and no others. */
    let platform: string;
    before(async () => {
        platform = fs.mkdtempSync(path.join(os.tmpdir(), "read-reports-"));
        for (const one of ["delivery", "release", "settings", folder])
            fs.cpSync(path.join(root, one), path.join(platform, one), { recursive: true });
        for (const file of ["package.json", "tsconfig.json"])
            fs.copyFileSync(path.join(root, file), path.join(platform, file));
        for (const name of Object.keys(dependencies)) {
            const link = path.join(platform, "node_modules", name);
            fs.mkdirSync(path.dirname(link), { recursive: true });
            fs.symlinkSync(path.join(root, "node_modules", name), link);
        }
        fs.mkdirSync(path.join(platform, "node_modules/.bin"));
        fs.symlinkSync("../typescript/bin/tsc", path.join(platform, "node_modules/.bin/tsc"));
        const { code, text, calls } = await run(
            script("Compile the reader"),
            { GITHUB_ACTION_PATH: path.join(platform, folder) },
            { programs: { npm: 'echo "$PWD $*" >> "$RUNNER_TEMP/calls"' } },
        );
        assert.equal(code, 0, text);
        assert.deepEqual(calls, [`${platform} ci --no-progress --workspace ${folder}`]);
    });
    after(() => {
        fs.rmSync(platform, { recursive: true });
    });

    const entry = (more: object) => ({ kind: "junit", suite: "unit-backend", source: "backend/tests/unit", ...more });
    const read = async (
        entries: readonly object[],
        files: Readonly<Record<string, string>>,
        committedAt = "2020-01-01T00:00:00Z",
    ) => {
        const { code, text } = await run(
            script("Read the reports"),
            { GITHUB_ACTION_PATH: path.join(platform, folder), GITHUB_WORKSPACE: "." },
            {
                files: {
                    "reports/job.entries": entries.map((one) => `${JSON.stringify(one)}\n`).join(""),
                    ...files,
                },
                // yq: a substitute for mikefarah's, for files that are JSON already.
                programs: { git: `echo ${committedAt}`, yq: 'cat "${@: -1}"' },
            },
        );
        return { code, lines: text.split("\n") };
    };

    it("should read reports that become evidence, and say what it would be", async () => {
        const { code, lines } = await read(
            [
                entry({ file: "unit.xml", exitCode: 0 }),
                { kind: "bandit", version: "1.9.4", file: "bandit.json", exitCode: 1 },
            ],
            {
                "reports/unit.xml": fixture("pytest/passed.xml"),
                "reports/bandit.json": fixture("bandit/findings.json"),
            },
        );
        assert.equal(code, 0, lines.join("\n"));
        assert.match(lines[0]!, /^ {2}✔ unit-backend +PASSED: \d+ passed, 0 failed, 0 skipped in [\d.]+ s +unit\.xml$/);
        assert.match(lines[1]!, /^ {2}✔ bandit +\d+ findings, \d+ of them high +bandit\.json$/);
        assert.equal(lines.length, 2);
    });

    it("should fail with the reader's own sentence for each report that would be refused", async () => {
        const { code, lines } = await read(
            [
                entry({ file: "unit.xml", exitCode: 2 }),
                { kind: "ruff", version: "0.17.6", file: "ruff.json", checked: 0, exitCode: 0 },
                { kind: "pip-audit", version: "2.10.1", file: "pip-audit.json", exitCode: 0 },
            ],
            {
                "reports/unit.xml": fixture("pytest/passed.xml"),
                "reports/ruff.json": fixture("ruff/no-files.json"),
                "reports/pip-audit.json": fixture("pip-audit/private.json"),
            },
        );
        assert.equal(code, 1);
        assert.equal(lines.length, 3, lines.join("\n"));
        assert.match(lines[0]!, /^::error::unit\.xml: The command ended with exit code 2, but .* it ends with 0: /);
        assert.match(lines[1]!, /^::error::ruff\.json: The report is the same when ruff found no file to check; /);
        assert.match(lines[2]!, /^::error::pip-audit\.json \(dependencies\[\d+\][^)]*\): .*unaudited:/);
    });

    it("should fail when a suite skips more tests than its gate accepts", async () => {
        const suite = (skipped: number) =>
            `<testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="0" skipped="${skipped}" tests="20" ` +
            `time="1" timestamp="2026-01-14T18:00:00+00:00" hostname="ci">${Array.from(
                { length: 20 },
                (_, at) =>
                    `<testcase classname="a" name="t${at}" time="0">${at < skipped ? "<skipped/>" : ""}</testcase>`,
            ).join("")}</testsuite></testsuites>`;
        const suites = ["unit-backend", "unit-frontend", "integration"];
        const entries = suites.map((name) => entry({ suite: name, file: `${name}.xml`, exitCode: 0 }));
        const skipping = (skipped: number) =>
            read(entries, Object.fromEntries(suites.map((name) => [`reports/${name}.xml`, suite(skipped)])));
        const few = await skipping(2);
        assert.equal(few.code, 0, few.lines.join("\n"));
        const many = await skipping(3);
        assert.equal(many.code, 1);
        assert.deepEqual(
            many.lines.slice(-3),
            suites.map(
                (name) =>
                    `::error::${name}.xml: 3 of 20 tests were skipped or expected to fail; the gate on ${name} accepts at most 10 %.`,
            ),
        );
    });

    it("should leave skipped critical paths to the step that judges them", async () => {
        const { code, lines } = await read(
            [{ kind: "playwright", suite: "e2e-critical", source: "frontend/e2e", file: "e2e.json", exitCode: 1 }],
            { "reports/e2e.json": fixture("playwright/failing.json") },
        );
        assert.equal(code, 0, lines.join("\n"));
        assert.match(lines[0]!, /^ {2}✔ e2e-critical +FAILED: 2 passed, 2 failed, 2 skipped in /);
    });

    it("should know the findings that the gateway accepts", async () => {
        const dependenciesOf = (name: string) =>
            (JSON.parse(fixture(name)) as { dependencies: { readonly name: string }[] }).dependencies;
        const own = dependenciesOf("pip-audit/private.json").filter(({ name }) => name === "relaypacs-shared");
        const report = JSON.stringify({ dependencies: [...dependenciesOf("pip-audit/clean.json"), ...own], fixes: [] });
        const accepting = (id: string) =>
            read([{ kind: "pip-audit", version: "2.10.1", file: "pip-audit.json", exitCode: 0 }], {
                "reports/pip-audit.json": report,
                "accepted-findings.yaml": JSON.stringify({
                    vulnerabilities: [{ id, ticket: "RP-1", dueDate: "2999-12-31" }],
                }),
            });
        assert.equal((await accepting("unaudited:other")).code, 1);
        const { code, lines } = await accepting("unaudited:relaypacs-shared");
        assert.equal(code, 0, lines.join("\n"));
    });

    it("should refuse a report that is older than the commit, and a job without entries", async () => {
        const files = { "reports/unit.xml": fixture("pytest/passed.xml") };
        const older = await read([entry({ file: "unit.xml", exitCode: 0 })], files, "2099-01-01T00:00:00Z");
        assert.equal(older.code, 1);
        assert.match(older.lines[0]!, /^::error::unit\.xml: The report is from .*, before the release's commit /);
        const none = await read([], files);
        assert.equal(none.code, 2);
        assert.match(none.lines[0]!, /^::error::reports\.yaml \(reports\): /);
    });

    it("should end each job that makes reports, without a condition, a token or a secret", () => {
        const makers = jobs.filter(
            ({ file, job }) =>
                file.endsWith("ci.yml") && job.steps?.some(({ run: one = "" }) => one.includes(".entries")),
        );
        assert.deepEqual(
            makers.map(({ id }) => id),
            ["lint-backend", "lint-frontend", "test-backend", "test-frontend", "e2e-tests", "security-scan"],
        );
        for (const { id, job } of makers) {
            assert.deepEqual(job.steps!.at(-2), { name: "Read the reports", uses: `$/${folder}` }, id);
            assert.equal(job.steps!.at(-1)!.id, "result", id);
            assert.deepEqual(job.permissions, { contents: "read" }, id);
        }
    });

    it("should install the versions of packages that the project has, from its lock file", () => {
        const project = manifest("package.json");
        for (const [name, version] of Object.entries(dependencies))
            assert.equal(version, project.dependencies[name] ?? project.devDependencies[name], name);
        const lock = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
            readonly packages: Readonly<Record<string, { readonly dependencies?: object }>>;
        };
        assert.deepEqual(lock.packages[folder]?.dependencies, dependencies);
    });
});
