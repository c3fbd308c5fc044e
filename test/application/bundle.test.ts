import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { compiledProgram, nodeFiles } from "../../sandbox/application/bundle";

describe("a compiled program with its Node.js", function () {
    this.timeout(60_000);

    let folder: string;
    before(async function () {
        // Only root can make a folder the whole file system of a process.
        if (process.getuid?.() !== 0) this.skip();
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "bundle-"));
        for (const file of [...(await nodeFiles()), ...compiledProgram("release/smoke.ts", "/smoke")]) {
            const target = path.join(folder, file.path);
            fs.mkdirSync(path.dirname(target), { recursive: true });
            fs.writeFileSync(target, file.content ?? fs.readFileSync(file.source!), { mode: file.mode ?? 0o644 });
        }
    });
    after(() => {
        if ((folder as string | undefined) !== undefined) fs.rmSync(folder, { recursive: true });
    });

    const smoke = (...args: string[]) =>
        execa("chroot", [folder, "/usr/local/bin/node", "/smoke/release/smoke.js", ...args], {
            reject: false,
            env: {},
        });

    it("needs nothing else of a machine", async () => {
        const { exitCode, stdout } = await smoke("--help");
        assert.equal(exitCode, 0);
        assert.match(stdout, /Usage: smoke/);
        assert.deepEqual(fs.readdirSync(path.join(folder, "smoke")).sort(), ["node_modules", "release"]);
        assert.deepEqual(fs.readdirSync(path.join(folder, "smoke", "node_modules")), ["commander"]);
        assert.deepEqual(fs.readdirSync(path.join(folder, "smoke", "release")).sort(), [
            "junit.js",
            "smoke-tests.js",
            "smoke.js",
        ]);
    });

    it("says by its exit code how it went", async () => {
        const wrong = await smoke("http://relaypacs.com");
        assert.equal(wrong.exitCode, 2, wrong.stderr);
        assert.match(wrong.stderr, /It must begin with https:\/\//);
    });

    it("refuses a package that is not installed", () => {
        const entry = path.join("test", "application", `missing-${process.pid}.ts`);
        const file = path.join(__dirname, path.basename(entry));
        fs.writeFileSync(file, 'import "relaypacs-no-such-package";\n');
        try {
            assert.throws(() => compiledProgram(entry, "/program"), {
                name: "SandboxError",
                message: 'the npm package relaypacs-no-such-package is not installed; run "npm ci"',
            });
        } finally {
            fs.rmSync(file);
        }
    });
});
