import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { projectRoot } from "../support/project";
import * as world from "./world";

/** The block of README.md that judges the release of the sandbox. */
function judgingExample(): string {
    const text = fs.readFileSync(path.join(projectRoot, "README.md"), "utf8");
    const block = text.split("```").find((one) => one.includes("npx release check"));
    assert.ok(block !== undefined, "README.md has no example of release check");
    return block;
}

describe("README's example of judging a release", () => {
    let folder: string;
    before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-example-"))));
    after(() => {
        fs.rmSync(folder, { recursive: true });
    });

    it("should let staging's release pass and write the approver's page", async () => {
        const page = path.join(folder, "page.html");
        // Packages are installed, and the tests have a sandbox of their own.
        const script = judgingExample()
            .replace("npm ci && ", "")
            .replaceAll(".sandbox/main", `.sandbox/${world.instance.name}`)
            .replace("approver-page.html", page);
        const { exitCode, all } = await execa("bash", ["-euc", script], {
            cwd: projectRoot,
            all: true,
            reject: false,
            stdin: "ignore",
        });
        assert.equal(exitCode, 0, all);
        const { version } = JSON.parse(world.variables().RELAYPACS_RELEASE!) as { version: string };
        assert.ok(fs.readFileSync(page, "utf8").includes(version));
    });
});
