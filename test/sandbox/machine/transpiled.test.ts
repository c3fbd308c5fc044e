import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../../sandbox/machine/instance";
import { transpile, transpiledArguments, transpileTo } from "../../../sandbox/machine/transpiled";

const main = "test/sandbox/support/program/main.ts";

describe("A transpiled program", () => {
    let folder: string;
    before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "transpiled-"))));
    after(() => fs.rmSync(folder, { recursive: true }));

    const run = (file: string, ...args: string[]) =>
        execa(process.execPath, [...transpiledArguments(file), ...args], { env: { NODE_OPTIONS: "" }, reject: false });

    it("should have the modules and packages that it imports", () => {
        const { modules, packages } = transpile("sandbox/parts/github/main.ts");
        assert.ok(modules.has("sandbox/parts/github/resources/rulesets.ts"));
        assert.ok(modules.has("sandbox/machine/part.ts"));
        assert.deepEqual([...packages].sort(), ["emulate", "graphql", "ignore", "minimatch", "zod"]);
    });

    it("should run with its arguments, and without a compiler", async () => {
        const file = path.join(folder, "program.json");
        transpileTo(file, main);
        const { stdout } = await run(file, "one", "two");
        assert.deepEqual(JSON.parse(stdout), { arguments: ["one", "two"], compilers: [] });
        assert.deepEqual(fs.readdirSync(folder), ["program.json"]);
    });

    it("should name the line of its source in an error", async () => {
        const file = path.join(folder, "program.json");
        transpileTo(file, main);
        const { exitCode, stderr } = await run(file, "fail");
        assert.equal(exitCode, 1);
        assert.match(stderr, new RegExp(`Error: on line 9\\n.*${path.join(projectRoot, main)}:9:`));
    });

    it("should say which module is missing", async () => {
        const file = path.join(folder, "incomplete.json");
        transpileTo(file, main);
        const program = JSON.parse(fs.readFileSync(file, "utf8")) as { modules: Record<string, string> };
        const rest = Object.entries(program.modules).filter(([name]) => !name.endsWith("/loaded.ts"));
        fs.writeFileSync(file, JSON.stringify({ ...program, modules: Object.fromEntries(rest) }));
        const { exitCode, stderr } = await run(file);
        assert.equal(exitCode, 1);
        assert.match(stderr, /program\/loaded\.ts is not in .*incomplete\.json, which has what .*main\.ts imports/);
    });
});
