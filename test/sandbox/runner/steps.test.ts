import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../../sandbox/machine/process";
import { play, push, resultsOf } from "./support";

/** A workflow with one job of these steps. */
const steps = (text: string, job = "") => `
on: push
permissions: {}
env: {FROM: workflow, PLACE: workflow}
jobs:
  job:
    runs-on: ubuntu-24.04
${job}    steps:
${text}`;

const printed = async (text: string, ...more: [job?: string]) => {
    const { lines, run } = await play(steps(text, ...more));
    return { lines: lines.map((line) => line.replace(/^job: /, "")), result: run.jobs.get("job")!.result, run };
};

describe("Steps of the sandbox's runner", () => {
    it("should go on only as their conditions say", async () => {
        const { lines, result, run } = await printed(`
      - run: echo one
      - id: fails
        run: exit 3
      - run: echo never
      - if: \${{ !cancelled() }}
        run: echo two
      - if: failure() && steps.fails.outcome == 'failure' && steps.fails.conclusion == 'failure'
        run: echo three
      - if: always()
        run: echo "$STATUS"
        env: {STATUS: "\${{ job.status }}"}
      - if: success()
        run: echo never`);
        assert.deepEqual(lines, ["one", "error: Process completed with exit code 3.", "two", "three", "failure"]);
        assert.equal(result, "failure");
        assert.deepEqual(
            run.jobs.get("job")!.steps.map(({ name, outcome }) => `${name}: ${outcome}`),
            [
                "echo one: success",
                "exit 3: failure",
                "echo never: skipped",
                "echo two: success",
                "echo three: success",
                'echo "$STATUS": success',
                "echo never: skipped",
            ],
        );
    });

    it("should have conditions in several lines", async () => {
        const { lines } = await printed(`
      - if: >-
          \${{ github.ref_name == 'other' &&
          github.event_name == 'push' }}
        run: echo never
      - if: |
          github.ref_name == 'main' &&
          github.event_name == 'push'
        run: echo once
      - run: echo "$TEXT"
        env:
          TEXT: >-
            \${{ github.ref_name }}
            of \${{ github.repository }}`);
        assert.deepEqual(lines, ["once", "main of relaypacs/gateway"]);
    });

    it("should distinguish an outcome from a conclusion", async () => {
        const { lines, result } = await printed(`
      - {id: may, continue-on-error: true, run: exit 1}
      - run: echo "$OUTCOME $CONCLUSION"
        env: {OUTCOME: "\${{ steps.may.outcome }}", CONCLUSION: "\${{ steps.may.conclusion }}"}
      - if: steps.later.outcome == ''
        run: echo not yet
      - {id: later, run: "true"}`);
        assert.deepEqual(lines.slice(1), ["failure success", "not yet"]);
        assert.equal(result, "success");
    });

    it("should pass on outputs, variables, paths and summaries by files", async () => {
        const { lines, run } = await printed(`
      - id: write
        run: |
          printf 'a=1=2\\nlong<<END\\nx\\ny\\nEND\\n' >> "$GITHUB_OUTPUT"
          echo "FROM=step" >> "$GITHUB_ENV"
          mkdir "$RUNNER_TEMP/bin"
          printf '#!/bin/sh\\necho mine\\n' > "$RUNNER_TEMP/bin/yes"
          chmod +x "$RUNNER_TEMP/bin/yes"
          echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
          echo "# Done" >> "$GITHUB_STEP_SUMMARY"
      - run: echo "$A / $LONG / $FROM / $PLACE / $OWN"; yes
        env: {A: "\${{ steps.write.outputs.a }}", LONG: "\${{ steps.write.outputs.long }}", OWN: "\${{ env.FROM }}", PLACE: step}`);
        assert.deepEqual(lines, ["1=2 / x", "y / step / step / step", "mine"]);
        assert.equal(run.jobs.get("job")!.summary, "# Done\n");
    });

    it("should let a job's variables replace the workflow's, but not what steps have set", async () => {
        const { lines } = await printed(
            `
      - run: echo "$FROM $PLACE"; echo PLACE=set >> "$GITHUB_ENV"
      - run: echo "$FROM $PLACE"
      - run: echo "GITHUB_SHA=no" >> "$GITHUB_ENV"
      - run: echo "\${GITHUB_SHA:0:3}"`,
            "    env: {PLACE: job}\n",
        );
        assert.deepEqual(lines, ["workflow job", "workflow set", "aaa"]);
    });

    it("should hide secrets and what a step masks, also in summaries, and keep them out of outputs", async () => {
        const { lines, run } = await play(
            `
            on: push
            permissions: {}
            jobs:
              job:
                runs-on: x
                outputs: {plain: "\${{ steps.out.outputs.plain }}", secret: "\${{ steps.out.outputs.secret }}"}
                steps:
                  - run: |
                      echo "key $KEY"
                      echo "::add-mask::hidden%25"
                      echo "hidden% value"
                      echo "summary $KEY" >> "$GITHUB_STEP_SUMMARY"
                    env: {KEY: "\${{ secrets.KEY }}"}
                  - id: out
                    run: printf 'plain=shown\\nsecret=has hidden%% in it\\n' >> "$GITHUB_OUTPUT"`,
            push,
            { settings: { secrets: { KEY: "sesame" } } },
        );
        assert.deepEqual(lines, [
            "job: key ***",
            "job: *** value",
            "job: warning: Skip output 'secret' since it may contain secret.",
        ]);
        assert.equal(run.jobs.get("job")!.summary, "summary ***\n");
        assert.deepEqual(run.jobs.get("job")!.outputs, { plain: "shown" });
    });

    it("should run each shell as GitHub does", async () => {
        const { lines, result } = await printed(`
      - run: false | echo goes on
      - shell: bash
        run: false | echo ends
      - if: always()
        shell: sh
        run: "false; echo never"`);
        assert.deepEqual(lines, [
            "goes on",
            "ends",
            "error: Process completed with exit code 1.",
            "error: Process completed with exit code 1.",
        ]);
        assert.equal(result, "failure");
        await assert.rejects(printed("      - {shell: pwsh, run: exit}"), {
            message: 'The shell is "pwsh"; accepted by the sandbox\'s runner: bash, sh or none.',
        });
    });

    it("should take defaults from the job, then from the workflow", async () => {
        const { lines } = await printed(
            `
      - {working-directory: ., run: mkdir -p one two}
      - run: pwd | sed 's#.*/##'
      - {working-directory: two, run: "pwd | sed 's#.*/##'"}
      - {working-directory: missing, run: "true"}`,
            "    defaults: {run: {working-directory: one}}\n",
        );
        assert.deepEqual(lines, ["one", "two", 'error: The working directory "missing" does not exist.']);
    });

    it("should fail after their time, with everything that they have started", async () => {
        const start = Date.now();
        const { lines, result } = await printed(`
      - {timeout-minutes: 0.005, run: "sleep 20 & sleep 20"}
      - {if: failure(), run: echo told}`);
        assert.deepEqual(lines, ["error: The step has timed out after 0.005 minutes.", "told"]);
        assert.equal(result, "failure");
        assert.ok(Date.now() - start < 10_000);
    });

    it("should not wait for what runs in the background, which ends with the job", async () => {
        const { lines, run } = await printed(`
      - run: |
          sleep 60 &
          echo "pid=$!" >> "$GITHUB_ENV"
      - run: kill -0 "$pid" && echo runs; echo "$pid" > "$RUNNER_TEMP/pid"; echo "pid $pid"`);
        assert.equal(lines[0], "runs");
        const pid = Number(/\d+/.exec(lines[1]!)![0]);
        await sleep(50);
        assert.equal(isAlive(pid), false);
        assert.equal(run.conclusion, "success");
    });

    it("should fail when an expression can't be evaluated", async () => {
        const { lines, result } = await printed(`
      - run: echo never
        env: {X: "\${{ fromJSON(steps.none.outputs.text).a }}"}`);
        assert.match(lines[0]!, /^error: empty input/);
        assert.equal(result, "failure");
    });

    it("should use an action of the repository as one step", async () => {
        const { lines, run } = await play(
            `
            on: push
            permissions: {contents: read}
            env: {FROM: workflow}
            jobs:
              job:
                runs-on: x
                defaults: {run: {working-directory: none}}
                steps:
                  - uses: actions/checkout@v6
                  - {id: act, uses: ./.github/actions/greet, with: {name: Ada}, env: {FROM: step}}
                  - {working-directory: ., run: 'echo "$TEXT $LATER"', env: {TEXT: "\${{ steps.act.outputs.text }}"}}
                  - {id: bad, uses: ./.github/actions/greet, with: {name: Bob, fail: true}}
                  - {if: "failure() && steps.bad.outcome == 'failure'", working-directory: ., run: echo told}`,
            push,
            {
                files: {
                    ".github/actions/greet/action.yml": `
                    name: Greet
                    description: Greets
                    inputs:
                      name: {description: Who, required: true}
                      mark: {description: How, default: "!"}
                      fail: {description: Whether, default: "false"}
                    outputs:
                      text: {description: What, value: "\${{ steps.say.outputs.text }}"}
                    runs:
                      using: composite
                      steps:
                        - id: say
                          shell: bash
                          env: {NAME: "\${{ inputs.name }}\${{ inputs.mark }}"}
                          run: |
                            echo "text=Hello $NAME" >> "$GITHUB_OUTPUT"
                            echo "LATER=set" >> "$GITHUB_ENV"
                            echo "$FROM \${GITHUB_ACTION_PATH##*/}"
                        - {if: "inputs.fail == 'true'", shell: bash, run: exit 4}
                        - {if: failure(), shell: bash, run: echo "in the action"}
                        - {shell: bash, run: echo "its end"}`,
                },
            },
        );
        assert.deepEqual(
            lines.map((line) => line.replace(/^job: /, "")),
            [
                "step greet",
                "its end",
                "Hello Ada! set",
                "workflow greet",
                "error: Process completed with exit code 4.",
                "in the action",
                "told",
            ],
        );
        assert.deepEqual(resultsOf(run), { job: "failure" });
        assert.deepEqual(
            [...run.replaced].map(([what, { times }]) => `${what} ${times}`),
            ["actions/checkout 1"],
        );
    });

    it("should refuse an action that nothing replaces", async () => {
        await assert.rejects(printed("      - uses: someone/else@v1"), {
            name: "SandboxError",
            message: "The action someone/else has no replacement in the sandbox; add it to sandbox/runner/actions.ts.",
        });
    });

    it("should find no action before the checkout", async () => {
        const { lines } = await printed("      - uses: ./.github/actions/greet");
        assert.match(lines[0]!, /Can't find 'action\.yml' under '\.\/\.github\/actions\/greet'/);
    });
});
