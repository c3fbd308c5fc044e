import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { accepts } from "../scripts/check-node.mjs";
import { projectRoot } from "./support/project";

const read = (file: string) => fs.readFileSync(path.join(projectRoot, file), "utf8");
const recommended = read(".node-version").trim();
const { engines } = JSON.parse(read("package.json")) as { readonly engines: { readonly node: string } };
const targets = /^\.PHONY: (.*)$/m.exec(read("Makefile"))![1]!.split(" ");
/** All but the list of commands need Node.js. */
const needingNode = targets.filter((target) => target !== "help");

const programPath = (name: string) =>
    (process.env.PATH ?? "")
        .split(path.delimiter)
        .map((folder) => path.join(folder, name))
        .find((file) => fs.existsSync(file))!;

describe("make", function () {
    this.timeout(60_000);
    let folder: string;
    const make = programPath("make");

    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-make-"));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    /** Calls a target with nothing else on PATH than what the test has put into the folder. */
    const called = (target: string) =>
        execa(make, [target], {
            cwd: projectRoot,
            env: { PATH: folder },
            extendEnv: false,
            reject: false,
            stdin: "ignore",
        });

    it("should have targets that need Node.js", () => {
        assert.ok(needingNode.length > 15, needingNode.join(" "));
    });

    for (const target of needingNode)
        it(`should say before everything that Node.js is not on PATH: make ${target}`, async () => {
            const { exitCode, stdout, stderr } = await called(target);
            assert.deepEqual([exitCode, stdout], [2, ""]);
            const [sentence, ending] = stderr.split("\n");
            assert.equal(
                sentence,
                `node is not on PATH; install Node.js ${recommended}, which brings node and npm, from https://nodejs.org/`,
            );
            assert.match(ending!, /^make: \*\*\* \[Makefile:\d+: node\] Error 1$/);
        });

    it("should say that npm is not on PATH where only node is", async () => {
        fs.symlinkSync(process.execPath, path.join(folder, "node"));
        assert.match((await called("status")).stderr, /^npm is not on PATH; install Node\.js /);
    });

    it("should say that Node.js is too old, and what is accepted", async () => {
        // This Node.js under an older version: 18 would have to be downloaded.
        const older = path.join(folder, "older.cjs");
        fs.writeFileSync(older, 'Object.defineProperty(process, "version", { value: "v18.20.8" });\n');
        const node = `#!/bin/sh\nexec '${process.execPath}' --require '${older}' "$@"\n`;
        for (const name of ["node", "npm"]) fs.writeFileSync(path.join(folder, name), node, { mode: 0o755 });
        const { exitCode, stderr } = await called("status");
        assert.equal(exitCode, 2);
        assert.equal(
            stderr.split("\n")[0],
            `Node.js 18.20.8 is on PATH (${process.execPath}); accepted: ${engines.node}; ` +
                `install version ${recommended} from https://nodejs.org/`,
        );
    });

    it("should list its commands without Node.js", async () => {
        fs.symlinkSync(programPath("awk"), path.join(folder, "awk"));
        const { exitCode, stdout } = await called("help");
        assert.equal(exitCode, 0);
        assert.match(stdout, /^ {2}make up /m);
    });
});

describe("The versions of Node.js that package.json accepts", () => {
    const versions: Readonly<Record<string, boolean>> = {
        "v18.20.8": false,
        "v20.18.3": false,
        "v20.19.0": true,
        "v20.20.2": true,
        "v21.7.3": false,
        "v22.12.0": false,
        "v22.13.0": true,
        "v23.11.1": false,
        "v24.0.0": true,
        "v26.1.0": true,
    };
    for (const [version, accepted] of Object.entries(versions))
        it(`should ${accepted ? "have" : "not have"} ${version}`, () => {
            assert.equal(accepts(version, engines.node), accepted);
        });

    it("should have the recommended one, and the one that runs these tests", () => {
        assert.ok(accepts(`v${recommended}`, engines.node), recommended);
        assert.ok(accepts(process.version, engines.node), process.version);
    });

    it("should not be read where they are written in another way", () => {
        assert.throws(() => accepts("v20.19.0", "~20.19"), {
            message: 'engines.node in package.json has "~20.19"; accepted: ^MAJOR.MINOR or >=MAJOR.MINOR',
        });
    });
});
