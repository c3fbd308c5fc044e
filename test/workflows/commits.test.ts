import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { caller, reusable, root } from "./files";
import { commit, run, step } from "./script";

const read = (file: string) => fs.readFileSync(path.join(root, file), "utf8");
const commitlint = path.join(root, "node_modules/@commitlint/cli/cli.js");

/** Titles that commitlint's own ignores let through. A pull request's title becomes a commit on main. */
const ignoredByDefault = [
    "Revert everything of last week",
    'Revert "everything of last week"',
    "revert feat(auth): add two factors",
    'Revert "feat: add two factors"',
    'Revert "feat(auth): add two factors',
    'Revert "feat(auth): "',
    'Revert "feat(auth): add two factors" and more',
    "Reapply it",
    "Merged PR 12: add two factors",
    "Merge branch 'feature' into main",
    "Automatic merge",
    "2.0.0",
    "chore(release): ",
    "fixup! feat(auth): add two factors",
    "squash! feat(auth): add two factors",
    "amend! feat(auth): add two factors",
];

/** What GitHub proposes as the title of a pull request that reverts another, and git as a message. */
const reverts = [
    'Revert "feat(x): y"',
    'Revert "feat(x)!: drop y (#12)"',
    `Revert "fix(upload): ${"x".repeat(87)}"`,
    'Reapply "feat(x): y"',
    'Revert "Reapply "feat(x): y""',
];

