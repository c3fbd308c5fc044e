import * as assert from "node:assert/strict";
import { selectionOf } from "../../../release/collect/playwright-arguments";

const read = (...args: readonly string[]) => selectionOf(["node", "node_modules/.bin/playwright", "test", ...args]);

describe("The command line of Playwright", () => {
    it("should be one of all tests when its options choose none", () => {
        for (const args of [
            [],
            ["--forbid-only", "--reporter=list,html,json", "--workers=2"],
            ["--reporter", "json", "-j", "2", "-c", "e2e/playwright.config.ts", "--retries", "2"],
            ["-j2", "-xj2", "-x", "--max-failures", "3", "--trace", "on", "--headed", "--shuffle", "--shuffle", "7"],
            ["--update-snapshots=none", "-u", "missing", "--shard=1/1", "--shard", "1/1", "--pass-with-no-tests"],
        ])
            assert.deepEqual(read(...args), {}, args.join(" "));
    });

    it("should be refused when an option leaves tests out", () => {
        for (const args of [
            ["--last-failed"],
            ["--only-changed"],
            ["--only-changed=main"],
            ["--grep-invert=slow"],
            ["-G", "slow"],
            ["-xG", "slow"],
            ["--test-list", "some.txt"],
            ["--test-list-invert=some.txt"],
            ["--project", "chromium"],
            ["--project=chromium"],
            ["--no-deps"],
        ])
            assert.match(
                read("--reporter=json", ...args).problem ?? "",
                /^The run left tests out with the option "-.*"; run it without\.$/,
                args.join(" "),
            );
    });

    it("should be refused when it names files, wherever they stand", () => {
        for (const [args, named] of [
            [["a.spec.ts"], "a.spec.ts"],
            [["a.spec.ts:12", "b.spec.ts"], "a.spec.ts:12"],
            [["--headed", "a.spec.ts"], "a.spec.ts"],
            [["-x", "a.spec.ts"], "a.spec.ts"],
            [["-j2", "a.spec.ts"], "a.spec.ts"],
            [["--reporter", "json", "a.spec.ts"], "a.spec.ts"],
            [["--reporter=json", "--", "-a.spec.ts"], "-a.spec.ts"],
            // Of a later release of Playwright: whether it has a value is not known.
            [["--new-option", "a.spec.ts"], "a.spec.ts"],
            [[""], ""],
        ] as const)
            assert.equal(
                read(...args).problem,
                `The run was of "${named}" alone; run all tests, without files in the command (the value of an option follows it with =).`,
            );
    });

    it("should have the filter of titles, in each of its forms", () => {
        for (const args of [["--grep=@critical"], ["--grep", "@critical"], ["-g", "@critical"], ["-g@critical"]])
            assert.deepEqual(read("--reporter=json", ...args, "--headed"), { grep: "@critical" });
        assert.deepEqual(read("-xg@critical", "--grep", "@critical"), { grep: "@critical" });
        // Before it was -G, --grep-invert was -gv.
        assert.deepEqual(read("-gv", "slow").problem?.startsWith('The run was of "slow" alone'), true);
        assert.deepEqual(read("--grep"), { grep: "" });
        assert.equal(
            read("--grep=@critical", "-g", "signs in").problem,
            "The run left tests out with more than one --grep; run it without.",
        );
    });

    it("should be refused when it takes changed snapshots for right", () => {
        for (const args of [["--update-snapshots"], ["-u"], ["-uall"], ["-u", "changed"], ["--ignore-snapshots"]])
            assert.match(
                read(...args).problem ?? "",
                /^With the option "-.*", a test passes although its snapshots have changed; run it without\.$/,
                args.join(" "),
            );
    });

    it("should be that of playwright test", () => {
        for (const argv of [["node", "playwright"], ["node", "playwright", "merge-reports"], ["bun"]])
            assert.equal(selectionOf(argv).problem, 'The command was not "playwright test"; run all tests with it.');
    });
});
