import { ReportError } from "./shared/error";
import { Attributes, childrenOf, type Element } from "./shared/xml";

/** The counters of a suite and of the root. */
export const counters = ["tests", "failures", "errors", "skipped"] as const;
type Counter = (typeof counters)[number];
export type Counts = Record<Counter, number>;

export const noCounts = (): Counts => ({ tests: 0, failures: 0, errors: 0, skipped: 0 });

/** The elements that each counter counts. */
const elementsOf = { failures: "failure", errors: "error", skipped: "skipped" } as const;

/**
 * A suite that pytest wrote; its counters follow rules of their own. Before pytest 8.1 or so, the root has no name, and the
 * suite's is a setting (`junit_suite_name`); only Python writes microseconds.
 */
export const isPytest = (suite: Element, root: Element) =>
    suite.attributes.name === "pytest" ||
    root.attributes.name === "pytest tests" ||
    (root.attributes.name === undefined && /\.\d{6}(?:[+-]\d\d:\d\d)?$/.test(suite.attributes.timestamp ?? ""));

/** Whether this is jest-junit's entry about a file that could not be loaded. */
export const failedToLoad = (testCase: Element) => testCase.attributes.classname === "Test suite failed to run";

/** The properties of a test case, by name. */
export const propertiesOf = (testCase: Element) =>
    new Map(
        childrenOf(testCase, "properties")
            .flatMap((properties) => childrenOf(properties, "property"))
            .map(({ attributes }) => [attributes.name, attributes.value]),
    );

/** Jest's `test.todo`, by the property `status` that this platform's ci.yml adds. jest-junit lists it and does not count it. */
export const isTodo = (testCase: Element) => propertiesOf(testCase).get("status") === "todo";

/** Entries of jest-junit about errors outside of every test, as in `afterAll`. They are in no count of tests. */
const isOutside = (testCase: Element) =>
    failedToLoad(testCase) ||
    testCase.attributes.name?.includes("Test execution failure: could be caused by test hooks") === true;

/** Why two numbers differ, and what to do. */
function reasonOf(name: Counter, said: number, listed: number, suite: Element): string {
    if (name === "tests" && listed > said && suite.attributes.hostname === undefined)
        return "jest-junit does not count a test.todo; write test.skip instead";
    const what = { tests: "a test", failures: "a failure", errors: "an error", skipped: "a skipped test" }[name];
    return `${what} is missing from the ${said > listed ? "list" : "count"}; run the tests again and keep the report as it is`;
}

function disagree(element: Element, file: string, name: Counter, listed: number, suite = element): never {
    const said = Number(element.attributes[name]);
    throw new ReportError(
        file,
        element.place,
        `<${element.name}> says ${name}="${String(said)}" but lists ${String(listed)}; ${reasonOf(name, said, listed, suite)}.`,
    );
}

/** Counts the results of one suite's cases while they are read. */
export class SuiteCounter {
    /** By the rules of Vitest and jest-junit: a case counts once, and not at all when it is about no test. */
    private readonly cases = noCounts();
    /** By pytest's rules: each failure, error and skip counts, also several of one test. */
    private readonly results = noCounts();
    private anyFailedToLoad = false;
    /** Cases with a failure, an error or a skip, also those that are about no test. */
    private readonly casesWith = noCounts();

    add(testCase: Element): void {
        this.anyFailedToLoad ||= failedToLoad(testCase);
        // Most tests, which passed, have nothing inside. What is about no test is an error, which is inside of it.
        if (testCase.children.length === 0) {
            this.cases.tests++;
            return;
        }
        const inside = !isOutside(testCase) && !isTodo(testCase);
        if (inside) this.cases.tests++;
        for (const name of ["failures", "errors", "skipped"] as const) {
            const found = testCase.children.filter((child) => child.name === elementsOf[name]).length;
            if (found === 0) continue;
            this.results[name] += found;
            this.casesWith[name]++;
            if (inside) this.cases[name]++;
        }
    }

    /**
     * Checks the counters of a suite against its cases. In pytest's, a subtest that passed counts as a test but is not
     * listed, and an attempt that was rerun is listed but does not count.
     *
     * @param passing the number of pytest's tests of which no attempt failed or was skipped; undefined for other tools
     * @returns what the suite adds to the counters of the root
     * @throws ReportError when one does not agree
     */
    check(suite: Element, file: string, passing: number | undefined): Counts {
        const attributes = new Attributes(suite, file);
        const listed: Counts =
            passing === undefined
                ? { ...this.cases, errors: this.cases.errors + (this.anyFailedToLoad ? 1 : 0) }
                : this.results;
        for (const name of ["failures", "errors", "skipped"] as const)
            if (attributes.has(name) && attributes.count(name) !== listed[name])
                disagree(suite, file, name, listed[name]);
        // A suite must have its number of tests. The other counts are optional in the format.
        const tests = attributes.count("tests");
        if (passing === undefined) {
            if (tests !== listed.tests) disagree(suite, file, "tests", listed.tests);
        } else {
            const least = passing + listed.failures + listed.errors + listed.skipped;
            if (tests < least) disagree(suite, file, "tests", least);
        }
        const said = (name: Counter) => (attributes.has(name) ? attributes.count(name) : this.casesWith[name]);
        return { tests, failures: said("failures"), errors: said("errors"), skipped: said("skipped") };
    }
}

/**
 * Checks the counters of the root, which are optional, against those of its suites.
 *
 * @param sums what the suites say together
 * @throws ReportError when one is not their sum
 */
export function checkRoot(root: Element, file: string, sums: Counts, firstSuite: Element): void {
    const attributes = new Attributes(root, file);
    for (const name of counters)
        if (attributes.has(name) && attributes.count(name) !== sums[name])
            disagree(root, file, name, sums[name], firstSuite);
}
