import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { compiled } from "../support/build";
import { projectRoot } from "../support/project";

const typescript = ["-r", "ts-node/register"];
const source = (file: string) => path.join(projectRoot, file);

/** Runs a program of Node.js whose output no one reads. Returns its exit code and what it says to standard error. */
async function unread(...args: readonly string[]): Promise<{ exitCode: number; stderr: string }> {
    const child = spawn(process.execPath, args, { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const [exitCode] = (await once(child, "close")) as [number];
    return { exitCode, stderr };
}

describe("A program whose reader has left", function () {
    this.timeout(240_000);

    before(() => {
        compiled("release/main.js");
    });

    it("should end with a stack trace by default, which is why it must be told not to", async () => {
        // Writes twice: the error comes between both.
        const script = "console.log(1); setTimeout(() => console.log(2), 50)";
        const { exitCode, stderr } = await unread("-e", script);
        assert.equal(exitCode, 1);
        assert.match(stderr, /EPIPE/);
    });

    it("should finish what it does, with its own exit code", async () => {
        const script =
            `require(${JSON.stringify(source("release/shared/closed-output"))}).outliveOutput();` +
            `console.log(1); setTimeout(() => { console.log(2); console.error("done"); process.exitCode = 3 }, 50)`;
        assert.deepEqual(await unread(...typescript, "-e", script), { exitCode: 3, stderr: "done\n" });
    });

    const programs: Readonly<Record<string, readonly string[]>> = {
        release: ["release/bin.mjs", "check", "--help"],
        "release, compiled, started by itself": ["build/release/main.js", "check", "--help"],
        "the smoke tests": ["build/release/smoke/main.js", "--help"],
        "the sandbox's commands": [...typescript, "sandbox/main.ts", "--help"],
        "make env": [...typescript, "sandbox/main.ts", "env", "--instance", "test"],
    };
    for (const [name, args] of Object.entries(programs))
        it(`should print no stack trace: ${name}`, async () => {
            assert.deepEqual(await unread(...args), { exitCode: 0, stderr: "" });
        });
});
