import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { caller, reusable, root } from "./files";
import { commit, run, step } from "./script";

const read = (file: string) => fs.readFileSync(path.join(root, file), "utf8");
const commitlint = path.join(root, "node_modules/@commitlint/cli/cli.js");

describe("the names of branches", () => {
    const script = step("ci.yml", "commit-messages", "$BRANCH");

    it("are a kind, a ticket and a description", async () => {
        for (const BRANCH of [
            "feature/RP-123-add-2fa",
            "bugfix/RP-7-Chunk_merge.2",
            "hotfix/A2B-150-login",
            "dependabot/npm_and_yarn/frontend/vite-7.1.0",
        ])
            assert.equal((await run(script, { BRANCH })).code, 0, BRANCH);
    });

    it("are refused otherwise", async () => {
        for (const BRANCH of [
            "add-2fa",
            "feature/add-2fa",
            "feature/RP-123",
            "feature/RP-123-",
            "feature/RP-0-x",
            "feature/rp-123-add-2fa",
            "features/RP-123-add-2fa",
            "x/feature/RP-123-add-2fa",
            "feature/RP-123-add/2fa",
            "feature/RP-123-$(id)",
            "dependabot/",
            "",
        ]) {
            const { code, text } = await run(script, { BRANCH });
            assert.equal(code, 1, BRANCH);
            assert.equal(
                text,
                `::error::The branch is "${BRANCH}"; accepted: feature/, bugfix/ or hotfix/, then ticket and ` +
                    "description, for example feature/RP-123-add-2fa.",
            );
        }
    });

    it("matter on the way to main only", () => {
        const judging = reusable("ci.yml").jobs["commit-messages"]!.steps!.find(({ env }) => env?.BRANCH);
        assert.equal(judging!.if, "${{ github.event_name == 'pull_request' && github.base_ref == 'main' }}");
    });
});

describe("the messages of the gateway's commits", () => {
    const script = step("ci.yml", "commit-messages", "commitlint.config.mjs");
    /** The project's own commitlint in place of the one that npx fetches. */
    const npx = `
        printf '%s\\n' "$*" >> "$RUNNER_TEMP/calls"
        while [[ "$1" != commitlint ]]; do shift; done
        exec "${process.execPath}" "${commitlint}" "\${@:2}"`;
    const version = "0.0.0";
    const judged = (
        subjects: readonly string[],
        variables: Readonly<Record<string, string>> = { BASE: "base", HEAD: "head", TITLE: "fix(upload): mend it" },
    ) =>
        run(
            script,
            { GITHUB_SHA: commit, COMMITLINT_VERSION: version, BASE: "", HEAD: "", TITLE: "", ...variables },
            {
                files: { log: subjects.map((one) => `${one}\n`).join("") },
                programs: { npx, git: 'echo "git $*" >> "$RUNNER_TEMP/calls"; cat log' },
            },
        );
    const refused = (text: string | undefined) =>
        [
            ...(text ?? "").matchAll(/^::error::The message is "(.*)"; accepted: <type>\(<scope>\): <subject> with/gm),
        ].map((match) => match[1]);

    it("are those of a pull request, and its title", async () => {
        const { code, text, calls } = await judged(["feat(auth): add two factors", "test(e2e): add upload resume"]);
        assert.equal(code, 0, text);
        assert.equal(calls[0], "git log --no-merges --reverse --format=%s base..head");
        const fetched = ["cli", "config-conventional"].map((name) => `--package @commitlint/${name}@${version}`);
        assert.deepEqual(calls.slice(1), Array(3).fill(`--yes ${fetched.join(" ")} -- commitlint`));
    }).timeout(30_000);

    it("are each judged, the title as well, by type and scope", async () => {
        const { code, text } = await judged(["add two factors", "feat: add two factors", "docs(readme): say it"], {
            BASE: "base",
            HEAD: "head",
            TITLE: 'build(x): "quoted" $(id) `id`',
        });
        assert.equal(code, 1);
        assert.deepEqual(refused(text), ["add two factors", "feat: add two factors", 'build(x): "quoted" $(id) `id`']);
    }).timeout(30_000);

    it("on main are that of the commit that was pushed, without the number that GitHub adds", async () => {
        const subject = `fix(upload): ${"x".repeat(100 - 13)}`;
        const { code, text, calls } = await judged([`${subject} (#123)`], {});
        assert.equal(code, 0, text);
        assert.equal(calls[0], `git log --max-count 1 --format=%s ${commit}`);
        assert.deepEqual(refused((await judged(["mend it (#123)"], {})).text), ["mend it"]);
    }).timeout(30_000);

    it("follow this project's own convention, by the same tool", () => {
        const [, written] = /<<'END'\n([^]*?)\nEND\n/.exec(script)!;
        assert.equal(`${written}\n`, read("commitlint.config.mjs").replace(/^\/\/.*\n/gm, ""));
        const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: Record<string, string> };
        const { env } = reusable("ci.yml").jobs["commit-messages"] as { env?: Record<string, string> };
        for (const name of ["cli", "config-conventional"])
            assert.equal(env!.COMMITLINT_VERSION, devDependencies[`@commitlint/${name}`]);
    });

    it("are judged anew when the title has changed", () => {
        const { types } = caller.on.pull_request as { types: string[] };
        assert.deepEqual(types, ["opened", "reopened", "synchronize", "edited"]);
    });
});

describe("the commit hook", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-hook-"));
    after(() => {
        fs.rmSync(folder, { recursive: true });
    });
    const git = (...given: string[]) =>
        execa("git", given, {
            cwd: folder,
            reject: false,
            all: true,
            env: {
                ...Object.fromEntries(["AUTHOR", "COMMITTER"].map((who) => [`GIT_${who}_NAME`, "A"])),
                ...Object.fromEntries(["AUTHOR", "COMMITTER"].map((who) => [`GIT_${who}_EMAIL`, "a@example.com"])),
                GIT_CONFIG_GLOBAL: "/dev/null",
            },
        });

    it("lets a commit in by its message", async () => {
        await git("init", "--quiet");
        await git("config", "core.hooksPath", path.join(root, ".githooks"));
        fs.symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
        for (const file of ["commitlint.config.mjs", "package.json"])
            fs.copyFileSync(path.join(root, file), path.join(folder, file));
        const good = await git("commit", "--allow-empty", "--message", "feat(auth): add two factors");
        assert.equal(good.exitCode, 0, good.all);
        const bad = await git("commit", "--allow-empty", "--message", "add two factors");
        assert.equal(bad.exitCode, 1, bad.all);
        assert.match(bad.all, /type may not be empty/);
        assert.equal((await git("rev-list", "--count", "HEAD")).stdout, "1");
    }).timeout(60_000);

    it("is switched on as the README says", () => {
        assert.match(read("README.md"), /`git config core\.hooksPath \.githooks`/);
    });
});

describe("Dependabot in the gateway's repository", () => {
    it("has the name of its template in the setup, and keeps to the convention", () => {
        const template = read("docs/gateway-dependabot.yml");
        assert.match(read("docs/account-setup.md"), /\[gateway-dependabot\.yml\].*`\.github\/dependabot\.yml`/);
        for (const ecosystem of ["github-actions", "pip", "npm"])
            assert.match(
                template,
                new RegExp(`package-ecosystem: ${ecosystem}\\n[^]*?prefix: chore\\n\\s+include: scope`),
            );
    });
});