describe("The check of branch names", () => {
    const script = step("ci.yml", "commit-messages", "$BRANCH");

    it("should accept a kind, a ticket and a description", async () => {
        for (const BRANCH of [
            "feature/RP-123-add-2fa",
            "bugfix/RP-7-Chunk_merge.2",
            "hotfix/A2B-150-login",
            "dependabot/npm_and_yarn/frontend/vite-7.1.0",
            // GitHub's button "Revert" makes these.
            "revert-12-feature/RP-123-add-2fa",
            "revert-15-revert-12-hotfix/RP-150-login",
            "revert-16-dependabot/npm_and_yarn/frontend/vite-7.1.0",
        ])
            assert.equal((await run(script, { BRANCH })).code, 0, BRANCH);
    });

    it("should refuse any other name", async () => {
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
            "revert-12-main",
            "revert-feature/RP-123-add-2fa",
            "revert-0-feature/RP-123-add-2fa",
            "revert-12-feature/add-2fa",
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

    it("should run only for pull requests to main", () => {
        const judging = reusable("ci.yml").jobs["commit-messages"]!.steps!.find(({ env }) => env?.BRANCH);
        assert.equal(judging!.if, "${{ github.event_name == 'pull_request' && github.base_ref == 'main' }}");
    });
});

describe("The check of the gateway's commit messages", () => {
    const script = step("ci.yml", "commit-messages", "commitlint.config.mjs");
    /** A substitute for npm that installs the project's own packages. */
    const npm = `echo "npm $*" >> "$RUNNER_TEMP/calls"; ln -s "${path.join(root, "node_modules")}" node_modules`;
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
                programs: {
                    npm,
                    git: 'echo "git $*" >> "$RUNNER_TEMP/calls"; cat log',
                    node: `echo node >> "$RUNNER_TEMP/calls"; exec "${process.execPath}" "$@"`,
                },
            },
        );
    const refused = (text: string | undefined) =>
        [
            ...(text ?? "").matchAll(/^::error::The message is "(.*)"; accepted: <type>\(<scope>\): <subject> with/gm),
        ].map((match) => match[1]);

    it("should judge the commits of a pull request and its title", async () => {
        const { code, text, calls } = await judged(["feat(auth): add two factors", "test(e2e): add upload resume"]);
        assert.equal(code, 0, text);
        assert.equal(calls[0], "git log --no-merges --reverse --format=%s base..head");
        const packages = ["config-conventional", "lint", "load"].map((name) => `@commitlint/${name}@${version}`);
        assert.deepEqual(calls.slice(1), [
            `npm install --no-save --no-progress --no-audit --ignore-scripts ${packages.join(" ")}`,
            "node",
        ]);
    }).timeout(30_000);

    it("should judge each message, and the title, by type and scope", async () => {
        const { code, text } = await judged(["add two factors", "feat: add two factors", "docs(readme): say it"], {
            BASE: "base",
            HEAD: "head",
            TITLE: 'build(x): "quoted" $(id) `id`',
        });
        assert.equal(code, 1);
        assert.deepEqual(refused(text), ["add two factors", "feat: add two factors", 'build(x): "quoted" $(id) `id`']);
    }).timeout(30_000);

    it("should refuse what commitlint ignores by default, but not the revert of a change", async () => {
        // The first of each kind; the test of this repository's configuration, which is the same, has all.
        const bad = ["Revert everything of last week", "Merged PR 12: add two factors", "2.0.0", "fixup! feat(x): y"];
        const { code, text } = await judged([...bad, 'Revert "feat(x): y"']);
        assert.equal(code, 1);
        assert.deepEqual(refused(text), bad);
    }).timeout(120_000);

    it("should start commitlint once for all commits", async () => {
        const { calls, code, text } = await judged(
            Array.from({ length: 260 }, (_, at) => `fix(upload): mend part ${at}`),
        );
        assert.equal(code, 0, text);
        assert.equal(calls.filter((call) => call === "node").length, 1);
    }).timeout(30_000);

    it("should judge a commit without a subject", async () => {
        assert.deepEqual(refused((await judged(["fix(upload): mend it", "", "fix(upload): end it"])).text), [""]);
    }).timeout(30_000);

    it("should let Dependabot's titles have any length, and nothing else", async () => {
        const long = "@very-long-organisation/".repeat(6);
        const good = [
            `chore(deps): bump ${long}one from 1.0.0 to 1.0.1 in /frontend`,
            `chore(deps-dev): bump the ${long} group`,
        ];
        assert.deepEqual(refused((await judged(good)).text), []);
        const bad = [
            `chore(build): bump ${long}one`,
            `chore(deps): raise ${long}one`,
            `fix(deps): bump ${long}one`,
            "chore(deps): bump ",
        ];
        assert.deepEqual(refused((await judged(bad)).text), bad);
    }).timeout(30_000);

    it("should judge the pushed commit on main, without the number that GitHub adds", async () => {
        const subject = `fix(upload): ${"x".repeat(100 - 13)}`;
        const { code, text, calls } = await judged([`${subject} (#123)`], {});
        assert.equal(code, 0, text);
        assert.equal(calls[0], `git log --max-count 1 --format=%s ${commit}`);
        assert.deepEqual(refused((await judged(["mend it (#123)"], {})).text), ["mend it"]);
    }).timeout(30_000);

    it("should follow this project's own convention, with the same tool", () => {
        const [, written] = /<<'END'\n([^]*?)\nEND\n/.exec(script)!;
        assert.equal(`${written}\n`, read("commitlint.config.mjs").replace(/^\/\/.*\n/gm, ""));
        const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: Record<string, string> };
        const { env } = reusable("ci.yml").jobs["commit-messages"] as { env?: Record<string, string> };
        for (const name of ["cli", "config-conventional"])
            assert.equal(env!.COMMITLINT_VERSION, devDependencies[`@commitlint/${name}`]);
    });

    it("should run again when the title of a pull request changes", () => {
        for (const { on } of [caller, reusable("title.yml")]) {
            const { types } = on.pull_request as { types: string[] };
            assert.deepEqual(types, ["opened", "reopened", "synchronize", "edited"]);
        }
    });

    it("should skip no check when the title of a pull request changes, since a skipped one passes", () => {
        // GitHub's default: opened, synchronize, reopened.
        assert.deepEqual(Object.keys((reusable("pull-request.yml").on.pull_request as object) ?? {}), ["branches"]);
        for (const { jobs } of [caller, reusable("title.yml"), reusable("pull-request.yml")])
            for (const [id, job] of Object.entries(jobs)) assert.doesNotMatch(job.if ?? "", /event\.action/, id);
    });
});

