import type { ItemPredicate } from "../../../../delivery/evidence/items";
import { casesOf, changed, type LimitCase } from "./cases";
import { release, repository } from "./contents";

type Run = ItemPredicate<"smoke">;

/** A run with the given numbers of failed and skipped tests. */
export function run(failed: number, skipped = 0, total?: number) {
    return (one: Run) => {
        const counts = one.configuration[0].annotations;
        counts.total = total ?? counts.total;
        Object.assign(counts, { failed, skipped, passed: counts.total - failed - skipped });
        if (counts.scenarios !== undefined) counts.scenarios = counts.total;
        one.failedTests = Array.from({ length: failed }, (_, index) => `test_${index + 1}`);
        one.result = failed > 0 ? "FAILED" : "PASSED";
    };
}

export function flaky(...tests: string[]) {
    return (one: Run) => {
        one.warnedTests = tests;
    };
}

/** A run that took a time. */
export function took(seconds: number) {
    return (one: Run) => {
        const counts = one.configuration[0].annotations;
        counts.durationSeconds = seconds;
        counts.startedOn = new Date(Date.parse(counts.finishedOn) - seconds * 1000).toISOString();
    };
}

/** A run of other tests. */
export function of(uri: string) {
    return (one: Run) => {
        one.configuration[0].uri = uri;
    };
}

export const otherCommit = `git+${repository}@${"e".repeat(40)}#tests`;
const otherRepository = `git+https://github.com/mallory/gateway@${release.commit}#tests`;
export const otherTests = (what: string, uri: string) =>
    `the ${what} tests are of ${uri}, not of commit cccccccccccc of ${repository}`;

const lint = casesOf("code-lint");
const six = "ruff, black, mypy, eslint, prettier and typescript";
const lintCases = [
    lint("pass", "no error, no warning", {}, "pass", `0 errors by ${six}`),
    lint(
        "at",
        "0 errors",
        changed("lint-backend", (one) => (one.tools[0]!.errors = 0)),
        "pass",
        `0 errors by ${six}`,
    ),
    lint(
        "just above",
        "1 error in the backend",
        changed("lint-backend", (one) => (one.tools[0]!.errors = 1)),
        "fail",
        "ruff found 1 error in the backend",
    ),
    lint(
        "other",
        "2 errors in the frontend",
        changed("lint-frontend", (one) => (one.tools[2]!.errors = 2)),
        "fail",
        "typescript found 2 errors in the frontend",
    ),
    lint(
        "other",
        "a backend tool did not run",
        changed("lint-backend", (one) => one.tools.pop()),
        "fail",
        "mypy did not run over the backend",
    ),
    lint(
        "other",
        "a frontend tool did not run",
        changed("lint-frontend", (one) => one.tools.shift()),
        "fail",
        "eslint did not run over the frontend",
    ),
    lint(
        "other",
        "warnings",
        changed("lint-frontend", (one) => (one.tools[0]!.warnings = 3)),
        "warn",
        `0 errors by ${six}; 3 warnings of eslint without a justification`,
    ),
    lint(
        "other",
        "warnings with a justification",
        changed("lint-frontend", (one) => Object.assign(one.tools[0]!, { warnings: 3, justification: "RP-9" })),
        "pass",
        `0 errors by ${six}`,
    ),
];

const typed = casesOf("type-coverage");
const types = (typedCount: number, totalCount = 1000) =>
    changed("type-coverage-backend", (one) => Object.assign(one, { typedCount, totalCount }));
