import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PassThrough } from "node:stream";
import { readDurations, recordDuration } from "../../../sandbox/machine/durations";
import { SandboxError } from "../../../sandbox/machine/part";
import { inTurn, runSteps, type Step } from "../../../sandbox/machine/steps";

describe("The steps of a command", () => {
    let records: string;
    let stream: PassThrough;
    let events: string[];

    beforeEach(() => {
        records = fs.mkdtempSync(path.join(os.tmpdir(), "steps-"));
        stream = new PassThrough();
        events = [];
    });
    afterEach(() => {
        fs.rmSync(records, { recursive: true });
    });

    const step = (title: string, after: readonly string[] = [], error?: Error): Step => ({
        title,
        after,
        run: async () => {
            events.push(`${title} begins`);
            await new Promise((resolve) => setImmediate(resolve));
            if (error !== undefined) throw error;
            events.push(`${title} ends`);
        },
    });
    const run = (steps: readonly Step[], heading?: string) =>
        runSteps(steps, { output: stream, records, ...(heading === undefined ? {} : { heading }) });

    it("should run side by side unless one waits for another", async () => {
        await run([step("a"), step("b"), step("c", ["a", "b"])]);
        assert.deepEqual(events.slice(0, 2), ["a begins", "b begins"]);
        assert.deepEqual(events.slice(-2), ["c begins", "c ends"]);
        events = [];
        await run(inTurn([step("a"), step("b")]));
        assert.deepEqual(events, ["a begins", "a ends", "b begins", "b ends"]);
    });

    it("should complete what is under way when one fails, begin no other, and name all failures", async () => {
        const failing = [
            step("a", [], new SandboxError("a is broken; mend it")),
            step("b"),
            step("c", [], new SandboxError("c is broken; mend it")),
            step("d", ["b"]),
        ];
        await assert.rejects(run(failing), {
            name: "SandboxError",
            message: "a is broken; mend it\n\nc is broken; mend it",
        });
        assert.ok(events.includes("b ends"));
        assert.equal(events.includes("d begins"), false);
        const one = new SandboxError("only this");
        await assert.rejects(run([step("a", [], one)]), (error) => error === one);
    });

    it("should refuse a step that waits for none of the earlier ones", async () => {
        await assert.rejects(run([step("a", ["b"]), step("b")]), {
            message: 'a waits for "b", which is no step before it',
        });
    });

    it("should say before it starts how long it will take, by the last time on this machine or by its cost", async () => {
        const steps: Step[] = [
            { ...step("a"), variant: "cold", cost: { wait: 300 } },
            { ...step("b", ["a"]), cost: { wait: 60 } },
        ];
        await run(steps, "Bringing up");
        assert.equal(String(stream.read()), "Bringing up: about 6 min on this machine\n");
        recordDuration("a: cold", 1200, records);
        recordDuration("a", 1, records);
        recordDuration("b", 0, records);
        await run(steps, "Bringing up");
        assert.equal(String(stream.read()), "Bringing up: about 20 min on this machine\n");
    });

    it("should record how long each step took, but not a failed one", async () => {
        await run([{ ...step("a"), variant: "cold" }, step("b")]);
        await run([step("c", [], new Error("broken"))]).catch(() => undefined);
        assert.deepEqual(Object.keys(readDurations(records)), ["a: cold", "b"]);
    });

    it("should do without records that cannot be read", async () => {
        fs.writeFileSync(path.join(records, "durations.json"), "{");
        assert.deepEqual(readDurations(records), {});
        fs.writeFileSync(path.join(records, "durations.json"), '{"a": "long", "b": 3}');
        assert.deepEqual(readDurations(records), { b: 3 });
        await run([step("a")]);
        assert.deepEqual(Object.keys(readDurations(records)), ["b", "a"]);
    });
});
