import { ReportError } from "./shared/error";
import { Attributes, childrenOf, type Element } from "./shared/xml";

/** The counters of a suite and of the root. */
const counters = ["tests", "failures", "errors", "skipped"] as const;
type Counts = Readonly<Record<(typeof counters)[number], number>>;

/** A suite that pytest wrote; its counters follow rules of their own. */
export const isPytest = (suite: Element, root: Element) =>
    suite.attributes.name === "pytest" || root.attributes.name === "pytest tests";

/** Whether this is jest-junit's entry about a file that could not be loaded. */
export const failedToLoad = (testCase: Element) => testCase.attributes.classname === "Test suite failed to run";

/** Entries of jest-junit about errors outside of every test, as in `afterAll`. They are in no count of tests. */
const isOutside = (testCase: Element) =>
    failedToLoad(testCase) ||
    testCase.attributes.name?.includes("Test execution failure: could be caused by test hooks") === true;

/** Why two numbers differ, and what to do. */
function reasonOf(name: keyof Counts, said: number, listed: number, suite: Element): string {
    if (name === "tests" && listed > said && suite.attributes.hostname === undefined)
        return "jest-junit does not count a test.todo; write test.skip instead";
    const what = { tests: "a test", failures: "a failure", errors: "an error", skipped: "a skipped test" }[name];
    return `${what} is missing from the ${said > listed ? "list" : "count"}; run the tests again and keep the report as it is`;
}

function disagree(element: Element, file: string, name: keyof Counts, listed: number, suite = element): never {
    const said = Number(element.attributes[name]);
    throw new ReportError(
        file,
        element.place,
        `<${element.name}> says ${name}="${String(said)}" but lists ${String(listed)}; ${reasonOf(name, said, listed, suite)}.`,
    );
}

const casesWith = (cases: readonly Element[], name: string) =>
    cases.filter((one) => childrenOf(one, name).length > 0).length;

/**
 * Checks pytest's counters. Each failure, error and skip counts, also several of one test. A subtest that passed counts
 * as a test but is not listed, and an attempt that was rerun is listed but does not count.
 */
function checkPytest(suite: Element, file: string, cases: readonly Element[]): void {
    const attributes = new Attributes(suite, file);
    const elements = (name: string) => cases.reduce((sum, one) => sum + childrenOf(one, name).length, 0);
    const found = { failures: elements("failure"), errors: elements("error"), skipped: elements("skipped") };
    for (const name of ["failures", "errors", "skipped"] as const)
        if (attributes.has(name) && attributes.count(name) !== found[name]) disagree(suite, file, name, found[name]);
    const passing = new Set(cases.map(keyOf));
    for (const one of cases)
        if (["failure", "error", "skipped"].some((name) => childrenOf(one, name).length > 0))
            passing.delete(keyOf(one));
    const least = passing.size + found.failures + found.errors + found.skipped;
    if (attributes.count("tests") < least) disagree(suite, file, "tests", least);
}

/** What names a test within its suite. */
export const keyOf = (testCase: Element) => `${testCase.attributes.classname ?? ""}\0${testCase.attributes.name ?? ""}`;

/**
 * Checks the counters of a suite against its cases.
 *
 * @throws ReportError when one does not agree
 */
export function checkSuite(suite: Element, file: string, cases: readonly Element[], pytest: boolean): void {
    if (pytest) {
        checkPytest(suite, file, cases);
        return;
    }
    const attributes = new Attributes(suite, file);
    const inside = cases.filter((one) => !isOutside(one));
    const listed: Counts = {
        tests: inside.length,
        failures: casesWith(inside, "failure"),
        errors: casesWith(inside, "error") + (cases.some(failedToLoad) ? 1 : 0),
        skipped: casesWith(inside, "skipped"),
    };
    for (const name of counters) {
        // A suite must have its number of tests. The other counts are optional in the format.
        if (!attributes.has(name) && name !== "tests") continue;
        if (attributes.count(name) !== listed[name]) disagree(suite, file, name, listed[name]);
    }
}

/**
 * Checks the counters of the root, which are optional, against those of its suites.
 *
 * @throws ReportError when one is not their sum
 */
export function checkRoot(root: Element, file: string, suites: readonly Element[]): void {
    const attributes = new Attributes(root, file);
    for (const name of counters) {
        if (!attributes.has(name)) continue;
        const sum = suites.reduce((all, suite) => {
            const own = new Attributes(suite, file);
            const element = { failures: "failure", errors: "error", skipped: "skipped", tests: "" }[name];
            return all + (own.has(name) ? own.count(name) : casesWith(childrenOf(suite, "testcase"), element));
        }, 0);
        if (attributes.count(name) !== sum) disagree(root, file, name, sum, suites[0]);
    }
}