const typeCases = [
    typed("pass", "95 %", {}, "pass", "95 % of the backend and 99 % of the frontend"),
    typed("just below", "89.9 %", types(899), "fail", "89.9 % of the backend"),
    typed("at", "90 %", types(900), "fail", "90 % of the backend"),
    typed("just above", "90.1 %", types(901), "pass", "90.1 % of the backend and 99 % of the frontend"),
    typed("other", "90.0001 %", types(900_001, 1_000_000), "pass", "90 % of the backend and 99 % of the frontend"),
    typed(
        "other",
        "the frontend at 90 %",
        changed("type-coverage-frontend", (one) => (one.typedCount = 1800)),
        "fail",
        "90 % of the frontend",
    ),
    typed("other", "nothing measured", types(0, 0), "fail", "only 0 lines or expressions of the backend measured"),
    typed("other", "nine lines", types(9, 9), "fail", "only 9 lines or expressions of the backend measured"),
    typed("other", "one line", types(1, 1), "fail", "only 1 line or expression of the backend measured"),
    typed("other", "ten lines", types(10, 10), "pass", "100 % of the backend and 99 % of the frontend"),
    typed(
        "other",
        "another tool for the backend",
        changed("type-coverage-backend", (one) => (one.tool.name = "pyright")),
        "fail",
        "the backend was measured by pyright",
    ),
    typed(
        "other",
        "the backend's tool for the frontend",
        changed("type-coverage-frontend", (one) => (one.tool.name = "mypy")),
        "fail",
        "the frontend was measured by mypy",
    ),
    typed("other", "a stricter limit", types(950), "fail", "95 % of the backend", {
        limits: { typeCoveragePercent: 95 },
        accepts:
            "more than 95 % of backend (mypy) and frontend (type-coverage), each of 10 or more lines or expressions",
    }),
];

const unit = casesOf("unit-tests");
const frontend = "198 of 198 frontend tests passed";
const unitCases = [
    unit("pass", "all passed", {}, "pass", `412 of 412 backend tests passed, ${frontend}`),
    unit("just below", "one failed", changed("unit-backend", run(1)), "fail", "1 backend test failed: test_1"),
    unit("at", "none failed", changed("unit-backend", run(0)), "pass", `412 of 412 backend tests passed, ${frontend}`),
    unit(
        "other",
        "seven of the frontend failed",
        changed("unit-frontend", run(7)),
        "fail",
        "7 frontend tests failed: test_1, test_2, test_3, test_4, test_5 and 2 more",
    ),
    unit(
        "other",
        "failures in both backend and frontend",
        { ...changed("unit-backend", run(1)), ...changed("unit-frontend", run(2)) },
        "fail",
        "1 backend test failed: test_1; 2 frontend tests failed: test_1 and test_2",
    ),
    unit(
        "other",
        "some skipped",
        changed("unit-backend", run(0, 12)),
        "pass",
        `400 of 400 backend tests passed (12 skipped), ${frontend}`,
    ),
    unit(
        "other",
        "all skipped",
        changed("unit-backend", run(0, 412)),
        "fail",
        "412 of 412 backend tests skipped; no backend test passed",
    ),
    unit(
        "other",
        "a tenth skipped",
        changed("unit-backend", run(0, 40, 400)),
        "pass",
        `360 of 360 backend tests passed (40 skipped), ${frontend}`,
    ),
    unit(
        "other",
        "more than a tenth skipped",
        changed("unit-backend", run(0, 41, 400)),
        "fail",
        "41 of 400 backend tests skipped",
    ),
    unit(
        "other",
        "all but one skipped in the frontend",
        changed("unit-frontend", run(0, 197)),
        "fail",
        "197 of 198 frontend tests skipped",
    ),
    unit(
        "other",
        "none may be skipped by a stricter limit",
        changed("unit-backend", run(0, 1)),
        "fail",
        "1 of 412 backend tests skipped",
        {
            limits: { skippedTestPercent: 0 },
            accepts: "100 % of the tests, of which at most 0 % are skipped",
        },
    ),
    ...(["unit-backend", "unit-frontend"] as const).map((item) =>
        unit(
            "other",
            `the ${item} tests of another commit`,
            changed(item, of(otherCommit)),
            "fail",
            otherTests(item.slice(5), otherCommit),
        ),
    ),
    unit(
        "other",
        "the tests of another repository",
        changed("unit-backend", of(otherRepository)),
        "fail",
        otherTests("backend", otherRepository),
    ),
    unit("other", "no test at all", changed("unit-frontend", run(0, 0, 0)), "fail", "no frontend test passed"),
    unit(
        "other",
        "a single test",
        changed("unit-frontend", run(0, 0, 1)),
        "pass",
        "412 of 412 backend tests passed, 1 of 1 frontend test passed",
    ),
    unit(
        "other",
        "a flaky backend test",
        changed("unit-backend", flaky("test_upload")),
        "warn",
        `412 of 412 backend tests passed, ${frontend}; 1 backend test passed with a warning: test_upload`,
    ),
    unit(
        "other",
        "a flaky frontend test",
        changed("unit-frontend", flaky("renders")),
        "warn",
        `412 of 412 backend tests passed, ${frontend}; 1 frontend test passed with a warning: renders`,
    ),
    unit(
        "other",
        "no flaky test",
        changed("unit-frontend", flaky()),
        "pass",
        `412 of 412 backend tests passed, ${frontend}`,
    ),
];

