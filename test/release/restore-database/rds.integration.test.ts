import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { execa } from "execa";
import { restoreDatabaseCommand } from "../../../release/restore-database/command";
import { restoreByRds, type RdsRestoreRequest } from "../../../release/restore-database/rds";
import { serverOf } from "../../../release/shared/database/psql";
import type { Tools } from "../../../release/shared/tools";
import { makeGatewayDatabase } from "../../../sandbox/drill/gateway-data";
import type { Instance } from "../../../sandbox/machine/instance";
import { cloud, cloudEnvironment } from "../../../sandbox/parts/cloud/moto";
import { startLoneServer, type LoneServer } from "../../../sandbox/parts/database/alone";
import { pythonProgram } from "../../../sandbox/toolchain/python";
import { temporaryInstance } from "../../sandbox/support/instance";
import { runCommand } from "../support/running";

const database = "relaypacs_prod";
const [instanceName, copy] = ["relaypacs-prod", "relaypacs-prod-restored"];

/** Moto's RDS by the real command line; Moto runs no database, so both instances' addresses lead to one real server. */
describe("release restore-database with Amazon RDS", function () {
    this.timeout(300_000);
    let instance: Instance;
    let server: LoneServer;
    let calls: string[][];
    let said: string[];
    let moment: string;

    const aws = (...args: string[]) =>
        execa(pythonProgram("aws"), ["rds", ...args], {
            env: cloudEnvironment(instance),
            all: true,
            reject: false,
            stdin: "ignore",
        });
    const tools: Pick<Tools, "run"> = {
        run: async (command, args) => {
            assert.equal(command, "aws");
            calls.push([...args]);
            const { exitCode, all } = await aws(...args.slice(1));
            return { exitCode: exitCode ?? 127, output: all };
        },
    };
    const instances = async () => {
        const { stdout } = await aws("describe-db-instances", "--query", "DBInstances[].DBInstanceIdentifier");
        return (JSON.parse(stdout) as string[]).sort();
    };
    const restore = (change: Partial<RdsRestoreRequest> = {}) =>
        restoreByRds({
            instance: instanceName,
            moment,
            // libpq connects to PGHOSTADDR, and calls it by the name.
            server: serverOf({
                ...server.environment,
                PGHOSTADDR: "127.0.0.1",
                PGDATABASE: database,
                PATH: process.env.PATH,
            }),
            tools,
            confirm: () => Promise.resolve(true),
            say: (line) => said.push(line),
            wait: () => Promise.resolve(),
            now: Date.now,
            ...change,
        });

    before(async () => {
        instance = await temporaryInstance();
        await cloud.up(instance, () => undefined);
        server = await startLoneServer();
        await makeGatewayDatabase(server, database, 400);
        const made = await aws(
            ...["create-db-instance", "--db-instance-identifier", instanceName, "--engine", "postgres"],
            ...["--db-instance-class", "db.t3.medium", "--allocated-storage", "20", "--multi-az"],
            ...["--master-username", "administrator", "--master-user-password", "synthetic-password"],
            ...["--backup-retention-period", "7", "--vpc-security-group-ids", "sg-0123456789abcdef0"],
        );
        assert.equal(made.exitCode, 0, made.all);
        moment = new Date(Date.now() - 3_600_000).toISOString();
    });
    after(async () => {
        await (server as LoneServer | undefined)?.stop();
        if ((instance as Instance | undefined) === undefined) return;
        await cloud.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });
    beforeEach(async () => {
        [calls, said] = [[], []];
        await aws("modify-db-instance", "--db-instance-identifier", copy, "--no-deletion-protection");
        await aws("delete-db-instance", "--db-instance-identifier", copy, "--skip-final-snapshot");
    });

    it("should restore into an instance of its own, verify it, and say how it takes the name", async () => {
        assert.equal(await restore(), true);
        assert.deepEqual(await instances(), [instanceName, copy]);
        const call = calls.find(([, operation]) => operation === "restore-db-instance-to-point-in-time")!;
        for (const words of [
            ["--source-db-instance-identifier", instanceName],
            ["--target-db-instance-identifier", copy],
            ["--restore-time", moment],
            ["--vpc-security-group-ids", "sg-0123456789abcdef0"],
        ])
            assert.ok(call.join(" ").includes(words.join(" ")), words.join(" "));
        for (const flag of ["--multi-az", "--no-publicly-accessible", "--deletion-protection"])
            assert.ok(call.includes(flag), flag);
        assert.match(
            said[0]!,
            /^RDS restores relaypacs-prod as of .* into relaypacs-prod-restored; relaypacs-prod stays/,
        );
        assert.ok(said.some((line) => line.endsWith(`Z ${copy} is available`)));
        assert.ok(said.includes(`${copy} was read in full: 3 tables, 401 rows, schema 0003.`));
        assert.ok(said.includes(`No table differs from ${database} as it is now.`));
        assert.deepEqual(said.slice(-4), [
            `  aws rds modify-db-instance --apply-immediately --db-instance-identifier ${instanceName} --new-db-instance-identifier ${instanceName}-damaged`,
            `  aws rds wait db-instance-available --db-instance-identifier ${instanceName}-damaged`,
            `  aws rds modify-db-instance --apply-immediately --db-instance-identifier ${copy} --new-db-instance-identifier ${instanceName}`,
            `  aws rds wait db-instance-available --db-instance-identifier ${instanceName}`,
        ]);
        assert.ok(!calls.some(([, operation]) => operation === "modify-db-instance"), "something was swapped");
        assert.ok(!calls.flat().includes(server.environment.PGPASSWORD!), "a password is an argument");
    });

    it("should go on with the same instance after an interruption, and with no other's", async () => {
        await assert.rejects(
            restore({
                say: (line) => {
                    if (/^RDS restores/.test(line)) throw new Error("killed");
                },
            }),
            /killed/,
        );
        calls = [];
        assert.equal(await restore(), true);
        assert.ok(said.includes(`${copy} is left from an interrupted run; this one goes on with it.`));
        assert.ok(!calls.some(([, operation]) => operation === "restore-db-instance-to-point-in-time"));
        const other = new Date(Date.parse(moment) - 60_000).toISOString();
        await assert.rejects(restore({ moment: other }), {
            message: `${copy} exists already, restored to ${moment}; delete it or give it another name first.`,
        });
    });

    it("should change nothing when a person says no, or the moment or the instance is wrong", async () => {
        assert.equal(await restore({ confirm: () => Promise.resolve(false) }), false);
        assert.deepEqual(said, ["Nothing was changed."]);
        await assert.rejects(restore({ instance: "relaypacs-pord" }), {
            message:
                "Amazon RDS has no instance relaypacs-pord here; accepted for relaypacs:rdsInstance: the identifier of an instance of this account and region.",
        });
        await assert.rejects(
            restore({ moment: "2999-01-01T00:00:00Z" }),
            /^InputError: The timestamp is 2999-01-01T00:00:00Z, and relaypacs-prod can be restored up to .*Z; choose that or an earlier moment\.$/,
        );
        await assert.rejects(restore({ tools: { run: () => Promise.resolve({ exitCode: 127, output: "" }) } }), {
            message: "aws can't be started; install the AWS command line, which restores where RDS has the database.",
        });
        await assert.rejects(
            restore({
                tools: {
                    run: () => Promise.resolve({ exitCode: 254, output: "\nAn error occurred (AccessDenied): no" }),
                },
            }),
            { message: "aws rds describe-db-instances failed: An error occurred (AccessDenied): no" },
        );
        assert.deepEqual(await instances(), [instanceName]);
    });

    it("should not offer a copy without tables or a revision, and say what differs from the database", async () => {
        const empty = "relaypacs_empty";
        await server.sql("postgres", `CREATE DATABASE ${empty}`);
        const at = (name: string) =>
            serverOf({ ...server.environment, PGHOSTADDR: "127.0.0.1", PGDATABASE: name, PATH: process.env.PATH });
        await assert.rejects(restore({ server: at(empty) }), {
            message: `${copy} has no table in ${empty}; it is not used.`,
        });
        await server.sql(empty, "CREATE TABLE uploads (id int)");
        await assert.rejects(restore({ server: at(empty) }), {
            message: `${copy} has no schema revision in ${empty}; it is not used.`,
        });
        assert.ok(!said.some((line) => line.includes("To put it in the place")));
    });

    it("should end waiting when RDS can't make the instance, and be able to go on when it takes long", async () => {
        const answering = (DBInstanceStatus: string): Pick<Tools, "run"> => ({
            run: (_command, args) => {
                const name = args.at(-1)!;
                const TagList = [{ Key: "relaypacs:restored-to", Value: moment }];
                const one = { DBInstanceIdentifier: name, DBInstanceStatus, TagList };
                return Promise.resolve({ exitCode: 0, output: JSON.stringify({ DBInstances: [one] }) });
            },
        });
        await assert.rejects(restore({ tools: answering("incompatible-network") }), {
            message: `RDS has not restored ${copy}: it is incompatible-network; the instance's events in RDS say why.`,
        });
        let now = 0;
        const wait = (milliseconds: number) => Promise.resolve(void (now += milliseconds));
        await assert.rejects(restore({ tools: answering("creating"), wait, now: () => now }), {
            message: `${copy} is creating after 90 minutes; the same command goes on waiting.`,
        });
        assert.equal(now / 1000, 5410);
    });

    it("should be what the command does with the setting, which is refused in one sentence where it is wrong", async () => {
        const refused = async (setting: string, args: string[], sentence: string) => {
            process.env.RELAYPACS_PROD_RDS_INSTANCE = setting;
            Object.assign(process.env, { ...server.environment, PGDATABASE: database });
            try {
                const { exitCode, stderr } = await runCommand(restoreDatabaseCommand(), [
                    "prod",
                    moment,
                    "--yes",
                    ...args,
                ]);
                assert.deepEqual([exitCode, stderr], [2, `release restore-database: ${sentence}\n`]);
            } finally {
                for (const key of ["RELAYPACS_PROD_RDS_INSTANCE", "PGDATABASE", ...Object.keys(server.environment)])
                    Reflect.deleteProperty(process.env, key);
            }
        };
        await refused(
            "Relaypacs_Prod",
            [],
            'relaypacs:rdsInstance is "Relaypacs_Prod"; it must be the identifier of an Amazon RDS instance: 1 to 54 lower-case letters, digits and single hyphens.',
        );
        const ofRds = "is for backups in a bucket; relaypacs-prod is restored by Amazon RDS (relaypacs:rdsInstance).";
        await refused(instanceName, ["--rehearse"], `--rehearse ${ofRds}`);
        await refused(instanceName, ["--bucket", "b"], `--bucket ${ofRds}`);
    });
});
