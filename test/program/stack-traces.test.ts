import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { projectRoot } from "../support/project";

// Pulumi's own module, which declares nothing that it exports.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable") as {
    debuggablePromise(promise: Promise<void>, context: string): Promise<void>;
};

describe("The program's stack traces", () => {
    it("should be empty for the promises of Pulumi's runtime, which keeps thousands", async () => {
        const promise = Promise.resolve() as Promise<void> & { _debugStackTrace?: string };
        await debuggablePromise(promise, "test");
        assert.equal(promise._debugStackTrace, "");
    });

    it("should name lines of TypeScript for errors", () => {
        const [, top] = new Error("example").stack!.split("\n");
        const [, line] = /stack-traces\.test\.ts:(\d+):/.exec(top!) ?? [];
        const source = fs.readFileSync(path.join(projectRoot, "test/program/stack-traces.test.ts"), "utf8");
        assert.match(source.split("\n")[Number(line) - 1]!, /new Error\("example"\)/);
    });

    it("should be without the lines of Pulumi's runtime, some of which take Node.js 20 long to print in colours", async () => {
        const error = await new Promise<Error>((resolve) => {
            pulumi.output(1).apply(() => {
                resolve(new Error("example"));
            });
        });
        assert.match(error.stack!, /stack-traces\.test\.ts/);
        assert.doesNotMatch(error.stack!, /@pulumi/);
    });

    it("should be set up before the program imports anything else", () => {
        const [first] = fs.readFileSync(path.join(projectRoot, "index.ts"), "utf8").match(/^import .*$/m) ?? [];
        assert.equal(first, 'import "./program/stack-traces";');
    });
});
