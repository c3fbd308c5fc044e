import {
    checkRoot,
    counters,
    failedToLoad,
    isPytest,
    isTodo,
    noCounts,
    propertiesOf,
    SuiteCounter,
} from "./junit-counts";
import { quote, ReportError } from "./shared/error";
import { maximumNameLength, NameTable } from "./shared/name-table";
import { Attributes, parseXml, type Element } from "./shared/xml";
import type { Outcome, TestRun } from "./results";

const tools = "pytest --junitxml, Vitest --reporter=junit or jest-junit with reportTestSuiteErrors";

/** Elements that a test case may contain. Any other, such as the retry of another tool, is an unknown outcome. */
const caseParts = new Set(["failure", "error", "skipped", "properties", "system-out", "system-err"]);

/** Elements that a suite and the root may contain. A result in any other place would be overlooked. */
const suiteParts: Readonly<Record<string, ReadonlySet<string>>> = {
    testsuites: new Set(["testsuite", "properties"]),
    testsuite: new Set(["testcase", "properties", "system-out", "system-err"]),
};

function checkPart(child: Element, parent: Element, file: string): void {
    // By far the most frequent.
    if (child.name === "testcase" && parent.name === "testsuite") return;
    if (suiteParts[parent.name]?.has(child.name) === false)
        throw new ReportError(
            file,
            child.place,
            `<${parent.name}> contains <${child.name}>, which does not belong there; suites must not nest. Such a report is not that of ${tools}.`,
        );
}

/** Tolerance for sums of durations, which each tool rounds in its own way; in seconds. */
const tolerance = 1;

function outcomeOf(testCase: Element, file: string, pytest: boolean): Outcome {
    // Most tests, which passed, have nothing inside.
    if (testCase.children.length === 0) return "passed";
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
    if (properties.has("fail") || properties.get("failing") === "true" || isTodo(testCase)) return "skipped";
    return Number(properties.get("invocations") ?? 1) > 1 ? "flaky" : "passed";
}

/** Tests in the order of the report, and their names. */
class Tests {
    readonly names = new NameTable();
    readonly all: Test[] = [];
    /** The newest test of each name. */
    private readonly newest: number[] = [];

    /** A test of this name, if one was added after the first `from` tests. */
    find(named: number, from: number): Test | undefined {
        const at = this.newest[named];
        return at === undefined || at < from ? undefined : this.all[at];
    }

    add(named: number, outcome: Outcome): void {
        const before = this.find(named, 0)?.occurrence ?? 0;
        this.newest[named] = this.all.length;
        this.all.push(new Test(this.names, named, before + 1, outcome));
    }
}

/** One test. Its name is read from the table when it is asked for, because most are not. */
class Test {
    /** Not an ordinary field, which copies and JSON of the test would have. */
    readonly #names: NameTable;
    readonly #named: number;

    constructor(
        names: NameTable,
        named: number,
        /** How many tests of its name there are up to this one: equal names are numbered. */
        readonly occurrence: number,
        public outcome: Outcome,
    ) {
        this.#names = names;
        this.#named = named;
    }

    get name(): string {
        const name = this.#names.nameOf(this.#named).filter(Boolean).join(" › ");
        return this.occurrence === 1 ? name : `${name} (${String(this.occurrence)})`;
    }

    get tags(): readonly string[] {
        return [];
    }
}

/**
 * The outcome of a test that pytest lists more than once: it failed and then its teardown, or it was rerun (plugin
 * pytest-rerunfailures). An attempt that was rerun lists no failure but those of its subtests, so the last one decides.
 * Where the last passed and no rerun came before it, as with `--dist=each` of pytest-xdist, the exit code says so.
 */
function outcomeOfAttempts(before: Outcome, last: Outcome): Outcome {
    if (last === "failed") return "failed";
    return before === "skipped" || last === "skipped" ? "skipped" : "flaky";
}

/** Reads the tests of one suite, each once, while its elements end. */
class SuiteReader {
    private readonly counter = new SuiteCounter();
    private readonly pytest: boolean;
    private readonly seconds: number;
    private readonly startedAt: Date;
    /** The number of tests before this suite. */
    private readonly from: number;
    /** Tests of pytest that are listed more than once, and whether all their attempts passed. */
    private readonly repeated = new Map<Test, boolean>();
    private cases = 0;
    /** jest-junit says 1970 for a file that could not be loaded. */
    private ran = false;

    constructor(
        readonly element: Element,
        root: Element,
        private readonly file: string,
        private readonly tests: Tests,
    ) {
        this.from = tests.all.length;
        const attributes = new Attributes(element, file);
        attributes.text("name");
        this.pytest = isPytest(element, root);
        this.seconds = attributes.decimal("time", "its duration in seconds");
        this.startedAt = attributes.moment("timestamp");
    }

