import { checkRoot, checkSuite, failedToLoad, isPytest, keyOf } from "./junit-counts";
import { quote, ReportError } from "./shared/error";
import { Attributes, childrenOf, parseXml, type Element } from "./shared/xml";
import type { Outcome, TestRun } from "./results";

const tools = "pytest --junitxml, Vitest --reporter=junit or jest-junit";

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

/** The properties of a test case, by name. */
const propertiesOf = (testCase: Element) =>
    new Map(
        childrenOf(testCase, "properties")
            .flatMap((properties) => childrenOf(properties, "property"))
            .map(({ attributes }) => [attributes.name, attributes.value]),
    );

function outcomeOf(testCase: Element, file: string, pytest: boolean): Outcome {
    const unknown = testCase.children.find((child) => !caseParts.has(child.name));
    if (unknown !== undefined)
        throw new ReportError(
            file,
            unknown.place,
            `<testcase> contains <${unknown.name}>, an unknown outcome; it must be failure, error or skipped.`,
        );
    const has = (name: string) => testCase.children.some((child) => child.name === name);
    if (has("failure") || has("error")) return "failed";
    if (has("skipped")) return "skipped";
    // pytest's properties are whatever a test recorded.
    if (pytest) return "passed";
    const properties = propertiesOf(testCase);
    // Playwright's annotation of test.fail, and the property that this platform's ci.yml adds to Jest's test.failing.
    if (properties.has("fail") || properties.get("failing") === "true") return "skipped";
    return Number(properties.get("invocations") ?? 1) > 1 ? "flaky" : "passed";
}

function readCase(testCase: Element, suite: Element, file: string, seconds: number, pytest: boolean) {
    const attributes = new Attributes(testCase, file);
    const outcome = outcomeOf(testCase, file, pytest);
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
    const name = [testCase.attributes.classname ?? "", attributes.text("name")].filter(Boolean).join(" › ");
    const key = [suite.attributes.hostname ?? "", suite.attributes.name ?? "", keyOf(testCase)].join("\0");
    return { key, name, outcome, testCase };
}

type Case = ReturnType<typeof readCase>;

/**
 * The outcome of a test that pytest lists more than once: it failed and then its teardown, or it was rerun (plugin
 * pytest-rerunfailures).
 */
function outcomeOfAttempts(attempts: readonly Case[]): Outcome {
    const has = (outcome: Outcome) => attempts.some((one) => one.outcome === outcome);
    if (has("failed")) return "failed";
    return has("skipped") ? "skipped" : "flaky";
}

/** The tests of one suite, each once. */
function mergeAttempts(cases: readonly Case[], suite: Element, file: string, pytest: boolean): readonly Case[] {
    const attempts = new Map<string, Case[]>();
    // Outside of pytest, equal names are different tests: of test.each, or of two projects.
    cases.forEach((one, at) => {
        const key = pytest || failedToLoad(one.testCase) ? one.key : `${one.key}\0${String(at)}`;
        const known = attempts.get(key);
        if (known === undefined) attempts.set(key, [one]);
        else known.push(one);
    });
    return [...attempts.values()].map((all) => {
        const [first, second] = all as [Case, Case | undefined];
        if (second === undefined) return first;
        const failed = all.every(({ outcome }) => outcome === "failed");
        // An attempt that was rerun does not count, so with reruns the count is lower.
        if (!failed && new Attributes(suite, file).count("tests") === cases.length)
            throw new ReportError(
                file,
                second.testCase.place,
                `The test ${quote(first.name)} is listed twice; names must differ.`,
            );
        return { ...first, outcome: outcomeOfAttempts(all) };
    });
}

function readSuite(suite: Element, file: string, root: Element) {
    const name = new Attributes(suite, file).text("name");
    const cases = childrenOf(suite, "testcase");
    checkParts(suite, file);
    if (cases.length === 0)
        throw new ReportError(file, suite.place, `The suite ${quote(name)} has no tests; nothing was tested.`);
    const pytest = isPytest(suite, root);
    checkSuite(suite, file, cases, pytest);
    const seconds = new Attributes(suite, file).decimal("time", "its duration in seconds");
    const startedAt = new Attributes(suite, file).moment("timestamp");
    const read = cases.map((testCase) => readCase(testCase, suite, file, seconds, pytest));
    return {
        tests: mergeAttempts(read, suite, file, pytest),
        // jest-junit says 1970 for a file that could not be loaded.
        ran: !cases.every(failedToLoad),
        startedAt,
        finishedAt: new Date(startedAt.getTime() + seconds * 1000),
    };
}

/** Numbers equal names, so that each test has one of its own. */
function distinct(tests: readonly Case[]): TestRun["tests"] {
    const seen = new Map<string, number>();
    return tests.map(({ name, outcome }) => {
        const number = (seen.get(name) ?? 0) + 1;
        seen.set(name, number);
        return { name: number === 1 ? name : `${name} (${String(number)})`, outcome, tags: [] };
    });
}

/**
 * JUnit XML, as pytest (`--junitxml`), Vitest (`--reporter=junit`), jest-junit and Playwright write it.
 *
 * A test counts as failed when it failed, ended in an error, could not be collected, or passed although it is strictly
 * expected to fail; so does a file that could not be loaded (jest-junit lists it only with `reportTestSuiteErrors`). It
 * counts as skipped when it was skipped or failed as expected (xfail, Playwright's `test.fail`), and as flaky when
 * pytest lists more than one attempt. Playwright's flaky tests are listed as passed here; only its JSON report shows
 * that they are flaky. jest-junit lists a `test.todo` as passed but does not count it, so the report contradicts itself
 * and is refused; use `test.skip` instead.
 *
 * @throws ReportError for counters that do not agree, and when nothing was tested
 */
export function readJunit(text: string, file: string): TestRun {
    const root = parseXml(text, file, tools);
    if (root.name !== "testsuites" && root.name !== "testsuite")
        throw new ReportError(
            file,
            root.place,
            `The root element is <${root.name}>; in JUnit it is <testsuites> (${tools}).`,
        );
    if (root.attributes.name === "mypy")
        throw new ReportError(file, root.place, "This is mypy's report, not that of a test suite.");
    checkParts(root, file);
    const suites = root.name === "testsuite" ? [root] : childrenOf(root, "testsuite");
    if (suites.length === 0) throw new ReportError(file, root.place, "The report has no suite; nothing was tested.");
    const read = suites.map((suite) => readSuite(suite, file, root));
    if (root.name === "testsuites") {
        checkRoot(root, file, suites);
        if (root.attributes.time !== undefined) new Attributes(root, file).decimal("time", "its duration in seconds");
    }
    const ran = read.filter((suite) => suite.ran);
    if (ran.length === 0)
        throw new ReportError(file, root.place, "No file of tests could be loaded; nothing was tested.");
    return {
        kind: "tests",
        tests: distinct(read.flatMap(({ tests }) => tests)),
        startedAt: new Date(Math.min(...ran.map(({ startedAt }) => startedAt.getTime()))),
        finishedAt: new Date(Math.max(...ran.map(({ finishedAt }) => finishedAt.getTime()))),
    };
}
