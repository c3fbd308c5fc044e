import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { compiledProgram, nodeFiles } from "../../../sandbox/application/bundle";
import { projectRoot } from "../../support/project";

describe("A compiled program with its Node.js", function () {
    this.timeout(60_000);

    let folder: string;
    before(async function () {
        // Only root may change the root of a process's file system.
        if (process.getuid?.() !== 0) this.skip();
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "bundle-"));
        for (const file of [...(await nodeFiles()), ...compiledProgram("release/smoke/main.ts", "/smoke")]) {
            const target = path.join(folder, file.path);
            fs.mkdirSync(path.dirname(target), { recursive: true });
            fs.writeFileSync(target, file.content ?? fs.readFileSync(file.source!), { mode: file.mode ?? 0o644 });
        }
    });
    after(() => {
        if ((folder as string | undefined) !== undefined) fs.rmSync(folder, { recursive: true });
    });

    const smoke = (...args: string[]) =>
        execa("chroot", [folder, "/usr/local/bin/node", "/smoke/release/smoke/main.js", ...args], {
            reject: false,
            env: {},
        });

    it("should need nothing else of a machine", async () => {
        const { exitCode, stdout } = await smoke("--help");
        assert.equal(exitCode, 0);
        assert.match(stdout, /Usage: smoke/);
        assert.deepEqual(fs.readdirSync(path.join(folder, "smoke")).sort(), ["delivery", "node_modules", "release"]);
        assert.deepEqual(fs.readdirSync(path.join(folder, "smoke", "node_modules")), ["commander"]);
        const own = fs.readdirSync(path.join(folder, "smoke"), { recursive: true, encoding: "utf8" });
        assert.deepEqual(own.filter((file) => file.endsWith(".js") && !file.startsWith("node_modules/")).sort(), [
            "delivery/core/metrics.js",
            "release/shared/closed-output.js",
            "release/shared/junit.js",
            "release/smoke/main.js",
            "release/smoke/smoke-tests.js",
        ]);
    });

    it("should report by its exit code how it ended", async () => {
        const wrong = await smoke("http://relaypacs.com");
        assert.equal(wrong.exitCode, 2, wrong.stderr);
        assert.match(wrong.stderr, /It must begin with https:\/\//);
    });

    it("should not include a package that is not installed", () => {
        // Other checks, which may run at the same time, read no sources there.
        const entry = path.join("build", `missing-${process.pid}.ts`);
        const file = path.join(projectRoot, entry);
        fs.mkdirSync(path.dirname(file), { recursive: true });
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
