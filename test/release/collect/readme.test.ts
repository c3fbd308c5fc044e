import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parseManifest } from "../../../release/collect/manifest";
import { tools, trivyVersion } from "../../fixtures/regenerate/tools";
import { projectRoot } from "../../support/project";
import { readers } from "../../../release/collect/readers";

const readme = fs.readFileSync(path.join(projectRoot, "release/collect/README.md"), "utf8");

describe("The documentation of release collect", () => {
    it("should have an example of a manifest that is accepted, with an exit code in each entry", () => {
        const example = /```yaml\n([^]*?)```/.exec(readme)![1]!;
        const { reports } = parseManifest(example, "reports.yaml");
        assert.ok(reports.length >= 9);
        for (const one of reports) assert.equal(one.exitCode, 0, one.kind);
    });

    it("should name the command of every kind of report", () => {
        for (const kind of Object.keys(readers)) assert.ok(readme.includes(`| \`${kind}\``), kind);
    });

    it("should name the releases that the fixtures are from", () => {
        const table = readme.slice(readme.indexOf("## Which states are told apart"));
        // Parts of a tool that is in the table, and what only its installation needs.
        const parts = new Set([
            ...["pytest-cov", "lxml", "setuptools", "pytest-timeout", "@vitest/coverage-istanbul"],
            ...["eslint-plugin-security", "typescript-eslint"],
        ]);
        const versions = Object.values(tools).flatMap(({ packages }) => Object.entries<string>(packages));
        for (const [name, version] of [...versions, ["trivy", trivyVersion.slice(1)] as const])
            if (!parts.has(name)) assert.ok(table.includes(version), `${name} ${version}`);
    });
});
