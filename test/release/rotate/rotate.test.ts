import * as assert from "node:assert/strict";
import type { RunningService } from "../../../delivery/rollouts/secrets-in-use";
import { RefusedError } from "../../../release/rollback/choose";
import type { Ran } from "../../../release/shared/tools";
import { rotate, type RotateOptions } from "../../../release/rotate/rotate";

const seconds = (text: string) => Date.parse(text) / 1000;
const longAgo = seconds("2026-09-01T00:00:00Z");
const since = Date.parse("2026-11-30T10:00:00Z");

interface Version {
    readonly id: string;
    stages: string[];
    readonly createdAt: number;
}

/** AWS Secrets Manager behind its command line, a cluster, and Pulumi, which brings the store's versions to the pods. */
class World {
    readonly said: string[] = [];
    readonly commands: string[] = [];
    readonly store = new Map<string, Version[]>();
    /** What the pods have. */
    pods: Record<string, string>;
    readonly withFunction = new Set(["database-url", "application-secret-key"]);
    /** How many times the store is asked before a rotation is complete. */
    delay = 1;
    milliseconds = since;
    /** What stops it: an update, a rotation, or a process that is killed after so many commands that change something. */
    updateFails = false;
    rotationFails = false;
    killedAfter = Infinity;
    awsVersion: 1 | 2 = 2;

    constructor() {
        for (const entry of this.withFunction)
            this.store.set(entry, [
                { id: `${entry}-0`, stages: ["AWSPREVIOUS"], createdAt: longAgo },
                { id: `${entry}-1`, stages: ["AWSCURRENT"], createdAt: longAgo },
            ]);
        this.pods = this.currents();
    }

    current(entry: string): string {
        return this.store.get(entry)!.find(({ stages }) => stages.includes("AWSCURRENT"))!.id;
    }

    currents(): Record<string, string> {
        return Object.fromEntries([...this.store.keys()].map((entry) => [entry, this.current(entry)]));
    }

    private changing(): void {
        if (this.killedAfter-- <= 0) throw new Error("killed");
    }

    private readonly pending = new Map<string, { id: string; asks: number }>();

    private complete(entry: string): void {
        const begun = this.pending.get(entry);
        if (begun === undefined || this.rotationFails || begun.asks-- > 0) return;
        this.pending.delete(entry);
        const versions = this.store.get(entry)!;
        for (const version of versions) version.stages = version.stages.includes("AWSCURRENT") ? ["AWSPREVIOUS"] : [];
        versions.push({ id: begun.id, stages: ["AWSCURRENT"], createdAt: Math.floor(this.milliseconds / 1000) });
    }

    /** A rotation takes the password away that pods have, unless theirs is the one that the store gives out. */
    private begin(entry: string): Ran {
        if (entry === "database-url")
            assert.equal(this.pods[entry], this.current(entry), "pods lose the password that they have");
        const id = `${entry}-${this.store.get(entry)!.length}`;
        this.pending.set(entry, { id, asks: this.delay });
        return { exitCode: 0, output: JSON.stringify({ VersionId: id }) };
    }

    private aws(args: readonly string[]): Ran {
        const [, operation, , name = ""] = args;
        assert.ok(name.startsWith("relaypacs/prod/"), name);
        const entry = name.slice("relaypacs/prod/".length);
        if (operation === "rotate-secret") {
            this.changing();
            this.commands.push(`rotate ${entry}`);
            return this.begin(entry);
        }
        this.complete(entry);
        if (operation === "describe-secret") {
            const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret";
            const RotationLambdaARN = "arn:aws:lambda:us-east-1:123456789012:function:relaypacs-secret-rotation";
            const declared = this.withFunction.has(entry) && { RotationEnabled: true, RotationLambdaARN };
            return { exitCode: 0, output: JSON.stringify({ ARN: `${arn}:${name}-AbCdEf`, Name: name, ...declared }) };
        }
        assert.equal(operation, "list-secret-version-ids");
        const Versions = this.store.get(entry)!.map(({ id, stages, createdAt }) => ({
            VersionId: id,
            VersionStages: stages,
            CreatedDate: this.awsVersion === 1 ? createdAt + 0.25 : new Date(createdAt * 1000).toISOString(),
        }));
        return { exitCode: 0, output: JSON.stringify({ Versions }) };
    }