describe("The check of this repository's commit messages", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-titles-"));
    after(() => {
        fs.rmSync(folder, { recursive: true });
    });
    const bin = path.join(folder, "bin");
    const git = async (...given: string[]) => {
        const who = { GIT_AUTHOR_NAME: "A", GIT_COMMITTER_NAME: "A", EMAIL: "a@example.com" };
        const env = { ...who, GIT_CONFIG_GLOBAL: "/dev/null" };
        return (await execa("git", given, { cwd: folder, env })).stdout;
    };
    const judge = async (script: string, variables: Readonly<Record<string, string>>) => {
        const options = { cwd: folder, env: { PATH: `${bin}:${process.env.PATH}`, ...variables }, reject: false };
        const { exitCode } = await execa("bash", ["-e", "-o", "pipefail", "-c", script], { ...options, all: true });
        return exitCode;
    };

    before(async () => {
        fs.mkdirSync(bin);
        fs.writeFileSync(path.join(bin, "npx"), `#!/bin/bash\nexec "${process.execPath}" "${commitlint}" "\${@:2}"\n`, {
            mode: 0o755,
        });
        fs.symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
        fs.copyFileSync(path.join(root, "commitlint.config.mjs"), path.join(folder, "commitlint.config.mjs"));
        await git("init", "--quiet");
    });

    it("should refuse titles that commitlint ignores by default, but not the revert of a change", async () => {
        // What the command of commitlint does, for all titles in one process.
        const program = `
            import lint from "@commitlint/lint";
            import load from "@commitlint/load";
            const { rules, defaultIgnores, ignores, parserPreset } = await load();
            const options = { defaultIgnores, ignores, parserOpts: parserPreset?.parserOpts };
            const isRefused = async (title) => !(await lint(title, rules, options)).valid;
            const titles = JSON.parse(process.argv[1]);
            const refused = await Promise.all(titles.map(isRefused));
            console.log(JSON.stringify(titles.filter((_, at) => refused[at])));`;
        const titles = JSON.stringify([...ignoredByDefault, ...reverts]);
        const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", program, titles], {
            cwd: folder,
        });
        assert.deepEqual(JSON.parse(stdout), ignoredByDefault);
    }).timeout(60_000);

    it("should judge the title of a pull request", async () => {
        const script = step("title.yml", "commit-messages", "$TITLE");
        assert.equal(await judge(script, { TITLE: "Revert everything of last week" }), 1);
        assert.equal(await judge(script, { TITLE: 'Revert "feat(x): y"' }), 0);
    }).timeout(60_000);

    it("should judge each commit of a pull request but merges", async () => {
        const commits = step("title.yml", "commit-messages", "$HEAD");
        const commitOf = async (message: string) => {
            await git("commit", "--quiet", "--allow-empty", "--message", message);
            return git("rev-parse", "HEAD");
        };
        const BASE = await commitOf("feat(x): begin");
        await git("switch", "--quiet", "--create", "other");
        await commitOf("feat(x): go on");
        await git("switch", "--quiet", "-");
        await commitOf("feat(x): go elsewhere");
        await git("merge", "--quiet", "--no-edit", "other");
        const HEAD = await git("rev-parse", "HEAD");
        assert.match(await git("show", "--no-patch", "--format=%s", HEAD), /^Merge branch 'other'/);
        assert.equal(await judge(commits, { BASE, HEAD }), 0);
        assert.equal(await judge(commits, { BASE, HEAD: await commitOf("fixup! feat(x): go on") }), 1);
    }).timeout(120_000);
});

