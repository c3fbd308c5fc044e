import * as assert from "node:assert/strict";
import { jobToken, permissionsOfToken } from "../../../sandbox/runner/permissions";
import type { TriggerEvent } from "../../../sandbox/runner/repository";
import { play, pullRequest, push, resultsOf } from "./support";

/** A workflow with these jobs; each has one step that does nothing unless it says otherwise. */
const jobs = (text: string) => `
on: [push, pull_request]
permissions: {}
jobs:
${text}`;

const ok = "runs-on: ubuntu-24.04, steps: [{run: 'true'}]";
const bad = "runs-on: ubuntu-24.04, steps: [{run: 'false'}]";

describe("Jobs of the sandbox's runner", () => {
    it("should start when what they need has succeeded, with its outputs", async () => {
        const { run, lines } = await play(
            jobs(`
  second: {needs: first, runs-on: x, steps: [{run: 'echo "got $GOT"', env: {GOT: "\${{ needs.first.outputs.word }} \${{ needs.first.result }}"}}]}
  first: {runs-on: x, outputs: {word: "\${{ steps.say.outputs.word }}"}, steps: [{id: say, run: 'echo word=hello >> "$GITHUB_OUTPUT"'}]}`),
        );
        assert.deepEqual(lines, ["second: got hello success"]);
        assert.deepEqual(resultsOf(run), { first: "success", second: "success" });
        assert.equal(run.conclusion, "success");
    });

    it("should be skipped after a failure, and after what was skipped itself", async () => {
        const { run } = await play(
            jobs(`
  a: {${bad}}
  b: {needs: a, ${ok}}
  c: {needs: b, ${ok}}
  d: {needs: [b], if: "\${{ !cancelled() }}", ${ok}}
  e: {needs: [c], if: failure(), ${ok}}
  f: {needs: [c], if: always(), ${ok}}
  g: {needs: [a], if: "true", ${ok}}`),
        );
        assert.deepEqual(resultsOf(run), {
            a: "failure",
            b: "skipped",
            c: "skipped",
            d: "success",
            // failure() looks at everything before a job, not only at what it needs itself.
            e: "success",
            f: "success",
            g: "skipped",
        });
        assert.equal(run.conclusion, "failure");
    });

    it("should be skipped when anything before them was, although what they need has succeeded", async () => {
        const { run } = await play(
            jobs(`
  a: {if: "false", ${ok}}
  b: {needs: a, if: "\${{ !failure() && !cancelled() }}", ${ok}}
  c: {needs: b, ${ok}}
  d: {needs: b, if: "needs.b.result == 'success'", ${ok}}
  e: {needs: b, if: "!cancelled() && needs.b.result == 'success'", ${ok}}`),
        );
        assert.deepEqual(resultsOf(run), { a: "skipped", b: "success", c: "skipped", d: "skipped", e: "success" });
        assert.equal(run.conclusion, "success");
    });

    it("should run a matrix, each combination with its name, and pass on the last output", async () => {
        const { run, lines } = await play(
            jobs(`
  both:
    name: check \${{ matrix.what }}
    strategy: {matrix: {what: [lint, test], on: [1]}}
    runs-on: x
    outputs: {lint: "\${{ steps.say.outputs.lint }}", test: "\${{ steps.say.outputs.test }}"}
    steps: [{id: say, run: 'echo "$WHAT=$AT of $ALL" >> "$GITHUB_OUTPUT"', env: {WHAT: "\${{ matrix.what }}", AT: "\${{ strategy.job-index }}", ALL: "\${{ strategy.job-total }}"}}]
  unnamed: {needs: both, strategy: {matrix: {n: [1, 2]}}, runs-on: x, steps: [{run: "echo $OF", env: {OF: "\${{ toJSON(needs.both.outputs) }}"}}]}`),
        );
        assert.deepEqual(Object.keys(resultsOf(run)).sort(), [
            "both",
            "check lint",
            "check test",
            "unnamed",
            "unnamed (1)",
            "unnamed (2)",
        ]);
        assert.ok(lines.includes('unnamed (1): { "lint": "0 of 2", "test": "1 of 2" }'), lines.join("\n"));
    });

    it("should cancel the rest of a matrix after a failure, unless fail-fast is false", async () => {
        const matrix = (failFast: string) =>
            jobs(`
  all:
    strategy: {${failFast} matrix: {code: [1, 0]}}
    runs-on: x
    steps: [{run: 'if [[ "$CODE" == 0 ]]; then sleep 30; fi; exit "$CODE"', env: {CODE: "\${{ matrix.code }}"}}]`);
        const { run } = await play(matrix(""));
        assert.deepEqual(resultsOf(run), { "all (1)": "failure", "all (0)": "cancelled", all: "failure" });
        const other = await play(matrix("fail-fast: false,").replace("sleep 30", "sleep 0.2"));
        assert.deepEqual(resultsOf(other.run), { "all (1)": "failure", "all (0)": "success", all: "failure" });
    });

    it("should let a run succeed with a failed job that may fail", async () => {
        const { run } = await play(
            jobs(`
  a: {continue-on-error: true, ${bad}}
  b: {needs: a, ${ok}}`),
        );
        assert.deepEqual(resultsOf(run), { a: "success", b: "success" });
    });

    it("should be cancelled after their time", async () => {
        const { run, lines } = await play(
            jobs(`
  slow: {timeout-minutes: 0.005, runs-on: x, steps: [{run: sleep 30}, {run: echo never}, {if: cancelled(), run: echo last}]}
  next: {needs: slow, ${ok}}
  other: {needs: slow, if: "!cancelled() && !failure()", ${ok}}`),
        );
        assert.deepEqual(resultsOf(run), { slow: "cancelled", next: "skipped", other: "success" });
        assert.deepEqual(lines, ["slow: error: The operation was canceled.", "slow: last"]);
    });

    it("should end when the run is cancelled, and still do what is done always", async () => {
        const text = jobs(`
  a: {runs-on: x, steps: [{run: "echo begun; sleep 30"}, {if: always(), run: echo after}]}
  b: {needs: a, ${ok}}
  c: {needs: a, if: always(), ${ok}}
  d: {needs: a, if: "!cancelled()", ${ok}}`);
        let cancel: (() => void) | undefined;
        const playing = play(text, push, {
            onLine: (_job, line) => {
                if (line === "begun") cancel?.();
            },
            onStart: (run) => {
                cancel = () => {
                    run.cancel();
                };
            },
        });
        const { run } = await playing;
        assert.deepEqual(resultsOf(run), { a: "cancelled", b: "skipped", c: "success", d: "skipped" });
        assert.equal(run.conclusion, "cancelled");
        assert.deepEqual(
            run.jobs.get("a")!.steps.map(({ outcome }) => outcome),
            ["cancelled", "success"],
        );
    });

    it("should have the contexts and the variables of their event", async () => {
        const seen = jobs(`
  a: {runs-on: x, steps: [{run: 'echo "$GITHUB_EVENT_NAME $GITHUB_REF_NAME $GITHUB_HEAD_REF $GITHUB_BASE_REF $GITHUB_SHA $GITHUB_RUN_ATTEMPT $TITLE"; jq .number "$GITHUB_EVENT_PATH"', env: {TITLE: "\${{ github.event.pull_request.title }}"}}]}`);
        const { lines } = await play(seen, pullRequest());
        assert.deepEqual(lines, [
            `a: pull_request 7/merge feature/RP-1-two-factors main ${"b".repeat(40)} 1 feat(auth): add two factors`,
            "a: 7",
        ]);
    });

    it("should start on the events that the file names, by branch and type", async () => {
        const only = (on: string) => `on: ${on}\npermissions: {}\njobs:\n  a: {${ok}}`;
        const starts = async (on: string, event = push) =>
            play(only(on), event).then(
                () => true,
                ({ message }: Error) => {
                    assert.equal(message, "the event does not start the workflow");
                    return false;
                },
            );
        assert.equal(await starts("push"), true);
        assert.equal(await starts("{push: {branches: [main]}}"), true);
        assert.equal(await starts("{push: {branches: ['release/**']}}"), false);
        assert.equal(
            await starts("{push: {branches: ['release/**']}}", { ...push, ref: "refs/heads/release/1" }),
            true,
        );
        assert.equal(await starts("pull_request"), false);
        assert.equal(await starts("pull_request", pullRequest()), true);
        assert.equal(await starts("pull_request", pullRequest(undefined, "edited")), false);
        assert.equal(await starts("{pull_request: {types: [edited]}}", pullRequest(undefined, "edited")), true);
        assert.equal(
            await starts("{pull_request: {branches: [main]}}", pullRequest(undefined, "opened", "staging")),
            false,
        );
        const due = (schedule: string): TriggerEvent => ({ ...push, name: "schedule", payload: { schedule } });
        const crons = "{schedule: [{cron: '23 5 * * *'}, {cron: '7 * * * *'}]}";
        assert.equal(await starts(crons, due("7 * * * *")), true);
        assert.equal(await starts(crons, due("8 * * * *")), false);
        assert.equal(await starts("push", due("7 * * * *")), false);
        await assert.rejects(
            play(only("{push: {paths: [backend]}}")),
            /^SandboxError: \.github\/workflows\/main\.yml has the filter "paths"; accepted by the sandbox's runner: branches, types\.$/,
        );
    });

    it("should have a token that says what they may do, and hides it in the log", async () => {
        const { lines } = await play(`
            on: push
            permissions: {}
            jobs:
              a:
                runs-on: ubuntu-24.04
                permissions: {contents: write}
                steps:
                  - env: {TOKEN: "\${{ github.token }}"}
                    run: echo "$TOKEN" "\${#TOKEN}"
        `);
        const token = jobToken(1, { contents: "write" });
        assert.deepEqual(lines, [`a: *** ${token.length}`]);
        assert.deepEqual(permissionsOfToken(token), { contents: "write" });
        assert.equal(permissionsOfToken("sandbox-author-token"), undefined);
    });

    it("should be refused when GitHub would refuse the file, or the runner does not know a key", async () => {
        const refused = async (text: string, message: RegExp) =>
            assert.rejects(play(jobs(text)), { name: "SandboxError", message });
        await refused("  a: {needs: b, runs-on: x, steps: [{run: 'true'}]}", /at least one job with no dependencies/);
        await refused(`  a: {${ok}}\n  b: {needs: c, ${ok}}`, /depends on unknown job 'c'/);
        await refused("  a: {runs-on: x, step: []}", /Unexpected value 'step'/);
        await refused(`  a: {if: "\${{ secrets.A }}", ${ok}}`, /Unrecognized named-value: 'secrets'/);
        await refused(
            "  a: {container: debian, runs-on: x, steps: [{run: 'true'}]}",
            /^relaypacs\/gateway\/\.github\/workflows\/main\.yml, job a, has "container", which the sandbox's runner does not know; leave it out\.$/,
        );
        await refused(
            "  a: {runs-on: x, steps: [{uses: actions/checkout@v6, timeout-minutes: 1}]}",
            /job a, step 1, has "timeout-minutes", which the sandbox's runner does not know/,
        );
        await refused(
            "  a: {strategy: {matrix: {a: [1], include: [{a: 2}]}}, runs-on: x, steps: [{run: 'true'}]}",
            /has "include"/,
        );
    });
});
