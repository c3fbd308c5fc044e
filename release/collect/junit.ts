import { quote, ReportError } from "./shared/error";
import { Attributes, childrenOf, parseXml, type Element } from "./shared/xml";
import type { Outcome, TestRun } from "./results";

/** Elements that a test case may contain. Any other, such as the retry of another tool, is an unknown outcome. */
const caseParts = new Set(["failure", "error", "skipped", "properties", "system-out", "system-err"]);

/** Elements that a suite and the root may contain. A result in any other place would be overlooked. */
const suiteParts: Readonly<Record<string, ReadonlySet<string>>> = {
    testsuites: new Set(["testsuite", "properties"]),
    testsuite: new Set(["testcase", "properties", "system-out", "system-err"]),
};

function checkParts(element: Element, file: string): void {
    const unknown = element.children.find((child) => suiteParts[element.name]?.has(child.name) !== true);
    if (unknown !== undefined)
        throw new ReportError(
            file,
            unknown.place,
            `<${element.name}> contains <${unknown.name}>, which does not belong there; suites must not nest.`,
        );
}

/** Tolerance for sums of durations, which each tool rounds in its own way; in seconds. */
const tolerance = 1;

function outcomeOf(testCase: Element, file: string): Outcome {
    const unknown = testCase.children.find((child) => !caseParts.has(child.name));
    if (unknown !== undefined)
        throw new ReportError(
            file,
            unknown.place,
            `<testcase> contains <${unknown.name}>, an unknown outcome; it must be failure, error or skipped.`,
        );
    const has = (name: string) => testCase.children.some((child) => child.name === name);
    if (has("failure") || has("error")) return "failed";
    const expectedToFail = childrenOf(testCase, "properties")
        .flatMap((properties) => childrenOf(properties, "property"))
        .some((property) => property.attributes.name === "fail");
    return has("skipped") || expectedToFail ? "skipped" : "passed";
}

function checkTotals(element: Element, file: string, cases: readonly Element[]): void {
    const attributes = new Attributes(element, file);
    const casesWith = (name: string) => cases.filter((one) => childrenOf(one, name).length > 0).length;
    const listed = {
        tests: cases.length,
        failures: casesWith("failure"),
        errors: casesWith("error"),
        skipped: casesWith("skipped"),
    };
    for (const [name, number] of Object.entries(listed)) {
        // A suite must have its number of tests. The other counts are optional in the format.
        if (!attributes.has(name) && (element.name === "testsuites" || name !== "tests")) continue;
        const said = attributes.count(name);
        if (said !== number)
            throw new ReportError(
                file,
                element.place,
                `<${element.name}> says ${name}="${String(said)}" but lists ${String(number)}; the two must agree.`,
            );
    }
}

function readSuite(suite: Element, file: string) {
    const name = new Attributes(suite, file).text("name");
    const cases = childrenOf(suite, "testcase");
    checkParts(suite, file);
    if (cases.length === 0)
        throw new ReportError(file, suite.place, `The suite ${quote(name)} has no tests; nothing was tested.`);
    checkTotals(suite, file, cases);
    const seconds = new Attributes(suite, file).decimal("time", "its duration in seconds");
    const startedAt = new Attributes(suite, file).moment("timestamp");
    const tests = cases.map((testCase) => {
        const attributes = new Attributes(testCase, file);
        const outcome = outcomeOf(testCase, file);
        // Playwright writes no time for skipped tests.
        if (outcome !== "skipped" || attributes.has("time")) {
            const own = attributes.decimal("time", "its duration in seconds");
            if (own > seconds + tolerance)
                throw new ReportError(
                    file,
                    testCase.place,
                    `The test took ${String(own)} s, longer than its whole suite (${String(seconds)} s).`,
                );
        }
        const group = testCase.attributes.classname ?? "";
        const full = [suite.attributes.hostname ?? "", name, group, attributes.text("name")];
        return {
            key: full.join("\0"),
            name: [group, attributes.text("name")].filter(Boolean).join(" › "),
            outcome,
            testCase,
        };
    });
    return { tests, startedAt, finishedAt: new Date(startedAt.getTime() + seconds * 1000) };
}

/**
 * JUnit XML, as pytest (`--junitxml`), Vitest (`--reporter=junit`), jest-junit and Playwright write it.
 *
 * A test counts as failed when it failed, ended in an error, could not be collected, or passed although it is strictly
 * expected to fail. It counts as skipped when it was skipped or failed as expected (xfail, Playwright's `test.fail`).
 * Playwright's flaky tests are listed as passed here; only its JSON report shows that they are flaky. jest-junit lists
 * a `test.todo` as passed but does not count it, so the report contradicts itself and is refused; use `test.skip`
 * instead.
 */
export function readJunit(text: string, file: string): TestRun {
    const root = parseXml(text, file);
    if (root.name !== "testsuites" && root.name !== "testsuite")
        throw new ReportError(file, root.place, `The root element is <${root.name}>; in JUnit it is <testsuites>.`);
    if (root.attributes.name === "mypy")
        throw new ReportError(file, root.place, "This is mypy's report, not that of a test suite.");
    checkParts(root, file);
    const suites = root.name === "testsuite" ? [root] : childrenOf(root, "testsuite");
    const first = suites[0];
    if (first === undefined) throw new ReportError(file, root.place, "The report has no suite; nothing was tested.");
    const read = suites.map((suite) => readSuite(suite, file));
    if (root.name === "testsuites") {
        checkTotals(
            root,
            file,
            suites.flatMap((suite) => childrenOf(suite, "testcase")),
        );
        if (root.attributes.time !== undefined) new Attributes(root, file).decimal("time", "its duration in seconds");
    }
    const tests = new Map<string, TestRun["tests"][number]>();
    for (const { key, name, outcome, testCase } of read.flatMap((suite) => suite.tests)) {
        // pytest lists a test twice when it fails and its teardown then ends in an error.
        if (tests.has(key) && !(outcome === "failed" && tests.get(key)?.outcome === "failed"))
            throw new ReportError(file, testCase.place, `The test ${quote(name)} is listed twice; names must differ.`);
        tests.set(key, { name, outcome, tags: [] });
    }
    return {
        kind: "tests",
        tests: [...tests.values()],
        startedAt: new Date(Math.min(...read.map(({ startedAt }) => startedAt.getTime()))),
        finishedAt: new Date(Math.max(...read.map(({ finishedAt }) => finishedAt.getTime()))),
    };
}