    options(change: Partial<RotateOptions> = {}): RotateOptions {
        const running = (): RunningService[] => [
            { service: "backend", version: "1.4.1", secrets: [{ name: "backend-1", versions: { ...this.pods } }] },
        ];
        return {
            stack: "prod",
            since,
            release: () => Promise.resolve({ version: "1.4.1", variables: { RELAYPACS_PROD_RELEASE: "{}" } }),
            running: () => Promise.resolve(running()),
            confirm: () => Promise.resolve(true),
            say: (line) => this.said.push(line),
            wait: (milliseconds) => {
                this.milliseconds += milliseconds;
                return Promise.resolve();
            },
            now: () => this.milliseconds,
            tools: {
                run: (command, args) => {
                    assert.equal(command, "aws");
                    return new Promise((resolve) => {
                        resolve(this.aws(args));
                    });
                },
                show: (command, args, variables) => {
                    this.changing();
                    assert.deepEqual(variables, { RELAYPACS_PROD_RELEASE: "{}" });
                    this.commands.push([command, ...args].join(" "));
                    if (this.updateFails) return Promise.resolve({ exitCode: 255, output: "error: update failed" });
                    this.pods = this.currents();
                    this.milliseconds += 60_000;
                    return Promise.resolve({ exitCode: 0, output: "" });
                },
            },
            ...change,
        };
    }

    async run(change: Partial<RotateOptions> = {}): Promise<number | Error> {
        return rotate(this.options(change)).catch((error: unknown) => error as Error);
    }

    /** Everything is new, and everything that runs has it. */
    assertRotated(): void {
        assert.deepEqual(this.pods, this.currents());
        const young = (entry: string, stage: string) =>
            this.store.get(entry)!.find(({ stages }) => stages.includes(stage))!.createdAt * 1000 >= since;
        assert.deepEqual(
            [
                young("database-url", "AWSCURRENT"),
                young("database-url", "AWSPREVIOUS"),
                young("application-secret-key", "AWSCURRENT"),
            ],
            [true, true, true],
        );
    }
}

const update = "pulumi up --stack prod --yes --skip-preview";
const whole = ["rotate database-url", "rotate application-secret-key", update, "rotate database-url", update];

