import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { generated, referenceFolder } from "../../docs/generate/main";
import { settingsReference } from "../../docs/generate/settings";
import { variableOf } from "../../settings/parse";
import { schema, secretKeys } from "../../settings/schema";
import { projectRoot } from "../support/project";

const read = (file: string) => fs.readFileSync(path.join(projectRoot, file), "utf8");

describe("The generated documentation", () => {
    for (const [file, text] of generated())
        it(`should have ${file} as "make docs" writes it`, () => {
            assert.ok(read(file) === text, `${file} is out of date: run "make docs"`);
        });

    it("should be all that is in its folder", () => {
        const files = fs
            .readdirSync(path.join(projectRoot, referenceFolder), { recursive: true, withFileTypes: true })
            .filter((one) => one.isFile())
            .map((one) => path.relative(projectRoot, path.join(one.parentPath, one.name)));
        const written = [...generated().keys()].filter((file) => file.startsWith(`${referenceFolder}/`));
        assert.deepEqual(files.sort(), written.sort(), 'run "make docs"');
    });

    it("should have a row for every setting, with its variable, and mark secrets", () => {
        const rows = settingsReference().split("\n");
        for (const key of Object.keys(schema.shape)) {
            const row = rows.filter((line) => line.startsWith(`| \`${key}\``) && line.includes(variableOf(key)));
            assert.equal(row.length, 1, key);
            assert.equal(row[0]!.includes("(secret)"), (secretKeys as readonly string[]).includes(key), key);
        }
    });

    it("should show defaults as the schema applies them", () => {
        const text = settingsReference();
        assert.match(text, /\| `keepReleases` .* \| `30` \|/);
        assert.match(text, /\| `environment` .* \| \*\*required\*\* \|/);
        assert.match(text, /\| `cpuLimit` \| CPU a pod may use: a Kubernetes quantity such as 250m \| `"500m"` \|/);
    });

    it("should describe what every setting and every field accepts", () => {
        for (const line of settingsReference().split("\n"))
            if (line.startsWith("| `")) assert.doesNotMatch(line, /\| +\|/, line);
    });
});

describe("The documentation", () => {
    const folders = ["docs", "docs/guides", "docs/decisions", "docs/runbooks", "policies", "sandbox", "."];
    const pages = folders.flatMap((folder) =>
        fs
            .readdirSync(path.join(projectRoot, folder))
            .filter((name) => name.endsWith(".md"))
            .map((name) => path.join(folder, name)),
    );

    it("should link to files that exist", () => {
        let count = 0;
        for (const page of pages)
            for (const [, target] of read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)) {
                const file = path.join(path.dirname(page), target!);
                assert.ok(fs.existsSync(path.join(projectRoot, file)), `${page} links to ${target}`);
                count += 1;
            }
        assert.ok(count > 0);
    });

    it("should name commands of make that exist", () => {
        const targets = new Set([...read("Makefile").matchAll(/^([a-z-]+):/gm)].map((match) => match[1]));
        for (const page of pages)
            for (const [, target] of read(page).matchAll(/(?:^|`)make (?:-s )?([a-z][a-z-]+)/gm))
                assert.ok(targets.has(target), `${page} says make ${target}`);
    });

    it("should name pipeline secrets of AWS as the workflow reads them", () => {
        const setup = read("docs/guides/account-setup.md");
        const deploy = read(".github/workflows/deploy.yml");
        for (const [, name] of deploy.matchAll(/--secret-id "relaypacs\/\$STACK\/([a-z-]+)"/g))
            assert.ok(
                setup.includes(`relaypacs/$stack/${name}`),
                `docs/guides/account-setup.md does not create ${name}`,
            );
    });
});