const backend = casesOf("unit-coverage-backend");
const covered = (linesCovered: number, linesTotal = 10_000) =>
    changed("coverage-backend", (one) => Object.assign(one, { linesCovered, linesTotal }));
const line = (share: string, lines: string) => `${share} % of lines (${lines})`;
const backendCases = [
    backend("pass", "93.12 %", {}, "pass", line("93.12", "9312 of 10000")),
    backend("just below", "89.99 %", covered(8999), "fail", line("89.99", "8999 of 10000")),
    backend("at", "90 %", covered(9000), "pass", line("90", "9000 of 10000")),
    backend("just above", "90.01 %", covered(9001), "pass", line("90.01", "9001 of 10000")),
    backend(
        "other",
        "89.99999 %, which rounds to 90 %",
        covered(8_999_999, 10_000_000),
        "fail",
        line("89.99", "8999999 of 10000000"),
    ),
    backend("other", "nothing measured", covered(0, 0), "fail", "only 0 lines of the backend measured"),
    backend("other", "one line", covered(1, 1), "fail", "only 1 line of the backend measured"),
    backend("other", "nine lines", covered(9, 9), "fail", "only 9 lines of the backend measured"),
    backend("other", "ten lines", covered(10, 10), "pass", line("100", "10 of 10")),
    backend(
        "other",
        "the frontend's tool",
        changed("coverage-backend", (one) => (one.tool.name = "istanbul")),
        "fail",
        "measured by istanbul",
    ),
    backend(
        "other",
        "too few lines, by another tool",
        changed("coverage-backend", (one) =>
            Object.assign(one, { linesCovered: 1, linesTotal: 1, tool: { ...one.tool, name: "wc" } }),
        ),
        "fail",
        "measured by wc; only 1 line of the backend measured",
    ),
    backend(
        "other",
        "too little, by another tool",
        changed("coverage-backend", (one) =>
            Object.assign(one, { linesCovered: 1, tool: { ...one.tool, name: "wc" } }),
        ),
        "fail",
        `measured by wc; ${line("0.01", "1 of 10000")}`,
    ),
    backend("other", "a stricter limit", covered(9499), "fail", line("94.99", "9499 of 10000"), {
        limits: { backendCoveragePercent: 95 },
        accepts: "at least 95 % of 10 or more lines by coverage.py",
    }),
];

const front = casesOf("unit-coverage-frontend");
const shown = (linesCovered: number, linesTotal = 4000) =>
    changed("coverage-frontend", (one) => Object.assign(one, { linesCovered, linesTotal }));
const frontendCases = [
    front("pass", "85 %", {}, "pass", line("85", "3400 of 4000")),
    front("just below", "79.97 %", shown(3199), "fail", line("79.97", "3199 of 4000")),
    front("at", "80 %", shown(3200), "pass", line("80", "3200 of 4000")),
    front("just above", "80.02 %", shown(3201), "pass", line("80.02", "3201 of 4000")),
    front("other", "nothing measured", shown(0, 0), "fail", "only 0 lines of the frontend measured"),
    front(
        "other",
        "the backend's tool",
        changed("coverage-frontend", (one) => (one.tool.name = "coverage.py")),
        "fail",
        "measured by coverage.py",
    ),
];