    add(testCase: Element): void {
        const attributes = new Attributes(testCase, this.file);
        const outcome = outcomeOf(testCase, this.file, this.pytest);
        // Playwright writes no time for skipped tests.
        if (outcome !== "skipped" || attributes.has("time")) {
            const own = attributes.decimal("time", "its duration in seconds");
            if (own > this.seconds + tolerance)
                throw new ReportError(
                    this.file,
                    testCase.place,
                    `The test took ${String(own)} s, longer than its whole suite (${String(this.seconds)} s).`,
                );
        }
        this.cases++;
        this.counter.add(testCase);
        const lost = failedToLoad(testCase);
        if (!lost) this.ran = true;
        if (this.pytest && testCase.children.length === 0 && !attributes.has("name"))
            throw new ReportError(
                this.file,
                testCase.place,
                "The test has no name: pytest writes it so when the run ended in the middle of a test (an interrupt, pytest.exit), and when a test was rerun because its worker crashed; find out why, and run all tests again.",
            );
        const name = attributes.text("name");
        if (name.length > maximumNameLength)
            throw new ReportError(
                this.file,
                testCase.place,
                `The name of the test has ${String(name.length)} characters; at most ${String(maximumNameLength)} are read.`,
            );
        const named = this.tests.names.numberOf(testCase.attributes.classname ?? "", name);
        // Outside of pytest, equal names are different tests: of test.each, or of two projects. Only files that could
        // not be loaded are listed more than once there.
        const test = this.pytest || lost ? this.tests.find(named, this.from) : undefined;
        if (test === undefined) this.tests.add(named, outcome);
        else {
            const passed = this.repeated.get(test) ?? test.outcome === "passed";
            this.repeated.set(test, passed && outcome === "passed");
            // Files that could not be loaded have no attempts.
            test.outcome = lost ? "failed" : outcomeOfAttempts(test.outcome, outcome);
        }
    }

    /** What is known at the end of the suite. @throws ReportError for counters that do not agree */
    end() {
        const { element, file, repeated } = this;
        const { all } = this.tests;
        if (this.cases === 0)
            throw new ReportError(
                file,
                element.place,
                `The suite ${quote(element.attributes.name)} has no tests; nothing was tested.`,
            );
        let passing = 0;
        if (this.pytest)
            for (let at = this.from; at < all.length; at++) {
                const test = all[at];
                if (test && (repeated.get(test) ?? test.outcome === "passed")) passing++;
            }
        const counts = this.counter.check(element, file, this.pytest ? passing : undefined);
        return {
            counts,
            ran: this.ran,
            startedAt: this.startedAt.getTime(),
            finishedAt: this.startedAt.getTime() + this.seconds * 1000,
        };
    }
}

function checkIsJunit(root: Element, file: string): void {
    if (root.name !== "testsuites" && root.name !== "testsuite")
        throw new ReportError(
            file,
            root.place,
            `The root element is <${root.name}>; in JUnit it is <testsuites> (${tools}).`,
        );
    if (root.attributes.name === "mypy")
        throw new ReportError(file, root.place, "This is mypy's report, not that of a test suite.");
}

/**
 * JUnit XML, as pytest (`--junitxml`), Vitest (`--reporter=junit`), jest-junit and Playwright write it.
 *
 * A test counts as failed when it failed, ended in an error, could not be collected, or passed although it is strictly
 * expected to fail; so does a file that could not be loaded (jest-junit lists it only with `reportTestSuiteErrors`). It
 * counts as skipped when it was skipped or failed as expected (xfail, Playwright's `test.fail`), and as flaky when
 * pytest lists more than one attempt. Playwright's flaky tests are listed as passed here; only its JSON report shows
 * that they are flaky. jest-junit lists a `test.todo` as passed but does not count it: with the property `status` it counts as
 * skipped, else the report contradicts itself and is refused.
 *
 * @param source the report, or its pieces one after the other: each test is forgotten but for its name and outcome
 * @throws ReportError for counters that do not agree, and when nothing was tested
 */
export function readJunit(source: string | Iterable<string>, file: string): TestRun {
    const tests = new Tests();
    const sums = noCounts();
    const ran: { readonly startedAt: number; readonly finishedAt: number }[] = [];
    let firstSuite: Element | undefined;
    let suite: SuiteReader | undefined;
    let outermost: Element | undefined;
    const onOpen = (element: Element, parent: Element | undefined) => {
        outermost ??= element;
        if (parent !== undefined) checkPart(element, parent, file);
        const inSuites = parent === outermost && outermost.name === "testsuites";
        if (element.name !== "testsuite" || (parent !== undefined && !inSuites)) return;
        suite = new SuiteReader(element, outermost, file, tests);
        firstSuite ??= element;
    };
    const onClose = (element: Element, parent: Element | undefined) => {
        if (suite === undefined) return false;
        if (element === suite.element) {
            const { counts, ...times } = suite.end();
            for (const name of counters) sums[name] += counts[name];
            if (times.ran) ran.push(times);
            suite = undefined;
            return parent !== undefined;
        }
        if (parent !== suite.element) return false;
        if (element.name === "testcase") suite.add(element);
        return true;
    };
    const root = parseXml(source, file, tools, { onOpen, onClose, keepText: false, large: true });
    checkIsJunit(root, file);
    if (firstSuite === undefined)
        throw new ReportError(file, root.place, "The report has no suite; nothing was tested.");
    if (root.name === "testsuites") {
        checkRoot(root, file, sums, firstSuite);
        if (root.attributes.time !== undefined) new Attributes(root, file).decimal("time", "its duration in seconds");
    }
    if (ran.length === 0)
        throw new ReportError(file, root.place, "No file of tests could be loaded; nothing was tested.");
    const [first, last] = [Math.min, Math.max];
    return {
        kind: "tests",
        tests: tests.all,
        startedAt: new Date(ran.reduce((at, { startedAt }) => first(at, startedAt), Infinity)),
        finishedAt: new Date(ran.reduce((at, { finishedAt }) => last(at, finishedAt), -Infinity)),
    };
}
