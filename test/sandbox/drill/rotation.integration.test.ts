import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { execa } from "execa";
import { storedVersion } from "../../../release/status/secrets";
import { connectedUsers, dropConnections, rotateDatabaseUrl } from "../../../sandbox/drill/rotation";
import type { Instance } from "../../../sandbox/machine/instance";
import { waitUntil } from "../../../sandbox/machine/process";
import { aws, cloud, cloudEnvironment } from "../../../sandbox/parts/cloud/moto";
import { database } from "../../../sandbox/parts/database/part";
import { pythonProgram } from "../../../sandbox/toolchain/python";
import { temporaryInstance } from "../support/instance";

// The first run on a machine installs the Python packages.
describe("A rotation with two users in turn", function () {
    this.timeout(300_000);
    let instance: Instance;
    const entry = ["--secret-id", "relaypacs/prod/database-url"];
    const sleep = (address: string) =>
        execa("psql", ["-XqtA", "-d", address, "-c", "SELECT pg_sleep(120)"], { reject: false });
    const clients: ReturnType<typeof sleep>[] = [];

    before(async function () {
        // PostgreSQL runs as a user of its own, in a mount namespace: only root can start it so.
        if (process.getuid?.() !== 0) this.skip();
        instance = await temporaryInstance();
        await cloud.up(instance, () => undefined);
        await database.up(instance, () => undefined);
        const create = ["secretsmanager", "create-secret", "--name", "relaypacs/prod/database-url"];
        await aws(instance, [...create, "--secret-string", configured()]);
    });
    after(async () => {
        if ((instance as Instance | undefined) === undefined) return;
        await database.down(instance);
        await Promise.all(clients);
        await cloud.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });

    const configured = () => database.environment(instance).RELAYPACS_PROD_DATABASE_URL!;
    const tools = {
        run: async (_: string, args: readonly string[]) => {
            const environment = cloudEnvironment(instance);
            const ran = await execa(pythonProgram("aws"), args, { env: environment, all: true, reject: false });
            return { exitCode: ran.exitCode ?? 1, output: ran.all };
        },
    };
    const stored = async () =>
        (JSON.parse(await aws(instance, ["secretsmanager", "get-secret-value", ...entry])) as { SecretString: string })
            .SecretString;
    const canLogIn = async (address: string) =>
        (await execa("psql", ["-XqtA", "-d", address, "-c", "SELECT 1"], { reject: false })).exitCode === 0;

    /** A pod's connection, which lasts. */
    async function connect(address: string): Promise<void> {
        clients.push(sleep(address));
        const user = new URL(address).username;
        const connected = async () => (await connectedUsers(instance, "prod")).includes(user);
        await waitUntil(connected, `A connection of ${user}`, 10, 50);
    }

    it("should leave what runs a password with which it can connect again, and be told by the version alone", async () => {
        const [before, first] = [await storedVersion(tools, "prod", "database-url"), await stored()];
        await connect(first);
        const version = await rotateDatabaseUrl(instance, "prod");
        assert.notEqual(version, before);
        assert.equal(await storedVersion(tools, "prod", "database-url"), version);

        assert.equal(await dropConnections(instance, "prod"), 1);
        assert.deepEqual(await connectedUsers(instance, "prod"), []);
        assert.equal(await canLogIn(first), true);
        await connect(await stored());
        assert.deepEqual(await connectedUsers(instance, "prod"), ["relaypacs_prod_b"]);
        assert.equal(configured(), first);
    });

    it("should take the first password away only with the next rotation", async () => {
        const [first, second] = [configured(), await stored()];
        await rotateDatabaseUrl(instance, "prod");
        assert.deepEqual(
            [await canLogIn(first), await canLogIn(second), await canLogIn(await stored())],
            [false, true, true],
        );
        assert.equal((await database.state(instance)).running, true);
    });
});
