import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Command } from "commander";
import { execa } from "execa";
import { releaseProgram } from "../../release/main";
import { compiled } from "../support/build";
import { projectRoot } from "../support/project";

const missing = ["check", "--checkpoint", "production", "--evidence", "e", "--release", "missing.json", "--keys", "k"];
const answer = "release check: The release file missing.json does not exist; check the path.";

describe("The command line", function () {
    this.timeout(240_000);

    before(() => {
        compiled("release/main.js");
    });

    it("should run by npx in the project's folder, with the command's own exit code", async () => {
        const { exitCode, stderr } = await execa("npx", ["release", ...missing], { cwd: projectRoot, reject: false });
        assert.deepEqual([exitCode, stderr], [2, answer]);
    });

    it("should say that release state has another name now, and go on", async () => {
        const { stderr } = await execa("npx", ["release", "state", "--help"], { cwd: projectRoot, reject: false });
        assert.equal(stderr, "release state is now release attest; the old name goes in the next version.");
    });

    it("should hand arguments over as they are given", async () => {
        const given = `{"a": "b $HOME \`x\` 'y'"}`;
        const { stderr } = await execa("npx", ["release", "check", "--format", given], {
            cwd: projectRoot,
            reject: false,
        });
        assert.ok(stderr.includes(given), stderr);
    });

    it("should never be fetched from a registry, where a stranger has a package of that name", async () => {
        const { stdout } = await execa("npm", ["config", "get", "yes"], { cwd: projectRoot });
        assert.equal(stdout, "false", "npx would install what is not installed");
    });

    it("should be compiled again where an output was deleted", async () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "build-"));
        try {
            const script = path.join(folder, "scripts", "build.mjs");
            fs.mkdirSync(path.dirname(script));
            fs.copyFileSync(path.join(projectRoot, "scripts", "build.mjs"), script);
            fs.symlinkSync(path.join(projectRoot, "node_modules"), path.join(folder, "node_modules"));
            fs.writeFileSync(path.join(folder, "one.ts"), "export const one: number = 1;\n");
            const compilerOptions = { composite: true, outDir: "build", skipLibCheck: true, types: [] };
            const project = { compilerOptions, files: ["one.ts"] };
            fs.writeFileSync(path.join(folder, "tsconfig.build.json"), JSON.stringify(project));
            const output = path.join(folder, "build", "one.js");
            const build = () => execa("node", [script], { cwd: folder });
            await build();
            fs.rmSync(output);
            await build();
            assert.match(fs.readFileSync(output, "utf8"), /one = 1/);
        } finally {
            fs.rmSync(folder, { recursive: true });
        }
    });

    it("should say how to compile it where nothing is compiled", async () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "launcher-"));
        try {
            fs.mkdirSync(path.join(folder, "release"));
            const launcher = path.join(folder, "release", "bin.mjs");
            fs.copyFileSync(path.join(projectRoot, "release", "bin.mjs"), launcher);
            const { exitCode, stderr } = await execa("node", [launcher, ...missing], { reject: false });
            assert.deepEqual([exitCode, stderr], [2, "The command line is not compiled yet; run: npm run build"]);
        } finally {
            fs.rmSync(folder, { recursive: true });
        }
    });

    it("should load the called command alone", async () => {
        const script =
            'process.once("exit", () => console.log(Object.keys(require.cache).join("\\n")));' +
            `require(${JSON.stringify(compiled("release/main.js"))}).main();`;
        const { stdout } = await execa("node", ["-e", script, "release", ...missing], {
            cwd: projectRoot,
            reject: false,
        });
        assert.match(stdout, /release\/check\/command\.js/);
        assert.doesNotMatch(
            stdout,
            /@kubernetes|preact|@aws-sdk|typescript|ts-node|@pulumi|release\/(?:observe|report|watch)/,
        );
    });

    it("should let no command that signs choose the time", () => {
        const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
        const signing = all(releaseProgram()).filter(({ options }) => options.some(({ long }) => long === "--kms-key"));
        const name = (one: Command): string => [one.parent && name(one.parent), one.name()].filter(Boolean).join(" ");
        assert.deepEqual(
            ["release admit", "release attest", "release collect", "release observe soak"].filter(
                (expected) => !signing.some((one) => name(one) === expected),
            ),
            [],
        );
        for (const one of signing)
            for (const { long, hidden } of one.options) {
                assert.doesNotMatch(long ?? "", /^--(?:at|now|as-of|time|date|clock|issued.*)$/, name(one));
                assert.ok(!hidden, `${name(one)} ${long ?? ""} is hidden`);
            }
    });

    it("should have the commands that were called state and attest as one", () => {
        const names = releaseProgram().commands.flatMap((one) => [one.name(), ...one.aliases()]);
        assert.ok(names.includes("attest") && names.includes("state"));
        assert.deepEqual(
            releaseProgram("check").commands.map((one) => one.name()),
            ["check"],
        );
    });
});
