import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { checkExitCode, exitCodesOf } from "../../../release/collect/exit-codes";
import type { ManifestEntry } from "../../../release/collect/manifest";
import { readers } from "../../../release/collect/readers";
import { projectRoot } from "../../support/project";
import { fixture, kindOf, readable, refusal } from "./fixtures";

/** The exit codes of the commands that wrote the fixtures of states. */
const recorded = JSON.parse(
    fs.readFileSync(path.join(projectRoot, "test/fixtures/exit-codes.json"), "utf8"),
) as Readonly<Record<string, number>>;

const check = (name: string, exitCode: number | undefined) => {
    const kind = kindOf(name);
    const entry = { kind, file: name, ...(exitCode !== undefined && { exitCode }) } as unknown as ManifestEntry;
    checkExitCode(entry, readers[kind](fixture(name), name));
};
const refused = (name: string, exitCode: number | undefined) =>
    refusal(() => {
        check(name, exitCode);
    }, name);

describe("The exit code of a command", () => {
    /** Runs whose file does not show what the exit code says. */
    const silent = [
        "jest/missing-file.xml",
        // A test that failed on one worker and passed on the other.
        "pytest/each-worker.xml",
        "pytest/exit-in-fixture.xml",
        "pytest/session-timeout.xml",
        "vitest/oldest-unhandled-error.xml",
    ];
    const known = Object.entries(recorded).filter(([name]) => readable.includes(name));

    it("should be known of every kind of state", () => {
        assert.ok(known.length >= 30);
        assert.deepEqual(
            silent.filter((name) => !known.some(([one]) => one === name)),
            [],
        );
    });

    for (const [name, exitCode] of known.filter(([name]) => !silent.includes(name)))
        it(`should be accepted as the tool gave it, ${String(exitCode)}, with ${name}`, () => {
            check(name, exitCode);
        });

    for (const name of silent)
        it(`should refuse ${name}, whose run did not end well`, () => {
            const exitCode = recorded[name]!;
            assert.ok(exitCode > 0);
            assert.equal(
                refused(name, exitCode),
                `: The command ended with exit code ${String(exitCode)}, but with the contents of this report it ends with 0: ` +
                    "the run ended early, failed outside of what the report lists or missed a threshold, or the exit code is of another command.",
            );
        });

    it("should say for the frontend how jest-junit names files that do not load", () => {
        const name = "jest/missing-file.xml";
        const entry = { kind: "junit", suite: "unit-frontend", file: name, exitCode: 1 } as unknown as ManifestEntry;
        assert.match(
            refusal(() => {
                checkExitCode(entry, readers.junit(fixture(name), name));
            }, name),
            /failed outside of what the report lists \(jest-junit names files that do not load with reportTestSuiteErrors\) or missed/,
        );
    });

    it("should be required", () => {
        for (const name of readable)
            assert.match(
                refused(name, undefined),
                /^: The manifest does not say how the command ended; add its exit code/,
            );
    });

    it("should not be 0 when the report has a failure", () => {
        for (const name of [
            "pytest/failing.xml",
            "pytest/broken-import.xml",
            "jest/suite-error.xml",
            "playwright/failing.json",
            "ruff/findings.json",
            "black/findings.txt",
            "mypy/findings.xml",
            "eslint/findings.json",
            "prettier/findings.txt",
            "typescript/findings.txt",
            "bandit/findings.json",
            "npm-audit/findings.json",
            "pip-audit/findings.json",
        ])
            assert.match(
                refused(name, 0),
                /^: The command ended with exit code 0, but with the contents of this report it ends with 1(?: or \d+)?: the report or the exit code is of another run, or an option such as --exit-zero changed it\.$/,
                name,
            );
    });

    it("should be one that the tool has", () => {
        for (const name of readable)
            for (const exitCode of [3, 127, 137, 255])
                assert.match(refused(name, exitCode), new RegExp(`ended with exit code ${String(exitCode)}, but`));
    });

    it("should be 1 for flaky tests only with Playwright's option --fail-on-flaky-tests", () => {
        const flaky = { kind: "tests", tests: [{ name: "a", outcome: "flaky", tags: [] }] } as never;
        assert.deepEqual(exitCodesOf("playwright", flaky), [0, 1]);
        assert.deepEqual(exitCodesOf("junit", flaky), [0]);
    });
});
