import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { play, push, resultsOf } from "./support";

describe("Attempts and artifacts of the sandbox's runner", () => {
    let folder: string;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-attempts-"));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    /** Jobs whose second one fails until a file is there. */
    const text = () => `
        on: push
        permissions: {}
        jobs:
          first: {runs-on: x, outputs: {at: "\${{ steps.a.outputs.at }}"}, steps: [{id: a, run: 'echo "at=$GITHUB_RUN_ATTEMPT" >> "$GITHUB_OUTPUT"; echo first'}]}
          left-out: {if: "false", runs-on: x, steps: [{run: "true"}]}
          second: {needs: first, runs-on: x, steps: [{run: 'echo "second $AT $GITHUB_RUN_ATTEMPT $GITHUB_RUN_ID"; test -e ${folder}/good', env: {AT: "\${{ needs.first.outputs.at }}"}}]}
          third: {needs: second, runs-on: x, steps: [{run: echo third}]}`;

    it("should repeat what did not succeed and what needs it, and keep the rest with its outputs", async () => {
        const { run, lines } = await play(text());
        assert.equal(run.conclusion, "failure");
        fs.writeFileSync(path.join(folder, "good"), "");
        await run.rerun("failed");
        assert.equal(run.conclusion, "success");
        assert.deepEqual(
            lines.filter((line) => !line.includes("error")),
            ["first: first", "second: second 1 1 1", "second: second 1 2 1", "third: third"],
        );
        assert.deepEqual(resultsOf(run), {
            first: "success",
            "left-out": "skipped",
            second: "success",
            third: "success",
        });
        assert.deepEqual([...run.jobs.values()].map(({ id, attempt }) => `${id} ${attempt}`).sort(), [
            "first 1",
            "left-out 1",
            "second 2",
            "third 2",
        ]);
    });

    it("should repeat everything", async () => {
        fs.writeFileSync(path.join(folder, "good"), "");
        const { run, lines } = await play(text());
        await run.rerun("all");
        assert.deepEqual(lines.slice(3), ["first: first", "second: second 2 2 1", "third: third"]);
        assert.equal(run.attempt, 2);
    });

    it("should repeat one job of a called workflow with what needs it, and keep outputs that it does not set again", async () => {
        const called = `
            on: {workflow_call: {outputs: {result: {value: "\${{ jobs.tests.outputs.result }}"}}}}
            permissions: {}
            jobs:
              lint: {runs-on: x, steps: [{run: echo lint}]}
              tests: {runs-on: x, outputs: {result: "\${{ steps.a.outputs.result }}"}, steps: [{run: test ! -e ${folder}/bad}, {id: a, run: 'echo "result=success" >> "$GITHUB_OUTPUT"'}]}`;
        const { run, lines } = await play(
            `
            on: push
            permissions: {}
            jobs:
              ci: {uses: ./.github/workflows/called.yml}
              other: {runs-on: x, steps: [{run: echo other}]}
              check: {needs: ci, if: always(), runs-on: x, steps: [{run: 'echo "$RESULT"', env: {RESULT: "\${{ needs.ci.result }} \${{ needs.ci.outputs.result }}"}}]}`,
            push,
            { files: { ".github/workflows/called.yml": called } },
        );
        fs.writeFileSync(path.join(folder, "bad"), "");
        await run.rerun({ job: "ci / tests" });
        const count = (line: string) => lines.filter((one) => one === line).length;
        assert.deepEqual([count("ci / lint: lint"), count("other: other")], [1, 1]);
        assert.equal(run.jobs.get("ci / tests")!.result, "failure");
        assert.deepEqual(
            lines.filter((line) => line.startsWith("check: ")),
            ["check: success success", "check: failure success"],
        );
        await assert.rejects(run.rerun({ job: "tests" }), /: Run 1 has no job "tests"; it has .*\bci \/ tests\b/);
    });

    it("should keep artifacts by their names, once in an attempt, the newest of several attempts", async () => {
        const { run, lines } = await play(`
            on: push
            permissions: {}
            jobs:
              up:
                runs-on: x
                steps:
                  - run: mkdir -p out/in; echo "$GITHUB_RUN_ATTEMPT" > out/in/a.txt; echo h > out/.hidden; echo one > one; echo two > out/two
                  - {uses: actions/upload-artifact@v4, with: {name: reports-out, path: out}}
                  - uses: actions/upload-artifact@v4
                    with:
                      name: reports-both
                      path: |
                        one
                        out/two
                  - {uses: actions/upload-artifact@v4, with: {name: empty, path: nothing}}
              down:
                needs: up
                runs-on: x
                steps:
                  - {uses: actions/download-artifact@v4, with: {name: reports-out, path: got}}
                  - {uses: actions/download-artifact@v4, with: {pattern: reports-*, path: all}}
                  - run: cat got/in/a.txt; find got all -type f | sort | paste -s -d ' '
                  - {uses: actions/download-artifact@v4, with: {name: empty}}
              twice:
                needs: up
                runs-on: x
                steps:
                  - {run: echo x > x}
                  - {uses: actions/upload-artifact@v4, with: {name: reports-out, path: x}}
              strict: {runs-on: x, steps: [{uses: actions/upload-artifact@v4, with: {path: nothing, if-no-files-found: error}}]}`);
        const of = (job: string) =>
            lines.filter((line) => line.startsWith(`${job}: `)).map((line) => line.slice(job.length + 2));
        assert.deepEqual(of("up"), [
            "warning: No files were found with the provided path: nothing. No artifacts will be uploaded.",
        ]);
        assert.deepEqual(of("down"), [
            "1",
            "all/reports-both/one all/reports-both/out/two all/reports-out/in/a.txt all/reports-out/two got/in/a.txt got/two",
            "error: Unable to download artifact(s): Artifact not found for name: empty",
        ]);
        assert.deepEqual(of("twice"), [
            "error: Failed to CreateArtifact: an artifact with the name reports-out already exists on the workflow run.",
        ]);
        assert.deepEqual(of("strict"), [
            "error: No files were found with the provided path: nothing. No artifacts will be uploaded.",
        ]);
        await run.rerun("all");
        assert.equal(of("down")[3], "2");
    });

    it("should say where an artifact is, and name one without an archive like its file", async () => {
        const { lines } = await play(`
            on: push
            permissions: {}
            jobs:
              a:
                runs-on: x
                steps:
                  - run: echo page > page.html; echo other > other
                  - {id: up, uses: actions/upload-artifact@v7, with: {path: page.html, archive: false}}
                  - run: echo "$ID $URL"
                    env: {ID: "\${{ steps.up.outputs.artifact-id }}", URL: "\${{ steps.up.outputs.artifact-url }}"}
                  - {uses: actions/download-artifact@v4, with: {name: page.html, path: got}}
                  - run: cat got/page.html
                  - uses: actions/upload-artifact@v7
                    with:
                      archive: false
                      path: |
                        page.html
                        other`);
        assert.deepEqual(lines, [
            "a: 1 https://github.com/relaypacs/gateway/actions/runs/1/artifacts/1",
            "a: page",
            "a: error: When archive is false, only a single file can be uploaded",
        ]);
    });

    it("should check out only what the job may read", async () => {
        const checkout = (given: string, permissions = "contents: read") =>
            play(
                `
                on: push
                permissions: {}
                jobs:
                  a:
                    permissions: {${permissions}}
                    runs-on: x
                    steps: [{uses: actions/checkout@v6, with: {${given}}}, {run: "cat commit */commit 2> /dev/null || true"}]`,
                push,
            ).then(({ lines }) => lines);
        assert.deepEqual(await checkout(""), [`a: ${"a".repeat(40)}`]);
        assert.deepEqual(await checkout("path: inside, ref: other"), ["a: other"]);
        assert.deepEqual(await checkout("", ""), [
            "a: error: remote: Repository not found.: https://github.com/relaypacs/gateway",
        ]);
        assert.deepEqual(await checkout("repository: relaypacs/platform, token: t"), [
            "a: error: remote: Repository not found.: https://github.com/relaypacs/platform",
        ]);
    });
});