describe("The commit hook", () => {
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

    it("should accept a commit by its message", async () => {
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

    it("should accept git's own message about a merge", async () => {
        await git("switch", "--quiet", "--create", "other");
        await git("commit", "--allow-empty", "--message", "feat(auth): add one more");
        await git("switch", "--quiet", "-");
        const merged = await git("merge", "--no-ff", "--no-edit", "other");
        assert.equal(merged.exitCode, 0, merged.all);
    }).timeout(60_000);

    it("should be switched on as CONTRIBUTING.md says", () => {
        assert.match(read("CONTRIBUTING.md"), /`npm run prepare`/);
        const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
        assert.equal(scripts.prepare, "sh .githooks/install.sh");
    });
});

describe("The check of what is staged", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-staged-"));
    after(() => {
        fs.rmSync(folder, { recursive: true });
    });
    const git = async (...given: string[]) => {
        const who = { GIT_AUTHOR_NAME: "A", GIT_COMMITTER_NAME: "A", EMAIL: "a@example.com" };
        const { exitCode, all } = await execa("git", given, {
            cwd: folder,
            reject: false,
            all: true,
            env: { ...who, GIT_CONFIG_GLOBAL: "/dev/null" },
        });
        return { exitCode, all };
    };
    const write = (file: string, text: string) => {
        fs.writeFileSync(path.join(folder, file), text);
    };
    const commit = async (files: Readonly<Record<string, string>>) => {
        for (const [file, text] of Object.entries(files)) write(file, text);
        await git("add", ...Object.keys(files));
        return git("commit", "--message", "feat(units): change them");
    };
    const used = 'import { metres } from "./length";\n\nexport const far: number = metres;\n';

    before(async () => {
        await git("init", "--quiet");
        await git("config", "core.hooksPath", path.join(root, ".githooks"));
        fs.symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
        for (const file of ["commitlint.config.mjs", "package.json", ".prettierrc.json", ".prettierignore"])
            fs.copyFileSync(path.join(root, file), path.join(folder, file));
        const { compilerOptions } = JSON.parse(read("tsconfig.json")) as { compilerOptions: object };
        write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }, null, 2) + "\n");
    });

    it("should accept files that are formatted and typed", async () => {
        const { exitCode, all } = await commit({ "length.ts": "export const metres = 1;\n", "far.ts": used });
        assert.equal(exitCode, 0, all);
    }).timeout(60_000);

    it("should refuse a file that is not formatted", async () => {
        const { exitCode, all } = await commit({ "length.ts": "export const  metres = 2\n" });
        assert.equal(exitCode, 1, all);
        assert.match(all!, /length\.ts[^]*Not formatted as \.prettierrc\.json says/);
    }).timeout(60_000);

    it("should refuse a type that a file which imports the staged one does not accept", async () => {
        const { exitCode, all } = await commit({ "length.ts": 'export const metres = "3";\n' });
        assert.equal(exitCode, 1, all);
        assert.match(all!, /far\.ts\(3,14\): error TS2322[^]*The types of what is staged are wrong/);
    }).timeout(60_000);

    it("should refuse the deletion of a file that another one imports", async () => {
        await git("reset", "--hard", "--quiet");
        await git("rm", "--quiet", "length.ts");
        const { exitCode, all } = await git("commit", "--message", "feat(units): delete one");
        assert.equal(exitCode, 1, all);
        assert.match(all!, /far\.ts\(1,24\): error TS2307/);
        await git("reset", "--hard", "--quiet");
    }).timeout(60_000);

    it("should judge what is staged, not what is in the working tree", async () => {
        write("length.ts", "export const metres = 4;\n");
        await git("add", "length.ts");
        write("length.ts", "export const  metres: string = 5\n");
        const staged = await git("commit", "--message", "feat(units): change one");
        assert.equal(staged.exitCode, 0, staged.all);
        const rest = await git("commit", "--all", "--message", "feat(units): change the rest");
        assert.equal(rest.exitCode, 1, rest.all);
    }).timeout(60_000);
});

describe("The script npm run prepare", () => {
    const prepared = async (git: boolean, env: Readonly<Record<string, string>>) => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-prepare-"));
        const options = { cwd: folder, env: { GIT_CONFIG_GLOBAL: "/dev/null", CI: "", ...env } };
        try {
            for (const file of ["package.json", ".npmrc"])
                fs.copyFileSync(path.join(root, file), path.join(folder, file));
            fs.cpSync(path.join(root, ".githooks"), path.join(folder, ".githooks"), { recursive: true });
            if (git) await execa("git", ["init", "--quiet"], options);
            await execa("npm", ["run", "prepare"], options);
            if (!git) return undefined;
            const { stdout } = await execa("git", ["config", "core.hooksPath"], { ...options, reject: false });
            return stdout;
        } finally {
            fs.rmSync(folder, { recursive: true });
        }
    };

    it("should have git run the hooks", async () => {
        assert.equal(await prepared(true, {}), ".githooks");
    });

    it("should leave continuous integration as it is", async () => {
        assert.equal(await prepared(true, { CI: "true" }), "");
    });

    it("should succeed in an archive, which has no .git", async () => {
        await prepared(false, {});
    });
});

describe("The Dependabot configuration of the gateway", () => {
    it("should be in the setup guide, and follow the commit convention", () => {
        const template = read("templates/gateway/dependabot.yml");
        assert.match(
            read("docs/guides/account-setup.md"),
            /\[templates\/gateway\/dependabot\.yml\]\([^)]*\) to\s+`\.github\/dependabot\.yml`/,
        );
        for (const ecosystem of ["github-actions", "pip", "npm"])
            assert.match(
                template,
                new RegExp(`package-ecosystem: ${ecosystem}\\n[^]*?prefix: chore\\n\\s+include: scope`),
            );
    });
});
