import * as assert from "node:assert/strict";
import { execa } from "execa";
import { storedVersion } from "../../../release/status/secrets";
import { connectedUsers, dropConnections, rotateDatabaseUrl } from "../../../sandbox/drill/rotation";
import { waitUntil } from "../../../sandbox/machine/process";
import { aws } from "../../../sandbox/parts/cloud/moto";
import { database } from "../../../sandbox/parts/database/part";
import { rotatingCloud } from "../support/rotating-cloud";

// The first run on a machine installs the Python packages.
describe("A rotation with two users in turn", function () {
    this.timeout(300_000);
    const entry = ["--secret-id", "relaypacs/prod/database-url"];
    const sleep = (address: string) =>
        execa("psql", ["-XqtA", "-d", address, "-c", "SELECT pg_sleep(120)"], { reject: false });
    const clients: ReturnType<typeof sleep>[] = [];

    const made = rotatingCloud(
        async ({ configured, instance }) => {
            const create = ["secretsmanager", "create-secret", "--name", "relaypacs/prod/database-url"];
            await aws(instance, [...create, "--secret-string", configured]);
        },
        () => Promise.all(clients),
    );

    const stored = async () =>
        (
            JSON.parse(await aws(made.instance, ["secretsmanager", "get-secret-value", ...entry])) as {
                SecretString: string;
            }
        ).SecretString;
    const canLogIn = async (address: string) =>
        (await execa("psql", ["-XqtA", "-d", address, "-c", "SELECT 1"], { reject: false })).exitCode === 0;

    /** A pod's connection, which lasts. */
    async function connect(address: string): Promise<void> {
        clients.push(sleep(address));
        const user = new URL(address).username;
        const connected = async () => (await connectedUsers(made.instance, "prod")).includes(user);
        await waitUntil(connected, `A connection of ${user}`, 10, 50);
    }

    it("should leave what runs a password with which it can connect again, and be told by the version alone", async () => {
        const [before, first] = [await storedVersion(made, "prod", "database-url"), await stored()];
        await connect(first);
        const version = await rotateDatabaseUrl(made.instance, "prod");
        assert.notEqual(version, before);
        assert.equal(await storedVersion(made, "prod", "database-url"), version);

        assert.equal(await dropConnections(made.instance, "prod"), 1);
        assert.deepEqual(await connectedUsers(made.instance, "prod"), []);
        assert.equal(await canLogIn(first), true);
        await connect(await stored());
        assert.deepEqual(await connectedUsers(made.instance, "prod"), ["relaypacs_prod_b"]);
        assert.equal(made.configured, first);
    });

    it("should take the first password away only with the next rotation", async () => {
        const [first, second] = [made.configured, await stored()];
        await rotateDatabaseUrl(made.instance, "prod");
        assert.deepEqual(
            [await canLogIn(first), await canLogIn(second), await canLogIn(await stored())],
            [false, true, true],
        );
        assert.equal((await database.state(made.instance)).running, true);
    });
});
