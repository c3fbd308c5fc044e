import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { S3 } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { awsClientOptions } from "../../../delivery/core/aws-client";
import { backupDatabaseCommand } from "../../../release/backup-database/command";
import { restoreDatabaseCommand } from "../../../release/restore-database/command";
import type { Manifest } from "../../../release/shared/database/manifest";
import { makeGatewayDatabase } from "../../../sandbox/drill/gateway-data";
import type { Instance } from "../../../sandbox/machine/instance";
import { cloud, cloudEnvironment } from "../../../sandbox/parts/cloud/moto";
import { startLoneServer, type LoneServer } from "../../../sandbox/parts/database/alone";
import { temporaryInstance } from "../../sandbox/support/instance";
import { projectRoot } from "../../support/project";
import { runCommand, type Ran } from "../support/running";

const bucket = "relaypacs-database-backups-123456789012-us-east-1";
const name = "relaypacs_prod";
const copy = `${name}_restoring`;

/** Enough rows for a table that is stored in the order of its key. */
const rows = 40_000;

const nowToTheSecond = () => new Date().toISOString().replace(/\.\d+Z/, "Z");

/** Waits until the next second has begun: a backup's name is its second. */
const nextSecond = () => sleep(1000 - (Date.now() % 1000) + 20);

describe("release backup-database and restore-database", function () {
    this.timeout(300_000);
    let instance: Instance;
    let server: LoneServer;
    let s3: S3;
    let good: string;
    let first: Manifest;
    let variables: Record<string, string>;
    const outside = { ...process.env };

    const contents = (database = name) =>
        server.sql(
            database,
            `SELECT (SELECT count(*) FROM uploads), (SELECT count(*) FROM upload_chunks),
                 (SELECT md5(string_agg(md5(u::text), '' ORDER BY id)) FROM uploads u),
                 (SELECT md5(string_agg(md5(c::text), '' ORDER BY upload_id, number)) FROM upload_chunks c)`,
        );
    const damage = () => server.sql(name, "DELETE FROM uploads WHERE id < '5'; UPDATE uploads SET chunks = 99;");
    const databases = async () =>
        (await server.sql("postgres", "SELECT datname FROM pg_database ORDER BY 1")).split("\n");
    const keptOnes = async () => (await databases()).filter((one) => one.startsWith(`${name}_replaced_`));
    const dropOthers = async () => {
        for (const one of [copy, ...(await keptOnes())])
            await server.sql("postgres", `DROP DATABASE IF EXISTS "${one}" WITH (FORCE)`);
    };
    const backUp = async (): Promise<Manifest> => {
        await nextSecond();
        const { exitCode, stderr } = await runCommand(backupDatabaseCommand(), ["prod"]);
        assert.equal(exitCode, 0, stderr);
        return readManifest((await stamps()).at(-1)!);
    };
    const restoreAt = (moment: string, ...more: string[]): Promise<Ran> =>
        runCommand(restoreDatabaseCommand(), ["prod", moment, "--yes", ...more]);
    const stampOf = ({ takenAt }: Manifest) => takenAt.replaceAll(/[-:]/g, "");
    const stamps = async () => {
        const listed = await s3.listObjectsV2({ Bucket: bucket, Prefix: "prod/", Delimiter: "/" });
        return (listed.CommonPrefixes ?? []).map(({ Prefix }) => path.basename(Prefix ?? ""));
    };
    const manifestKey = (stamp: string) => `prod/${stamp}/manifest.json`;
    const readManifest = async (stamp: string) => {
        const { Body } = await s3.getObject({ Bucket: bucket, Key: manifestKey(stamp) });
        return JSON.parse((await Body?.transformToString()) ?? "") as Manifest;
    };
    const writeManifest = (manifest: Manifest) =>
        s3.putObject({ Bucket: bucket, Key: manifestKey(stampOf(manifest)), Body: JSON.stringify(manifest) });
    /** With another manifest of the first backup, which is put back. */
    const withManifest = async (changed: Manifest, action: () => Promise<void>) => {
        await writeManifest(changed);
        try {
            await action();
        } finally {
            await writeManifest(first);
        }
    };

    before(async () => {
        instance = await temporaryInstance();
        await cloud.up(instance, () => undefined);
        server = await startLoneServer();
        variables = { ...cloudEnvironment(instance), ...server.environment, PGDATABASE: name };
        Object.assign(process.env, variables);
        delete process.env.DATABASE_URL;
        s3 = new S3(await awsClientOptions());
        await s3.createBucket({ Bucket: bucket });
        await makeGatewayDatabase(server, name, rows);
        await server.sql(
            "postgres",
            `CREATE ROLE reader; GRANT CONNECT ON DATABASE ${name} TO reader; REVOKE TEMPORARY ON DATABASE ${name} FROM PUBLIC;
             ALTER DATABASE ${name} SET statement_timeout = '55s'; ALTER ROLE reader IN DATABASE ${name} SET work_mem = '5MB';`,
        );
        good = await contents();
        first = await backUp();
    });
    after(async () => {
        (s3 as S3 | undefined)?.destroy();
        for (const key of Object.keys((variables as typeof variables | undefined) ?? {})) {
            if (outside[key] === undefined) Reflect.deleteProperty(process.env, key);
            else process.env[key] = outside[key];
        }
        await (server as LoneServer | undefined)?.stop();
        if ((instance as Instance | undefined) === undefined) return;
        await cloud.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });
    beforeEach(async () => {
        await dropOthers();
        await server.sql("postgres", `COMMENT ON DATABASE ${name} IS NULL`);
    });

    it("should describe each backup in a manifest, and store large tables in the order of their keys", async () => {
        assert.equal(first.revision, "0003");
        assert.deepEqual(
            first.tables.map(({ name: table, rows: number, method }) => [table, number, method]),
            [
                ["public.alembic_version", 1, "record"],
                ["public.upload_chunks", 30_000, "record"],
                ["public.uploads", 10_000, "record"],
            ],
        );
        assert.deepEqual(first.objects, {
            ...{ constraints: 8, functions: 0, indexes: 3, sequences: 0, triggers: 0, views: 0 },
        });
        assert.equal(first.database.owner, `${name}_owner`);
        assert.equal(
            first.bytes,
            first.files.reduce((sum, { bytes }) => sum + bytes, 0),
        );
        const folder = fs.mkdtempSync(path.join(instance.root, "dump-"));
        for (const { name: file } of first.files) {
            const { Body } = await s3.getObject({ Bucket: bucket, Key: `prod/${stampOf(first)}/${file}` });
            fs.writeFileSync(path.join(folder, file), (await Body?.transformToByteArray()) ?? "");
        }
        const { stdout } = await execa("pg_restore", ["--data-only", "--table=uploads", "--file=-", folder]);
        const ids = stdout.split("\n").flatMap((line) => /^([0-9A-F]{26})\t/.exec(line)?.[1] ?? []);
        assert.equal(ids.length, 10_000);
        assert.deepEqual(ids, [...ids].sort());
    });

    it("should restore the newest backup from before a moment, with the database's rights and settings", async () => {
        const moment = nowToTheSecond();
        await damage();
        const damaged = await contents();
        await backUp();
        const open = spawn("psql", ["-XqtAw", "-d", name, "-c", "SELECT pg_sleep(600)"]);
        await server.sql("postgres", `SELECT pg_sleep(0.3)`);
        const { exitCode, stdout, stderr } = await restoreAt(moment);
        assert.equal(exitCode, 0, stderr);
        if (open.exitCode === null) await once(open, "exit");
        assert.equal(await contents(), good);
        const [kept = ""] = await keptOnes();
        assert.equal(await contents(kept), damaged);
        assert.match(kept, /^relaypacs_prod_replaced_\d{8}T\d{6}Z$/);
        for (const step of ["Downloading the dump", `Restoring into ${copy}`, `Verifying ${copy}`, "Swapping"])
            assert.match(stdout, new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z ${step}: \\d+\\.\\d\\d s$`, "m"));
        assert.match(
            stdout,
            new RegExp(`${name} is the database of ${first.takenAt}, restored, verified and swapped in`),
        );
        const described = (database: string) =>
            server.sql(
                "postgres",
                `SELECT pg_get_userbyid(datdba), (SELECT string_agg(one::text, ',' ORDER BY one::text) FROM unnest(datacl) one), datallowconn,
                     (SELECT string_agg(pg_get_userbyid(setrole) || setconfig::text, ',' ORDER BY 1) FROM pg_db_role_setting WHERE setdatabase = d.oid)
                 FROM pg_database d WHERE datname = '${database}'`,
            );
        assert.equal(await described(name), await described(kept));
        assert.match(await described(name), /reader=c\/.*\|t\|.*statement_timeout=55s.*work_mem=5MB/);
        assert.deepEqual(
            (await databases()).filter((one) => one === copy),
            [],
        );
    });

    const [wrongRows, wrongSum] = [
        (manifest: Manifest) =>
            manifest.tables.map((one) => ({ ...one, rows: one.rows + (/uploads/.test(one.name) ? 1 : 0) })),
        (manifest: Manifest) =>
            manifest.tables.map((one) => ({ ...one, checksum: /uploads/.test(one.name) ? "1" : one.checksum })),
    ];

    describe("rehearsing", () => {
        const rehearsal = `${name}_rehearsing`;
        const rehearse = () => runCommand(restoreDatabaseCommand(), ["prod", "--rehearse"]);

        it("should restore the newest backup beside the database, verify it, and drop it", async () => {
            await damage();
            const damaged = await contents();
            const open = spawn("psql", ["-XqtAw", "-d", name, "-c", "SELECT pg_sleep(600)"]);
            const { exitCode, stdout, stderr } = await rehearse();
            assert.equal(exitCode, 0, stderr);
            assert.equal(open.exitCode, null, "a connection was ended");
            open.kill("SIGKILL");
            const said = /^Rehearsed: (.*)$/m.exec(stdout)?.[1] ?? "";
            const { takenAt, tables } = await readManifest((await stamps()).at(-1)!);
            assert.deepEqual(JSON.parse(said), {
                backupTakenAt: takenAt,
                revision: "0003",
                tables: 3,
                rows: tables.reduce((sum, one) => sum + one.rows, 0),
            });
            assert.match(stdout, new RegExp(`Z Dropping ${rehearsal}: \\d+\\.\\d\\d s$`, "m"));
            assert.equal(await contents(), damaged);
            assert.deepEqual(await keptOnes(), []);
            assert.ok(!(await databases()).includes(rehearsal));
            assert.doesNotMatch(stdout, /Swapping/);
        });

        it("should fail, and drop the copy, when it is not what the manifest says", async () => {
            const newest = await readManifest((await stamps()).at(-1)!);
            await writeManifest({ ...newest, tables: wrongRows(newest) });
            const { exitCode, stdout, stderr } = await rehearse();
            await writeManifest(newest);
            assert.equal(exitCode, 2);
            assert.match(stderr, /_rehearsing is not what the backup's manifest says/);
            assert.doesNotMatch(stdout, /^Rehearsed/m);
            assert.ok(!(await databases()).includes(rehearsal));
        });
    });

    it("should change nothing when the backup is in place already, until it is told to", async () => {
        await damage();
        const moment = first.takenAt;
        assert.equal((await restoreAt(moment)).exitCode, 0);
        await server.sql(name, "DELETE FROM uploads WHERE id < '2'");
        const changed = await contents();
        const { exitCode, stdout } = await restoreAt(moment);
        assert.equal(exitCode, 0);
        assert.match(stdout, /is the verified copy of \w+ already; nothing was changed\. .* add --again\./);
        assert.equal(await contents(), changed);
        await nextSecond();
        assert.equal((await restoreAt(moment, "--again")).exitCode, 0);
        assert.equal(await contents(), good);
    });

    it("should make the database again where it is gone", async () => {
        await server.sql("postgres", `DROP DATABASE ${name}`);
        const { exitCode, stdout, stderr } = await restoreAt(first.takenAt);
        assert.equal(exitCode, 0, stderr);
        assert.match(stdout, /There was none before\./);
        assert.equal(await contents(), good);
    });

    it("should refuse a file that was changed after the backup", async () => {
        const file = first.files.find(({ name: one }) => one.endsWith(".dat.gz"))!.name;
        const Key = `prod/${stampOf(first)}/${file}`;
        const { Body } = await s3.getObject({ Bucket: bucket, Key });
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
        const tampered = Uint8Array.from(bytes);
        tampered[tampered.length >> 1]! ^= 1;
        await s3.putObject({ Bucket: bucket, Key, Body: tampered });
        const was = await contents();
        const { exitCode, stderr } = await restoreAt(first.takenAt);
        await s3.putObject({ Bucket: bucket, Key, Body: bytes });
        assert.equal(exitCode, 2);
        assert.match(
            stderr,
            new RegExp(
                `^release restore-database: ${file} of the backup ${stampOf(first)} has the SHA-256 [0-9a-f]{64}; its manifest says [0-9a-f]{64}\\. The file was changed or damaged, .*; choose an earlier moment\\.\\n$`,
            ),
        );
        assert.equal(await contents(), was);
        assert.deepEqual(await keptOnes(), []);
    });

    const wrongs: readonly (readonly [string, (manifest: Manifest) => Partial<Manifest>, RegExp])[] = [
        ["row count", (one) => ({ tables: wrongRows(one) }), /public\.uploads has 10000 rows instead of 10001/],
        ["checksum", (one) => ({ tables: wrongSum(one) }), /the rows of public\.uploads differ/],
        ["schema revision", () => ({ revision: "0004" }), /the schema's revision is 0003 instead of 0004/],
        [
            "number of indexes",
            ({ objects }) => ({ objects: { ...objects, indexes: 4 } }),
            /there are 3 indexes instead of 4/,
        ],
        ["table", (one) => ({ tables: one.tables.slice(1) }), /public\.alembic_version is not in it/],
    ];
    for (const [what, change, sentence] of wrongs)
        it(`should keep the database when the copy has another ${what} than the manifest`, async () => {
            const was = await contents();
            await withManifest({ ...first, ...change(first) }, async () => {
                const { exitCode, stderr } = await restoreAt(first.takenAt);
                assert.equal(exitCode, 2);
                assert.match(stderr, sentence);
                assert.match(stderr, /so relaypacs_prod stays as it is: .*\. Choose an earlier moment\.\n$/);
            });
            assert.equal(await contents(), was);
            assert.deepEqual(await keptOnes(), []);
        });

    it("should pass over a backup that was interrupted, and refuse a moment before all", async () => {
        const interrupted = new Date(Date.parse(first.takenAt) + 1000).toISOString().replace(/[-:]|\.\d+/g, "");
        await s3.putObject({ Bucket: bucket, Key: `prod/${interrupted}/toc.dat`, Body: "cut" });
        const moment = new Date(Date.parse(first.takenAt) + 1000).toISOString();
        const { exitCode, stdout } = await restoreAt(moment);
        await s3.deleteObject({ Bucket: bucket, Key: `prod/${interrupted}/toc.dat` });
        assert.equal(exitCode, 0);
        assert.match(stdout, new RegExp(`The backup ${interrupted} has no manifest`));
        const early = await restoreAt("2020-01-01T00:00:00Z");
        assert.equal(early.exitCode, 2);
        assert.equal(
            early.stderr,
            `release restore-database: No complete backup of prod is from 2020-01-01T00:00:00Z or before; the oldest is ${stampOf(first)}.\n`,
        );
    });

    describe("killed", () => {
        /** Kills a restore, with what it started, as soon as it prints a text. */
        const kill = async (at: string) => {
            const args = [
                "-r",
                "ts-node/register",
                "release/main.ts",
                "restore-database",
                "prod",
                first.takenAt,
                "--yes",
            ];
            const command = spawn(process.execPath, args, {
                cwd: projectRoot,
                detached: true,
                stdio: ["ignore", "pipe", "inherit"],
            });
            let output = "";
            command.stdout.setEncoding("utf8").on("data", (text: string) => {
                output += text;
                if (output.includes(at)) process.kill(-command.pid!, "SIGKILL");
            });
            const [, signal] = (await once(command, "close")) as [number | null, string | null];
            assert.equal(signal, "SIGKILL", output);
        };
        const places = [
            "Creating",
            "Downloading",
            "Restoring into",
            "Verifying",
            `Verifying ${copy}:`,
            "Swapping",
            "swapped in",
        ];
        for (const place of places)
            it(`should lose nothing at "${place}", and finish when it is run again`, async () => {
                await damage();
                const damaged = await contents();
                await kill(place);
                // The server carries out a message that it has received, and then has no client.
                await server.sql("postgres", "SELECT pg_sleep(0.5)");
                const kept = await keptOnes();
                const now = await contents();
                if (kept.length === 0) assert.equal(now, damaged);
                else assert.deepEqual([now, await contents(kept[0])], [good, damaged]);
                const { exitCode, stderr } = await restoreAt(first.takenAt);
                assert.equal(exitCode, 0, stderr);
                assert.equal(await contents(), good);
                const [only = "", ...others] = await keptOnes();
                assert.deepEqual(others, []);
                assert.equal(await contents(only), damaged);
                assert.ok(!(await databases()).includes(copy));
            });

        it("should finish when the server died after it had closed the database", async () => {
            await damage();
            await kill(`Verifying ${copy}:`);
            await server.sql("postgres", `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
            assert.equal((await restoreAt(first.takenAt)).exitCode, 0);
            assert.equal(await contents(), good);
        });
    });

    describe("given something wrong", () => {
        const refused = async (args: readonly string[], sentence: RegExp | string, changes: NodeJS.ProcessEnv = {}) => {
            const was = { ...process.env };
            for (const [key, value] of Object.entries(changes))
                if (value === undefined) Reflect.deleteProperty(process.env, key);
                else process.env[key] = value;
            try {
                const { exitCode, stderr } = await runCommand(restoreDatabaseCommand(), [...args, "--yes"]);
                assert.equal(exitCode, 2, stderr);
                if (typeof sentence === "string") assert.equal(stderr, `release restore-database: ${sentence}\n`);
                else assert.match(stderr, sentence);
                assert.ok(!stderr.includes(variables.PGPASSWORD!), "the password is in the error");
            } finally {
                for (const key of Object.keys(changes)) Reflect.deleteProperty(process.env, key);
                Object.assign(process.env, was);
            }
        };

        it("should refuse it in one sentence", async () => {
            const moment = first.takenAt;
            await refused(["prod"], "The timestamp is missing; accepted: a time such as 2026-01-14T18:00:00Z.");
            await refused(["production", moment], 'The environment is "production"; accepted: staging or prod.');
            for (const bad of ["yesterday", "2026-01-14", "2026-01-14T18:00:00", "2026-13-14T18:00:00Z", ""])
                await refused(
                    ["prod", bad],
                    `The timestamp is "${bad}"; accepted: a time such as 2026-01-14T18:00:00Z.`,
                );
            await refused(
                ["prod", "2999-01-01T00:00:00Z"],
                /^[^\n]*is in the future; accepted: a time at which the data was good\.\n$/,
            );
            await refused(
                ["staging", moment],
                new RegExp(`No complete backup of staging .*; the bucket ${bucket} has none\\.`),
            );
            await refused(
                ["prod", moment, "--bucket", "missing-bucket"],
                /^[^\n]*The bucket missing-bucket can't be listed: NoSuchBucket[^\n]*\n$/,
            );
            await refused(["prod", moment], /psql can't be started; install PostgreSQL's client programs/, {
                PATH: "/nowhere",
            });
            await refused(
                ["prod", moment],
                /^[^\n]*PGHOST is missing from the environment; accepted: a URL [^\n]*\n$/,
                { PGHOST: undefined },
            );
            await refused(["prod", moment], /^[^\n]*DATABASE_URL is no address of a database; accepted: [^\n]*\n$/, {
                DATABASE_URL: `mysql://${variables.PGPASSWORD!}`,
            });
            await refused(["prod", moment], /^[^\n]*password authentication failed for user "postgres"\n$/, {
                PGPASSWORD: "wrong",
            });
        });

        it("should refuse a user who may not create databases, and a second restore at once", async () => {
            await server.sql("postgres", "CREATE ROLE plain LOGIN PASSWORD 'synthetic'");
            await refused(
                ["prod", first.takenAt],
                /The user plain may not create databases; accepted: an administrator/,
                {
                    DATABASE_URL: `postgresql+psycopg://plain:synthetic@127.0.0.1:${variables.PGPORT!}/${name}`,
                },
            );
            const holder = spawn("psql", [
                ...["-XqtAw", "-d", "postgres", "-c"],
                `SELECT pg_advisory_lock(hashtextextended('relaypacs-restore ${name}', 0)), pg_sleep(600)`,
            ]);
            const held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted";
            while ((await server.sql("postgres", held)) !== "1") await sleep(50);
            await refused(
                ["prod", first.takenAt],
                /Another restore of relaypacs_prod is under way; wait for its end, or end it\./,
            );
            holder.kill("SIGKILL");
        });
    });

    it("should give no program the password as an argument, and print it nowhere", async () => {
        const folder = fs.mkdtempSync(path.join(instance.root, "programs-"));
        const log = path.join(folder, "arguments");
        for (const program of ["psql", "pg_dump", "pg_restore", "vacuumdb"])
            fs.writeFileSync(
                path.join(folder, program),
                `#!/bin/sh\necho "${program} $*" >> ${log}\nexec "$(PATH=$OTHER_PATH command -v ${program})" "$@"\n`,
                { mode: 0o755 },
            );
        const { PATH } = process.env;
        process.env.OTHER_PATH = PATH;
        process.env.PATH = `${folder}:${PATH!}`;
        try {
            await damage();
            const url = `postgresql://postgres:${variables.PGPASSWORD!}@127.0.0.1:${variables.PGPORT!}/${name}`;
            process.env.DATABASE_URL = url;
            const ran = await restoreAt(first.takenAt);
            assert.equal(ran.exitCode, 0, ran.stderr);
            assert.equal(await contents(), good);
            const started = fs.readFileSync(log, "utf8");
            assert.match(started, /^psql /m);
            assert.match(started, /^pg_restore /m);
            for (const text of [started, ran.stdout, ran.stderr])
                assert.ok(!text.includes(variables.PGPASSWORD!), "the password is shown");
        } finally {
            process.env.PATH = PATH;
            delete process.env.OTHER_PATH;
            delete process.env.DATABASE_URL;
        }
    });
});
