import * as assert from "node:assert/strict";
import { execa } from "execa";
import { secretName } from "../../../delivery/core/names";
import { platformEntries } from "../../../delivery/core/stored-secrets";
import type { RunningService } from "../../../delivery/rollouts/secrets-in-use";
import { rotate } from "../../../release/rotate/rotate";
import { storedEntry, versionAt } from "../../../release/rotate/store";
import { clientVariables } from "../../../sandbox/drill/rotation";
import { aws } from "../../../sandbox/parts/cloud/moto";
import { rotatingCloud } from "../../sandbox/support/rotating-cloud";

const functionArn = "arn:aws:lambda:us-east-1:123456789012:function:relaypacs-secret-rotation";

/** Store, function, database and the AWS command line are real; what stands for the cluster takes versions from the store. */
describe("release rotate with the account's function", function () {
    this.timeout(300_000);
    const made = rotatingCloud(async ({ configured, instance }) => {
        const values = {
            "database-url": configured,
            "application-secret-key": "synthetic-key-of-at-least-32-characters",
        };
        for (const [entry, value] of Object.entries(values)) {
            const name = secretName("prod", entry);
            await aws(instance, ["secretsmanager", "create-secret", "--name", name, "--secret-string", value]);
            const rules = ["--rotation-rules", "AutomaticallyAfterDays=90", "--no-rotate-immediately"];
            const rotated = ["--secret-id", name, "--rotation-lambda-arn", functionArn];
            await aws(instance, ["secretsmanager", "rotate-secret", ...rotated, ...rules]);
        }
    });
    const { run } = made;
    const currents = async () =>
        Object.fromEntries(
            await Promise.all(
                platformEntries.map(async ([entry]) => {
                    const current = versionAt(await storedEntry({ run }, "prod", entry), "AWSCURRENT");
                    return [entry, current?.id ?? ""] as const;
                }),
            ),
        );
    const valueOf = async (entry: string) => {
        const get = ["secretsmanager", "get-secret-value", "--secret-id", secretName("prod", entry)];
        return (JSON.parse(await aws(made.instance, get)) as { SecretString: string }).SecretString;
    };
    const logsIn = async (address: string) => {
        const env = clientVariables(address);
        return (await execa("psql", ["-XqtA", "-c", "SELECT 1"], { env, reject: false })).exitCode === 0;
    };

    it("should leave no password of before that the database takes, and none of a pod that it refuses", async () => {
        const [configured, key] = [await valueOf("database-url"), await valueOf("application-secret-key")];
        const said: string[] = [];
        /** What pods have: the versions, and the address that they were started with. */
        let pods = { versions: await currents(), address: configured };
        const addresses = [configured];
        const exitCode = await rotate({
            stack: "prod",
            // Of a breach two seconds from now: what was made above is older.
            since: Math.floor(Date.now() / 1000) * 1000 + 2000,
            release: () => Promise.resolve({ version: "1.4.1", variables: {} }),
            running: (): Promise<RunningService[]> =>
                Promise.resolve([
                    { service: "backend", version: "1.4.1", secrets: [{ name: "s", versions: pods.versions }] },
                ]),
            confirm: () => Promise.resolve(true),
            say: (line) => said.push(line),
            tools: {
                run,
                show: async () => {
                    assert.equal(await logsIn(pods.address), true, "pods have lost the database before the update");
                    pods = { versions: await currents(), address: await valueOf("database-url") };
                    addresses.push(pods.address);
                    return { exitCode: 0, output: "" };
                },
            },
            wait: () => Promise.resolve(),
            now: () => Date.now(),
        });
        assert.equal(exitCode, 0, said.join("\n"));
        assert.deepEqual(
            addresses.map((address) => new URL(address).username),
            ["relaypacs_prod", "relaypacs_prod_b", "relaypacs_prod"],
        );
        assert.deepEqual(await Promise.all(addresses.map(logsIn)), [false, true, true]);
        assert.notEqual(await valueOf("application-secret-key"), key);
        assert.deepEqual(pods.versions, await currents());
        for (const address of addresses) assert.equal(said.join("\n").includes(new URL(address).password), false);
    });
});