const time = casesOf("unit-test-duration");
const timeCases = [
    time("pass", "3 minutes", {}, "pass", "backend 3 min 4 s, frontend 1 min 12 s"),
    time(
        "just below",
        "299.999 s",
        changed("unit-backend", took(299.999)),
        "pass",
        "backend 4 min 59.999 s, frontend 1 min 12 s",
    ),
    time("at", "300 s", changed("unit-backend", took(300)), "fail", "backend 5 min"),
    time("just above", "300.001 s", changed("unit-backend", took(300.001)), "fail", "backend 5 min 0.001 s"),
    time("other", "the frontend at 300 s", changed("unit-frontend", took(300)), "fail", "frontend 5 min"),
    time(
        "other",
        "both took too long",
        { ...changed("unit-backend", took(3661)), ...changed("unit-frontend", took(90_061)) },
        "fail",
        "backend 1 h 1 min 1 s; frontend 1 d 1 h 1 min 1 s",
    ),
    time("other", "no time at all", changed("unit-frontend", took(0)), "pass", "backend 3 min 4 s, frontend 0 s"),
];

const integration = casesOf("integration-tests");
const integrationCases = [
    integration("pass", "all passed", {}, "pass", "36 of 36 integration tests passed"),
    integration(
        "just below",
        "one failed",
        changed("integration", run(1)),
        "fail",
        "1 integration test failed: test_1",
    ),
    integration("at", "none failed", changed("integration", run(0)), "pass", "36 of 36 integration tests passed"),
    integration(
        "other",
        "some skipped",
        changed("integration", run(0, 1)),
        "pass",
        "35 of 35 integration tests passed (1 skipped)",
    ),
    integration(
        "other",
        "the tests of another commit",
        changed("integration", of(otherCommit)),
        "fail",
        otherTests("integration", otherCommit),
    ),
    integration(
        "other",
        "most skipped",
        changed("integration", run(0, 35)),
        "fail",
        "35 of 36 integration tests skipped",
    ),
    integration("other", "no test at all", changed("integration", run(0, 0, 0)), "fail", "no integration test passed"),
    integration(
        "other",
        "a flaky test",
        changed("integration", flaky("retries")),
        "warn",
        "36 of 36 integration tests passed; 1 integration test passed with a warning: retries",
    ),
];

const paths = casesOf("end-to-end-tests");
const pathCases = [
    paths("pass", "all passed", {}, "pass", "6 of 6 critical path tests passed"),
    paths("just below", "one failed", changed("e2e-critical", run(1)), "fail", "1 critical path test failed: test_1"),
    paths(
        "at",
        "five scenarios, none failed",
        changed("e2e-critical", run(0, 0, 5)),
        "pass",
        "5 of 5 critical path tests passed",
    ),
    paths(
        "other",
        "four scenarios",
        changed("e2e-critical", run(0, 0, 4)),
        "fail",
        "only 4 critical paths in the suite",
    ),
    paths(
        "other",
        "one scenario in five browsers",
        changed("e2e-critical", (one) => {
            run(0, 0, 5)(one);
            one.configuration[0].annotations.scenarios = 1;
        }),
        "fail",
        "only 1 critical path in the suite",
    ),
    paths(
        "other",
        "the tests of another commit",
        changed("e2e-critical", of(otherCommit)),
        "fail",
        otherTests("critical path", otherCommit),
    ),
    paths("other", "one skipped", changed("e2e-critical", run(0, 1)), "fail", "1 critical path test skipped"),
    paths(
        "other",
        "no test at all",
        changed("e2e-critical", run(0, 0, 0)),
        "fail",
        "no critical path test passed; only 0 critical paths in the suite",
    ),
    paths(
        "other",
        "a flaky test",
        changed("e2e-critical", flaky("login")),
        "warn",
        "6 of 6 critical path tests passed; 1 critical path test passed with a warning: login",
    ),
];

const pathTime = casesOf("end-to-end-duration");
const pathTimeCases = [
    pathTime("pass", "5 minutes", {}, "pass", "5 min 12 s"),
    pathTime("just below", "599.999 s", changed("e2e-critical", took(599.999)), "pass", "9 min 59.999 s"),
    pathTime("at", "600 s", changed("e2e-critical", took(600)), "fail", "10 min"),
    pathTime("just above", "600.001 s", changed("e2e-critical", took(600.001)), "fail", "10 min 0.001 s"),
];

export const testCases: readonly LimitCase[] = [
    ...lintCases,
    ...typeCases,
    ...unitCases,
    ...backendCases,
    ...frontendCases,
    ...timeCases,
    ...integrationCases,
    ...pathCases,
    ...pathTimeCases,
];
