import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { definitionFiles, releases } from "../../../sandbox/toolchain/definitions";
import { projectRoot } from "../../support/project";

describe("The custom resource definitions", function () {
    this.timeout(240_000);
    for (const release of releases)
        it(`should be those of the release that the sandbox builds (else: "make definitions"): ${release.name}`, async () => {
            for (const [file, text] of Object.entries(await definitionFiles(release)))
                assert.equal(fs.readFileSync(path.join(projectRoot, file), "utf8"), text, file);
        });
});
