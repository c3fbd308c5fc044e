import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Ran } from "../../../release/shared/tools";
import { stateLines } from "../../../release/status/state";

/** A lock as Pulumi 3 writes it. */
const lock = JSON.stringify({
    pid: 4711,
    username: "ada",
    hostname: "runner-1",
    timestamp: "2026-11-30T11:58:12.123456789Z",
});

describe("release status: the state", () => {
    let folder: string;
    beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "status-state-"))));
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    const locks = () => path.join(folder, ".pulumi/locks/organization/relaypacs/prod");
    const writeLock = (text: string, name = "one.json") => {
        fs.mkdirSync(locks(), { recursive: true });
        fs.writeFileSync(path.join(locks(), name), text);
    };

    interface Given {
        readonly url?: unknown;
        readonly pending?: readonly object[] | undefined;
        readonly bucket?: Readonly<Record<string, string>>;
        readonly refuses?: string;
    }

    /** Answers as pulumi and aws do, and tells what they were asked. */
    async function lines({ bucket = {}, pending, refuses, url = `file://${folder}?metadata=skip` }: Given) {
        const calls: string[] = [];
        const made: string[] = [];
        const run = (command: string, args: readonly string[]): Promise<Ran> => {
            const call = [command, ...args.slice(0, 2)].join(" ");
            calls.push(call);
            if (call === refuses) return Promise.resolve({ exitCode: 255, output: "error: no such\n stack" });
            if (call === "pulumi stack export") {
                const file = args[args.indexOf("--file") + 1]!;
                made.push(path.dirname(file));
                const deployment = { manifest: {}, ...(pending && { pending_operations: pending }) };
                fs.writeFileSync(file, JSON.stringify({ version: 3, deployment }));
            }
            if (call === "aws s3 cp") {
                const [source, target = ""] = args.slice(4);
                assert.equal(source, "s3://state/below/.pulumi/locks/organization/relaypacs/prod/");
                for (const [name, text] of Object.entries(bucket)) {
                    fs.mkdirSync(target, { recursive: true });
                    fs.writeFileSync(path.join(target, name), text);
                }
            }
            return Promise.resolve({
                exitCode: 0,
                output:
                    call === "pulumi whoami --json"
                        ? `warning: a new version is available\n${JSON.stringify({ user: "ada", url }, undefined, 2)}\n`
                        : "",
            });
        };
        try {
            return { lines: await stateLines({ run }, "prod"), calls };
        } finally {
            for (const one of made) assert.ok(!fs.existsSync(one), "a folder with the state is left");
        }
    }

    const pending = [
        { type: "creating", resource: { urn: "urn:a", type: "a" } },
        { type: "updating", resource: { urn: "urn:b", type: "b" } },
    ];
    const locked = {
        verdict: "well",
        text: "The state of prod is locked by ada on runner-1 (process 4711) since 2026-11-30 11:58 UTC.",
    };

    it("should have nothing under way without a lock", async () => {
        assert.deepEqual(await lines({}), { lines: [], calls: ["pulumi stack export", "pulumi whoami --json"] });
        assert.deepEqual((await lines({ pending: [] })).lines, []);
    });

    it("should say who holds the lock, and not take what that one does for what a dead one left", async () => {
        writeLock(lock);
        assert.deepEqual((await lines({ pending })).lines, [locked]);
        writeLock("{}", "other.json");
        writeLock("not a lock", "notes.txt");
        assert.deepEqual((await lines({})).lines, [locked, { verdict: "well", text: "The state of prod is locked." }]);
    });

    it("should read the locks of a state in a bucket", async () => {
        const url = "s3://state/below?region=us-east-1";
        assert.deepEqual((await lines({ url, bucket: { "a.json": lock } })).lines, [locked]);
        const { calls, lines: none } = await lines({ url });
        assert.deepEqual([none, calls.includes("aws s3 cp")], [[], true]);
    });

    it("should ask for a recovery after an update that died", async () => {
        assert.deepEqual((await lines({ pending })).lines, [
            {
                verdict: "act",
                text: "An update that died has left 2 operations under way: npx release recover --stack prod.",
            },
        ]);
    });

    it("should say what it can't tell", async () => {
        const message = "pulumi stack export failed: error: no such stack";
        await assert.rejects(lines({ refuses: "pulumi stack export" }), { message });
        await assert.rejects(lines({ refuses: "pulumi whoami --json" }), { message: /^pulumi whoami --json failed: / });
        await assert.rejects(lines({ url: 7 }), { message: "pulumi whoami does not tell where the state is" });
        await assert.rejects(lines({ url: "https://app.pulumi.com/relaypacs" }), {
            message: "The state is at https://app.pulumi.com, of which no lock can be read here",
        });
        await assert.rejects(lines({ url: "s3://state/below", refuses: "aws s3 cp" }), {
            message: "aws s3 cp failed: error: no such stack",
        });
    });
});
