import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as path from "node:path";

/** Runs a program in a process of its own, where the SDK has not been loaded, and gives what it prints. */
const printed = (program: string): unknown =>
    JSON.parse(
        execFileSync(process.execPath, ["-r", "ts-node/register", "-e", program], {
            cwd: path.join(__dirname, "../../.."),
            encoding: "utf8",
        }),
    );

const heavy = ["/@pulumi/pulumi/automation/stack.js", "/@npmcli/arborist/lib/arborist/index.js"];
const isLoaded = `(part) => Object.entries(require.cache).some(([file, { loaded }]) => loaded && file.endsWith(part))`;

describe("Loading the SDK's modules late", () => {
    it("should leave the heaviest of them when the pack loads the SDK, and load one when something of it is used", () => {
        const program = `
            require("./policies/shared/late-modules");
            const pulumi = require("@pulumi/pulumi");
            require("@pulumi/policy");
            const loaded = () => ${JSON.stringify(heavy)}.map(${isLoaded});
            const before = loaded();
            const { LocalWorkspace } = pulumi.automation;
            const arborist = require("@npmcli/arborist");
            const isClass = typeof arborist.default === "function" && "Arborist" in arborist;
            console.log(JSON.stringify({ before, workspace: typeof LocalWorkspace.create, isClass, after: loaded() }));
        `;
        assert.deepEqual(printed(program), {
            before: [false, false],
            workspace: "function",
            isClass: true,
            after: [true, true],
        });
    });

    it("should be needed: without it, the SDK loads them", () => {
        const program = `
            require("@pulumi/policy");
            console.log(JSON.stringify(${JSON.stringify(heavy)}.map(${isLoaded})));
        `;
        assert.deepEqual(printed(program), [true, true]);
    });
});
