import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { projectRoot } from "../../sandbox/machine/instance";
import { waitUntil } from "../../sandbox/machine/process";
import { endMeasured, measure } from "./measure";

/** Uses half a second of CPU time. */
const burn = "while (process.cpuUsage().user < 5e5) for (let i = 0; i < 1e6; i++);";
const options = { directory: projectRoot, environment: {} };

const newMark = () => `relaypacs-${process.pid}-${Date.now()}`;

/** Process ids of `sleep` with the mark in its environment. */
const sleeping = (mark: string): number[] =>
    fs
        .readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .filter((entry) => {
            try {
                return (
                    fs.readFileSync(`/proc/${entry}/cmdline`, "latin1").startsWith("sleep\0") &&
                    fs.readFileSync(`/proc/${entry}/environ`, "latin1").includes(mark)
                );
            } catch {
                return false;
            }
        })
        .map(Number);

describe("The measurement of a command", () => {
    it("should count the processor time that the command uses, and not the time that it waits", async () => {
        const { cpu, wall, output } = await measure("sh", ["-c", "echo begun; sleep 1; echo ended >&2"], options);
        assert.ok(wall >= 1, `${wall} s`);
        assert.ok(cpu < 0.5, `${cpu} s`);
        assert.match(output, /begun\nended/);
    });

    it("should count processes that no one waits for, orphans and those in their own session", async () => {
        const script = `node -e '${burn}' & setsid node -e '${burn}' & exit 0`;
        const { cpu, wall } = await measure("sh", ["-c", script], options);
        assert.ok(cpu >= 1, `${cpu} s`);
        assert.ok(wall < 0.5, `${wall} s: the command itself ended at once`);
    });

    it("should end with a command that leaves a server, and leave it", async () => {
        const mark = newMark();
        const command = ["-c", "setsid sleep 60 1 >&- 2>&- & sleep 0.2"];
        const { wall } = await measure("sh", command, { ...options, environment: { MARK: mark }, leavesServers: true });
        const left = sleeping(mark);
        for (const pid of left) process.kill(pid);
        assert.ok(wall < 5, `${wall} s`);
        assert.equal(left.length, 1);
    });

    it("should show the output of a command that fails", async () => {
        await assert.rejects(measure("sh", ["-c", "echo broken; exit 3"], options), /sh -c .* failed:\nbroken/);
        await assert.rejects(measure("no-such-command", [], options), /no-such-command/);
    });

    it("should end everything that the command has started when it is told to", async () => {
        const mark = newMark();
        const alive = () => sleeping(mark);
        const running = measure("sh", ["-c", "setsid sleep 60 1 & sleep 60 1"], {
            ...options,
            environment: { MARK: mark },
        });
        running.catch(() => undefined);
        await waitUntil(() => Promise.resolve(alive().length === 2), "both processes");
        endMeasured();
        await assert.rejects(running);
        assert.deepEqual(alive(), []);
    });
});
