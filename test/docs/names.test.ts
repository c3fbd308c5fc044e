import * as assert from "node:assert/strict";
import { pages, wrongCommands, wrongLinks, wrongPaths, wrongReleaseCalls, wrongSettings, type Page } from "./names";

const rules: Readonly<Record<string, (page: Page) => string[]>> = {
    "files and folders": wrongPaths,
    "links and headings": wrongLinks,
    "commands of make, npm and npx": wrongCommands,
    "calls of release": wrongReleaseCalls,
    settings: wrongSettings,
};

const page = (text: string, file = "README.md"): Page => ({ file, text });

describe("names in documentation, templates and workflows", () => {
    it("should be looked for in every page", () => {
        const files = pages().map(({ file }) => file);
        for (const file of [
            "README.md",
            "CONTRIBUTING.md",
            "docs/architecture.md",
            "docs/guides/account-setup.md",
            "docs/runbooks/roll-back.md",
            "policies/README.md",
            "sandbox/parts/cloud/README.md",
            "release/observe/README.md",
            "templates/gateway/ci-cd.yml",
            ".github/workflows/deploy.yml",
        ])
            assert.ok(files.includes(file), file);
    });

    for (const [names, wrong] of Object.entries(rules))
        it(`should exist: ${names}`, () => {
            assert.deepEqual(pages().flatMap(wrong), []);
        });

    const cases: readonly (readonly [string, (page: Page) => string[], Page, string])[] = [
        [
            "a file in backticks",
            wrongPaths,
            page("see `delivery/gates/indx.ts`"),
            "README.md names delivery/gates/indx.ts, which does not exist",
        ],
        [
            "a folder in backticks",
            wrongPaths,
            page("see `delivery/gate/`"),
            "README.md names delivery/gate/, which does not exist",
        ],
        [
            "a folder beside the page",
            wrongPaths,
            page("`drill/pictures.ts`", "sandbox/README.md"),
            "sandbox/README.md names drill/pictures.ts, which does not exist",
        ],
        [
            "a file in a block of code",
            wrongPaths,
            page("```sh\nnode build/release/man.js\n```"),
            "README.md names build/release/man.js, which does not exist",
        ],
        [
            "a file in a comment of a template",
            wrongPaths,
            page("# see docs/setup.md", "templates/gateway/ci-cd.yml"),
            "templates/gateway/ci-cd.yml names docs/setup.md, which does not exist",
        ],
        [
            "a file by its name alone",
            wrongPaths,
            page("`laod.ts` asks"),
            "README.md names laod.ts, which does not exist",
        ],
        ["a link", wrongLinks, page("[one](docs/one.md)"), "README.md links to docs/one.md, which does not exist"],
        [
            "a heading",
            wrongLinks,
            page("[one](docs/runbooks/roll-back.md#5-never)"),
            "README.md links to docs/runbooks/roll-back.md#5-never, which has no such heading",
        ],
        [
            "a target of make",
            wrongCommands,
            page("run `make tests`"),
            'README.md says "make tests", which does not exist',
        ],
        [
            "a target of make in a block",
            wrongCommands,
            page('```\neval "$(make -s environment)"\n```'),
            'README.md says "make environment", which does not exist',
        ],
        [
            "a script of npm",
            wrongCommands,
            page("`npm ci && npm run compile`"),
            'README.md says "npm run compile", which does not exist',
        ],
        [
            "a program of npx",
            wrongCommands,
            page("`npx relaese check`"),
            'README.md says "npx relaese", which does not exist',
        ],
        [
            "a command of release",
            wrongReleaseCalls,
            page("`npx release judge --evidence e`"),
            'README.md says "release judge", which does not exist',
        ],
        [
            "an inner command of release",
            wrongReleaseCalls,
            page("`release observe smok`"),
            'README.md says "release observe smok", which does not exist',
        ],
        [
            "an option",
            wrongReleaseCalls,
            page("```\nnpx release check \\\n  --evidences e\n```"),
            'README.md says "release check --evidences", which is not an option of it',
        ],
        [
            "a value of an option",
            wrongReleaseCalls,
            page("`release check --checkpoint prod`"),
            'README.md says "release check --checkpoint prod", which is not accepted',
        ],
        [
            "a command that is named without release",
            wrongReleaseCalls,
            page("`rollback --dry`"),
            'README.md says "release rollback --dry", which is not an option of it',
        ],
        [
            "a setting",
            wrongSettings,
            page("`relaypacs:releases`"),
            "README.md names relaypacs:releases, which is not a setting",
        ],
        [
            "a field of a setting",
            wrongSettings,
            page("`relaypacs:repository.team`"),
            "README.md names relaypacs:repository.team, which is not a setting",
        ],
        [
            "a variable",
            wrongSettings,
            page("RELAYPACS_EVIDENCE"),
            "README.md names RELAYPACS_EVIDENCE, which is not a setting",
        ],
        [
            "a stack's variable",
            wrongSettings,
            page("RELAYPACS_STAGING_EVIDENCE"),
            "README.md names RELAYPACS_STAGING_EVIDENCE, which is not a setting",
        ],
    ];
    for (const [what, rule, wrong, says] of cases)
        it(`should be refused when they are wrong: ${what}`, () => {
            assert.deepEqual(rule(wrong), [says]);
        });
});
