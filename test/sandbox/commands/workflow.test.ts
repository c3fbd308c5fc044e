import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { runWorkflow } from "../../../sandbox/commands/workflow";

describe("make workflow", () => {
    let folder: string;
    const git = (...args: string[]) =>
        execa("git", ["-c", "user.name=Dana", "-c", "user.email=dana@example.com", ...args], { cwd: folder });

    before(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-own-workflow-"));
        await git("init", "--quiet", "--initial-branch", "main");
        await git("commit", "--quiet", "--allow-empty", "--message", "feat(base): begin");
        await git("switch", "--quiet", "--create", "change");
        fs.mkdirSync(path.join(folder, ".github/workflows"), { recursive: true });
        fs.writeFileSync(
            path.join(folder, ".github/workflows/check.yml"),
            `
on: pull_request
permissions: {}
jobs:
  first:
    permissions: {contents: read}
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v6
      - {run: 'git log --format=%s "$BASE..$HEAD"; echo "$TITLE"', env: {BASE: "\${{ github.event.pull_request.base.sha }}", HEAD: "\${{ github.event.pull_request.head.sha }}", TITLE: "\${{ github.event.pull_request.title }}"}}
  second: {needs: first, runs-on: x, steps: [{run: test ! -e "$GITHUB_WORKSPACE/bad"}]}
  third: {runs-on: x, services: {database: {image: "postgres:16"}}, steps: [{run: exit 1}]}
`,
        );
        fs.writeFileSync(
            path.join(folder, ".github/workflows/manual.yml"),
            "on: workflow_dispatch\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
        );
        await git("add", ".");
        await git("commit", "--quiet", "--message", "fix(change): correct it");
    });
    after(() => {
        fs.rmSync(folder, { recursive: true });
    });

    const played = async (file: string, jobs?: readonly string[]) => {
        const lines: string[] = [];
        const good = await runWorkflow(folder, file, {
            base: "main",
            ...(jobs && { jobs }),
            print: (line) => lines.push(line.replace(/after [\d.]+ s/, "after N s")),
        });
        return { good, lines };
    };

    it("should run the jobs of the present commit, and say what did not run itself", async () => {
        const { good, lines } = await played("check.yml");
        assert.equal(good, false);
        assert.deepEqual(
            lines.filter((line) => line.includes("first") || line.includes("second")),
            [
                "first | fix(change): correct it",
                "first | fix(change): correct it",
                "✔ first: success after N s",
                "✔ second: success after N s",
            ],
        );
        assert.ok(lines.includes("✖ third: failure after N s"), lines.join("\n"));
        assert.deepEqual(lines.slice(-2).sort(), [
            "actions/checkout (1) did not run itself: it clones a repository of this machine, with its whole history, because the action asks GitHub",
            "service container database (1) did not run itself: it is not started, because there is no container engine",
        ]);
    });

    it("should run only the jobs that are asked for, with what they need", async () => {
        const { good, lines } = await played("check.yml", ["second"]);
        assert.equal(good, true);
        assert.ok(lines.includes("✔ first: success after N s"));
        assert.ok(lines.includes("· third: skipped, it was not asked for"));
    });

    it("should say what there is when something is not there", async () => {
        await assert.rejects(played("check.yml", ["fourth"]), {
            name: "SandboxError",
            message: '.github/workflows/check.yml has no job "fourth"; it has first, second, third.',
        });
        await assert.rejects(played("none.yml"), {
            name: "SandboxError",
            message:
                /^The commit [0-9a-f]{40} has no \.github\/workflows\/none\.yml; it has \.github\/workflows\/check\.yml, /,
        });
        await assert.rejects(played("manual.yml"), {
            message: 'manual.yml does not start on a pull request to main; see "on" in it.',
        });
    });
});
