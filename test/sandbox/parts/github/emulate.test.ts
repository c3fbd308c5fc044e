import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { loadPlugin, pinned } from "../../../../sandbox/parts/github/emulate";
import { packageFile } from "../../../../sandbox/parts/github/packages";
import { projectRoot } from "../../../support/project";

describe("The GitHub plugin of emulate", () => {
    let folder: string;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-emulate-"));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    /** Lays out a package with a version and the text of the plugin's file. */
    function lay(version: string, plugin: string): void {
        fs.mkdirSync(path.join(folder, "dist"));
        fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ version, type: "module" }));
        fs.writeFileSync(path.join(folder, "dist", pinned.file), plugin);
    }

    it("should be in the file that is named for the version in package.json", async () => {
        const { devDependencies } = JSON.parse(fs.readFileSync(path.join(projectRoot, "package.json"), "utf8")) as {
            devDependencies: Readonly<Record<string, string>>;
        };
        assert.equal(devDependencies.emulate, pinned.version);
        assert.equal(typeof (await loadPlugin()).register, "function");
    });

    it("should be the one that emulate itself uses for GitHub", () => {
        const api = fs.readFileSync(packageFile("emulate", "dist", "api.js"), "utf8");
        const loads = /import\("\.\/([\w-]+\.js)"\);\s+return \{\s+plugin: mod\.githubPlugin/.exec(api);
        assert.equal(loads?.[1], pinned.file);
    });

    it("should not be taken from another version", async () => {
        lay("0.13.0", "export const githubPlugin = { register() {} };");
        await assert.rejects(loadPlugin(folder), {
            message:
                `emulate 0.13.0 is installed; accepted: 0.12.2, whose GitHub plugin is in dist/${pinned.file}. ` +
                'Run "npm ci", or name the new version and its file in sandbox/parts/github/emulate.ts',
        });
    });

    it("should not be taken from a file without it", async () => {
        lay(pinned.version, "export const gitlabPlugin = {};");
        await assert.rejects(loadPlugin(folder), {
            message: `dist/${pinned.file} of emulate 0.12.2 has no githubPlugin; name its file in sandbox/parts/github/emulate.ts`,
        });
    });
});
