import * as assert from "node:assert/strict";
import { readers } from "../../../release/collect/readers";
import { fixture, refusal } from "./fixtures";

const read = (name: string) => readers.junit(fixture(name), name);
const outcomesOf = (text: string) => readers.junit(text, "r").tests.map((one) => `${one.name}: ${one.outcome}`);
const outcomes = (name: string) => read(name).tests.map((one) => `${one.name}: ${one.outcome}`);

describe("The JUnit reader and the states of test runs", () => {
    const subtests = ["test_a › test_sizes", "test_a.TestNames › test_names", "test_a › test_plain"];
    const attempts = ["test_a › test_attempts", "test_a › test_plain"];
    const jestOutcomes = ["passes at the second attempt", "fails as expected", "passes"];
    const expected: Readonly<Record<string, readonly string[]>> = {
        "pytest/subtests.xml": subtests.map((name) => `${name}: passed`),
        "pytest/oldest-subtests.xml": subtests.map((name) => `${name}: passed`),
        "pytest/subtests-failing.xml": [
            "test_a › test_sizes: failed",
            "test_a.TestNames › test_names: failed",
            "test_a › test_plain: passed",
        ],
        "pytest/oldest-subtests-failing.xml": [
            "test_a › test_sizes: failed",
            "test_a.TestNames › test_names: failed",
            "test_a › test_plain: passed",
        ],
        "pytest/reruns.xml": ["test_a › test_attempts: flaky", "test_a › test_plain: passed"],
        "pytest/reruns-failing.xml": ["test_a › test_attempts: failed", "test_a › test_plain: passed"],
        ...Object.fromEntries(
            [
                ["pytest/subtest-reruns.xml", "flaky"],
                ["pytest/subtest-reruns-failing.xml", "failed"],
            ].map(([name = "", first = ""]) => [
                name,
                [
                    `test_a › test_sizes: ${first}`,
                    "test_a › test_skips: skipped",
                    "test_a.TestNames › test_names: flaky",
                    "test_a › test_plain: passed",
                ],
            ]),
        ),
        "pytest/worker-crash.xml": ["test_a › test_crashes: failed", "test_a › test_passes: passed"],
        // Before pytest-rerunfailures 16.6.1 a report does not show that a test was rerun.
        "pytest/oldest-reruns.xml": attempts.map((name) => `${name}: passed`),
        "pytest/oldest-reruns-failing.xml": ["test_a › test_attempts: failed", "test_a › test_plain: passed"],
        "pytest/recorded-property.xml": ["test_a › test_a: passed"],
        ...Object.fromEntries(
            ["pytest/teardown-error.xml", "pytest/oldest-teardown-error.xml"].map((name) => [
                name,
                ["test_passes: failed", "test_fails: failed", "test_skips: skipped"].map((one) => `test_a › ${one}`),
            ]),
        ),
        "jest/suite-error.xml": ["Test suite failed to run › a.test.js: failed", "b.test.js › b: passed"],
        "jest/oldest-suite-error.xml": ["Test suite failed to run › a.test.js: failed", "b.test.js › b: passed"],
        "jest/hook-error.xml": [
            "a › a: passed",
            ...["Test execution failure: could be caused by test hooks like 'afterAll'."].map(
                (name) => `${name} › ${name}: failed`,
            ),
        ],
        // ci.yml adds the properties by which retries and test.failing are told apart; the latter since Jest 30.
        "jest/properties.xml": ["flaky", "skipped", "passed"].map(
            (outcome, at) => `a.test.js › ${jestOutcomes[at]!}: ${outcome}`,
        ),
        "jest/oldest-properties.xml": ["flaky", "passed", "passed"].map(
            (outcome, at) => `a.test.js › ${jestOutcomes[at]!}: ${outcome}`,
        ),
        ...Object.fromEntries(
            ["jest/todo-properties.xml", "jest/oldest-todo-properties.xml"].map((name) => [
                name,
                [
                    "is not written yet: skipped",
                    "sizes are not checked yet: skipped",
                    "is not run: skipped",
                    "passes: passed",
                ].map((one) => `a.test.js › ${one}`),
            ]),
        ),
        // Jest 29 blames the test that runs, Jest 30 the one that threw.
        "jest/late-error.xml": ["starts something › starts something: failed", "waits › waits: passed"],
        "jest/oldest-late-error.xml": ["starts something › starts something: passed", "waits › waits: failed"],
        "jest/same-titles.xml": [
            "adds › adds: passed",
            "adds › adds (2): passed",
            "sum adds › sum adds: passed",
            "adds › adds (3): passed",
            "adds › adds (4): passed",
            "sum adds › sum adds (2): passed",
        ],
        "jest/settings.xml": ["b", "a"].flatMap((file) => [
            `${file}.test.js › adds: passed`,
            `${file}.test.js › adds (2): passed`,
            `${file}.test.js › sum adds: passed`,
        ]),
        "jest/oldest-settings.xml": ["b", "a"].flatMap((file) => [
            `${file}.test.js › adds: passed`,
            `${file}.test.js › adds (2): passed`,
            `${file}.test.js › sum adds: passed`,
        ]),
        "vitest/suite-error.xml": ["a.test.js › a.test.js: failed", "b.test.js › b: passed"],
        "vitest/oldest-suite-error.xml": ["a.test.js › a.test.js: failed", "b.test.js › b: passed"],
        "vitest/same-titles.xml": ["a", "b"].flatMap((file) => [
            `${file}.test.js › adds: passed`,
            `${file}.test.js › adds (2): passed`,
        ]),
        ...Object.fromEntries(
            ["vitest/two-projects.xml", "vitest/oldest-two-projects.xml"].map((name) => [
                name,
                ["", " (2)", " (3)", " (4)"].map((number) => `a.test.js › adds${number}: passed`),
            ]),
        ),
    };
    for (const [name, tests] of Object.entries(expected))
        it(`should tell the tests of ${name} apart`, () => {
            assert.deepEqual(
                outcomes(name).map((one) => one.replaceAll(/(^|› ) +/g, "$1")),
                tests,
            );
        });

    it("should take the time of a run from the files that could be loaded", () => {
        assert.ok(read("jest/suite-error.xml").startedAt.getUTCFullYear() >= 2026);
        assert.match(
            refusal(() => read("jest/no-file-loads.xml"), "jest/no-file-loads.xml"),
            /^:2:\d+: No file of tests could be loaded; nothing was tested\.$/,
        );
    });

    it("should take attempts of a test of pytest for one, also when subtests that passed make up for the count", () => {
        const text = fixture("pytest/reruns.xml").replace('tests="2"', 'tests="3"');
        assert.deepEqual(
            readers.junit(text, "r").tests.map(({ name, outcome }) => [name, outcome]),
            [
                ["test_a › test_attempts", "flaky"],
                ["test_a › test_plain", "passed"],
            ],
        );
    });

    it("should take a test of pytest that passed and failed for one that failed", () => {
        const text = fixture("pytest/failing.xml").replace('name="test_passes"', 'name="test_fails"');
        const found = readers.junit(text, "r").tests.filter(({ name }) => name.endsWith("test_fails"));
        assert.deepEqual(
            found.map(({ outcome }) => outcome),
            ["failed"],
        );
    });

    it("should know pytest's report by its times where the setting junit_suite_name names the suite", () => {
        const text = fixture("pytest/subtests.xml");
        const named = text
            .replace(/<testsuites name="pytest tests">/, "<testsuites>")
            .replace('name="pytest"', 'name="backend"');
        assert.notEqual(named, text);
        assert.deepEqual(outcomesOf(named), outcomesOf(text));
    });

    it("should say that a title has a control character, which jest-junit writes as it is", () => {
        const text = fixture("jest/passed.xml").replace('name="', 'name="\u0007');
        assert.match(
            refusal(() => readers.junit(text, "r"), "r"),
            /^:\d+:\d+: The report has a control character, which XML can't have; take it out of the title or the message of the test\.$/,
        );
    });

    it("should say that a message has a character that XML can't have, or read it where the tool left it out", () => {
        for (const [name, which] of [
            ["jest/nul-message.xml", "NUL"],
            ["jest/control-message.xml", "control"],
            ["jest/noncharacter-message.xml", "control"],
        ] as const)
            assert.match(
                refusal(() => read(name), name),
                new RegExp(
                    `^:5:\\d+: The report has a ${which} character, which XML can't have; take it out of the title or the message of the test\\.$`,
                ),
            );
        for (const name of ["jest/coloured-message.xml", "jest/half-character-message.xml", "vitest/nul-message.xml"])
            assert.deepEqual(
                outcomes(name).map((one) => one.replace(/.* /, "")),
                ["failed"],
                name,
            );
    });

    it("should say why a test of pytest has no name", () => {
        for (const name of ["pytest/crash-rerun.xml", "pytest/exit-in-test.xml"])
            assert.match(
                refusal(() => read(name), name),
                /^:1:\d+: The test has no name: pytest writes it so when the run ended in the middle of a test \(an interrupt, pytest\.exit\), and when a test was rerun because its worker crashed; find out why, and run all tests again\.$/,
            );
    });

    it("should count a failed subtest as a failure, whatever the counters say", () => {
        const text = fixture("pytest/subtests-failing.xml");
        for (const [from, to, words] of [
            ['failures="3"', 'failures="2"', 'failures="2" but lists 3; a failure is missing from the count'],
            ['tests="8"', 'tests="3"', 'tests="3" but lists 4; a test is missing from the count'],
            [
                /<failure[^>]*>contains 1 failed subtest<\/failure>/,
                "",
                'failures="3" but lists 2; a failure is missing',
            ],
        ] as const) {
            const changed = text.replace(from, to);
            assert.notEqual(changed, text);
            assert.ok(refusal(() => readers.junit(changed, "r"), "r").includes(words));
        }
    });
});