describe("release rotate", () => {
    let world: World;
    beforeEach(() => {
        world = new World();
    });

    it("should rotate both users and the key, and bring the pods along after each rotation", async () => {
        assert.equal(await world.run(), 0);
        assert.deepEqual(world.commands, whole);
        world.assertRotated();
        assert.deepEqual(world.said, [
            "Rotation of prod: values from before 2026-11-30T10:00:00Z are to be refused",
            "  database-url           by the rotation function, twice: both of its users",
            "  application-secret-key by the rotation function",
            "  pods                   of 1.4.1, by pulumi up --stack prod after each rotation; sessions end",
            "  interrupted            release rotate prod --since 2026-11-30T10:00:00Z, with the same options.",
            "Issued by others, and to be replaced by them (docs/runbooks/rotate-a-secret.md):",
            "  smoke-username         an administrator of the application; then pulumi config set relaypacs:smokeUsername",
            "  smoke-password         an administrator of the application; then pulumi config set relaypacs:smokePassword",
            "  docker-hub             an owner of the organisation at Docker Hub; then pulumi config set relaypacs:dockerHubToken",
            "  slack-webhook          an administrator of the Slack workspace; then pulumi config set relaypacs:slackWebhook",
            "  github-token           an owner of the organisation at GitHub; then relaypacs/prod/github-token",
            "  smoke-test             an administrator of the application; then relaypacs/prod/smoke-test",
            "  database's rotation    the database's administrator; then relaypacs-rotation/prod",
            "database-url: rotated; database-url-2 is the current version.",
            "application-secret-key: rotated; application-secret-key-2 is the current version.",
            "The store is ahead of what prod runs: an update brings it to the pods of 1.4.1.",
            "database-url: rotated; database-url-3 is the current version.",
            "The store is ahead of what prod runs: an update brings it to the pods of 1.4.1.",
            "Every secret that the platform issues in prod is newer than 2026-11-30T10:00:00Z, all pods have it, and the database refuses the passwords of before (2 min).",
        ]);
    });

    it("should first bring the pods what an earlier rotation has left in the store", async () => {
        world.pods = { ...world.pods, "database-url": "database-url-0" };
        assert.equal(await world.run(), 0);
        assert.deepEqual(world.commands, [update, ...whole]);
        world.assertRotated();
    });

    it("should finish after it was killed before any of its changes, without a rotation too many", async () => {
        for (let killedAfter = 0; killedAfter < whole.length; killedAfter += 1) {
            world = new World();
            world.killedAfter = killedAfter;
            assert.match(String(await world.run()), /killed/);
            world.killedAfter = Infinity;
            assert.equal(await world.run(), 0);
            world.assertRotated();
            const rotations = world.commands.filter((command) => command.startsWith("rotate")).sort();
            assert.deepEqual(rotations, [
                "rotate application-secret-key",
                "rotate database-url",
                "rotate database-url",
            ]);
            assert.equal(world.commands.at(-1), update);
        }
    });

    it("should go on where a failed update has stopped it, and say how", async () => {
        world.updateFails = true;
        assert.equal(await world.run(), 1);
        assert.equal(
            world.said.at(-1),
            "The update failed, and nothing more was rotated. Then this goes on: release rotate prod --since 2026-11-30T10:00:00Z, with the same options.",
        );
        assert.deepEqual(world.commands, whole.slice(0, 3));
        world.updateFails = false;
        assert.equal(await world.run(), 0);
        world.assertRotated();
        assert.deepEqual(world.commands, [...whole.slice(0, 3), ...whole.slice(2)]);
    });

    it("should have nothing to do when everything is new", async () => {
        assert.equal(await world.run(), 0);
        assert.equal(await world.run(), 0);
        assert.deepEqual(world.commands, whole);
    });

    it("should read the times of both versions of the AWS command line", async () => {
        world.awsVersion = 1;
        assert.equal(await world.run(), 0);
        assert.equal(await world.run(), 0);
        assert.deepEqual(world.commands, whole);
    });

    it("should not rotate for ever when this machine's clock is ahead of the store's", async () => {
        assert.equal(await world.run({ since: since + 3_600_000 }), 0);
        assert.deepEqual(world.commands.filter((command) => command === "rotate database-url").length, 2);
    });

    it("should wait for a rotation, and name the function's log when it does not end", async () => {
        world.delay = 40;
        assert.equal(await world.run(), 0);
        world = new World();
        world.rotationFails = true;
        const failed = await world.run();
        assert.equal(
            (failed as Error).message,
            "The rotation of relaypacs/prod/database-url was not over within 300 s; its log is /aws/lambda/relaypacs-secret-rotation in CloudWatch. Then this goes on: release rotate prod --since 2026-11-30T10:00:00Z, with the same options.",
        );
        assert.deepEqual(world.commands, ["rotate database-url"]);
    });

    it("should wait for an earlier rotation that AWS tries again", async () => {
        const real = world.options().tools;
        const message =
            "An error occurred (InvalidRequestException) when calling the RotateSecret operation: A previous rotation isn't complete. That rotation will be reattempted.";
        const run: RotateOptions["tools"]["run"] = async (command, args) => {
            const ran = await real.run(command, args);
            return args.includes("rotate-secret") ? { exitCode: 254, output: message } : ran;
        };
        assert.equal(await world.run({ tools: { ...real, run } }), 0);
        world.assertRotated();
    });

    it("should change nothing when a person declines", async () => {
        assert.equal(await world.run({ confirm: () => Promise.resolve(false) }), 1);
        assert.equal(world.said.at(-1), "Nothing was changed.");
        assert.deepEqual(world.commands, []);
    });

    it("should refuse before anything is changed when an entry has no function", async () => {
        world.withFunction.delete("application-secret-key");
        const refused = await world.run();
        assert.ok(refused instanceof RefusedError);
        assert.equal(
            refused.message,
            "relaypacs/prod/application-secret-key has no rotation function; docs/guides/account-setup.md says how to make it, and an update declares it.",
        );
        assert.deepEqual([world.commands, world.said], [[], []]);
    });

    it("should say in one sentence what the store refuses, or answers in another form", async () => {
        const answering = (ran: Ran): Partial<RotateOptions> => ({
            tools: { ...world.options().tools, run: () => Promise.resolve(ran) },
        });
        const denied = await world.run(answering({ exitCode: 254, output: "\nAccessDenied:\n not\n you\n" }));
        assert.equal(
            (denied as Error).message,
            "The secret store refuses describe-secret of relaypacs/prod/database-url: AccessDenied: not you",
        );
        for (const output of ["", "[]", '{"RotationEnabled":"yes"}'])
            assert.equal(
                ((await world.run(answering({ exitCode: 0, output }))) as Error).message,
                "The secret store answers to describe-secret of relaypacs/prod/database-url in another form.",
            );
        assert.deepEqual(world.commands, []);
    });

    it("should not call it done when an update leaves a pod behind", async () => {
        const stuck: RotateOptions["running"] = () =>
            Promise.resolve([{ service: "backend", version: "1.4.1", secrets: [{ name: "s", versions: undefined }] }]);
        assert.equal(
            ((await world.run({ running: stuck })) as Error).message,
            "The update ended well, and pods of prod still have other versions than the store gives out.",
        );
        assert.deepEqual(world.commands, [update]);
    });
});
