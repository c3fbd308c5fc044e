import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { counted, few } from "../../delivery/core/text";
import { InputError } from "../shared/judging";
import {
    countObjects,
    dumpDigest,
    listTables,
    measureTable,
    readRevision,
    type Manifest,
    type Table,
} from "../shared/database/manifest";
import { identifier, literal, runTool, Session, toolVersion, type Server } from "../shared/database/psql";
import type { Environment } from "../shared/database/settings";
import { stampOf, timeOfStamp, type BackupStore } from "../shared/database/store";

/** The database in which the others are created and renamed. Every server has it. */
const maintenanceDatabase = "postgres";

export interface RehearsalRequest {
    readonly environment: Environment;
    /** RFC 3339, UTC: the data was good then. */
    readonly moment: string;
    readonly server: Server;
    readonly store: BackupStore;
    /** Connections that write and verify at once. */
    readonly jobs: number;
    readonly say: (line: string) => void;
}

export interface RestoreRequest extends RehearsalRequest {
    /** Restores the same backup again after it was swapped in. */
    readonly again: boolean;
    readonly confirm: (question: string) => Promise<boolean>;
}

/** What a rehearsal has restored and compared. */
export interface Rehearsed {
    readonly backupTakenAt: string;
    /** Absent where the schema has no revision. */
    readonly revision?: string;
    readonly tables: number;
    readonly rows: number;
}

/** The newest complete backup that was taken at the moment or before it. */
interface Chosen {
    readonly stamp: string;
    readonly manifest: Manifest;
}

/** What a database's comment says after a restore. */
const commentOf = ({ environment }: RehearsalRequest, { stamp, manifest }: Chosen) =>
    `Restored by release restore-database from ${environment}/${stamp}, sha256 ${manifest.sha256}`;

/**
 * Restores an environment's database (specification, section 7: data corruption): the newest backup from before a moment is
 * restored beside the database, verified against its manifest, and takes the name. The database that had it is kept under a
 * dated name.
 *
 * Interrupted anywhere, the database is either the one from before or the verified copy; the same call again finishes.
 *
 * @returns whether the database was restored; false when a person said no
 * @throws Error, one sentence; the database is then as it was
 */
export async function restore(request: RestoreRequest): Promise<boolean> {
    const { server, say } = request;
    const session = await Session.open(server, maintenanceDatabase);
    try {
        const chosen = await prepare(request, session);
        const live = await describe(session, server.database);
        if (live?.comment === commentOf(request, chosen) && !request.again) {
            say(
                `${server.database} is the verified copy of ${chosen.stamp} already; nothing was changed. To restore that backup once more, which loses what was written since, add --again.`,
            );
            await openDatabase(session, server.database);
            return true;
        }
        if (!(await request.confirm(`Replace ${server.database} by the backup of ${chosen.manifest.takenAt}?`))) {
            say("Nothing was changed.");
            return false;
        }
        await restoreChosen(request, session, chosen);
        return true;
    } finally {
        await session.close();
    }
}

/**
 * Rehearses a restore: the newest backup is restored beside the database, verified against its manifest, and dropped,
 * verified or not. The database is only read for its rights and settings.
 *
 * @throws Error, one sentence, where the backup does not restore to what its manifest says
 */
export async function rehearse(request: RehearsalRequest): Promise<Rehearsed> {
    const { server, say } = request;
    const session = await Session.open(server, maintenanceDatabase);
    try {
        const chosen = await prepare(request, session);
        const { manifest } = chosen;
        const copy = `${server.database}_rehearsing`;
        const { step, total } = stepper(say);
        try {
            await makeCopy(request, session, chosen, copy, step);
            await step(`Verifying ${copy}`, () => verify(request, manifest, copy));
        } finally {
            await step(`Dropping ${copy}`, () => dropDatabase(session, copy));
        }
        say(`The backup of ${manifest.takenAt} was restored, verified and dropped in ${total()}.`);
        return {
            backupTakenAt: manifest.takenAt,
            ...(manifest.revision !== null && { revision: manifest.revision }),
            tables: manifest.tables.length,
            rows: rowsOf(manifest),
        };
    } finally {
        await session.close();
    }
}

const rowsOf = ({ tables }: Manifest) => tables.reduce((sum, { rows }) => sum + rows, 0);

const dropDatabase = (session: Session, name: string) =>
    session.ask(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE);`);

/** What both begin with: one at a time, by a user who may, a backup, and programs that can read it. */
async function prepare(request: RehearsalRequest, session: Session): Promise<Chosen> {
    const version = await checkServer(request, session);
    const chosen = await choose(request);
    await checkTools(request.server, Math.max(version, Number.parseInt(chosen.manifest.postgresql, 10)));
    return chosen;
}

/** One restore at a time, by a user who may do all of it. Returns the server's major version. */
async function checkServer({ server }: RehearsalRequest, session: Session): Promise<number> {
    const locked = await session.ask(
        `SELECT pg_try_advisory_lock(hashtextextended(${literal(`relaypacs-restore ${server.database}`)}, 0));`,
    );
    if (locked !== "t")
        throw new InputError(`Another restore of ${server.database} is under way; wait for its end, or end it.`);
    const [may, user, version] = (
        await session.ask(
            "SELECT rolcreatedb OR rolsuper, rolname, current_setting('server_version_num')::int / 10000 FROM pg_roles WHERE rolname = current_user;",
        )
    ).split("|");
    if (may !== "t")
        throw new InputError(
            `The user ${user ?? ""} may not create databases; accepted: an administrator of the server, with CREATEDB and membership in the owner's role.`,
        );
    return Number(version);
}

async function checkTools(server: Server, version: number): Promise<void> {
    const installed = await toolVersion(server, "pg_restore");
    if (installed < version)
        throw new InputError(
            `pg_restore here is of PostgreSQL ${installed}, and server or backup are of ${version}; install postgresql-client-${version}.`,
        );
}

async function choose({ moment, store, say, environment }: RehearsalRequest): Promise<Chosen> {
    const stamps = await store.stamps();
    for (const stamp of stamps) {
        if ((timeOfStamp(stamp) ?? Infinity) > Date.parse(moment)) continue;
        const manifest = await store.manifest(stamp);
        if (!manifest) {
            say(`The backup ${stamp} has no manifest: it was interrupted, or is being made. The one before it counts.`);
            continue;
        }
        if (manifest.environment !== environment || stampOf(manifest.takenAt) !== stamp)
            throw new Error(
                `The manifest of the backup ${stamp} is that of ${manifest.environment} at ${manifest.takenAt}; someone has moved it. Choose an earlier moment.`,
            );
        return { stamp, manifest };
    }
    const oldest = stamps.at(-1);
    throw new InputError(
        `No complete backup of ${environment} is from ${moment} or before; ${oldest === undefined ? `the bucket ${store.bucket} has none` : `the oldest is ${oldest}`}.`,
    );
}

interface Described {
    readonly comment: string | null;
    readonly open: boolean;
}

async function describe(session: Session, database: string): Promise<Described | undefined> {
    const text = await session.ask(
        `SELECT json_build_object('comment', shobj_description(oid, 'pg_database'), 'open', datallowconn) FROM pg_database WHERE datname = ${literal(database)};`,
    );
    return text === "" ? undefined : (JSON.parse(text) as Described);
}

/** Says how long each step took. */
function stepper(say: RehearsalRequest["say"]) {
    const started = performance.now();
    const seconds = (from: number) => `${((performance.now() - from) / 1000).toFixed(2)} s`;
    return {
        total: () => seconds(started),
        async step<T>(what: string, action: () => Promise<T>): Promise<T> {
            const from = performance.now();
            say(`${new Date().toISOString()} ${what} …`);
            const answer = await action();
            say(`${new Date().toISOString()} ${what}: ${seconds(from)}`);
            return answer;
        },
    };
}

async function restoreChosen(request: RestoreRequest, session: Session, chosen: Chosen): Promise<void> {
    const { server, say } = request;
    const { manifest } = chosen;
    const copy = `${server.database}_restoring`;
    const { step, total } = stepper(say);
    const isVerified = (await describe(session, copy))?.comment === commentOf(request, chosen);
    if (isVerified) say(`${copy} is left from an interrupted run; it is verified again.`);
    else await makeCopy(request, session, chosen, copy, step);
    await step(`Verifying ${copy}`, () => verify(request, manifest, copy));
    await session.ask(`COMMENT ON DATABASE ${identifier(copy)} IS ${literal(commentOf(request, chosen))};`);
    const kept = await step("Swapping", () => swap(request, session, copy));
    say(
        `${server.database} is the database of ${manifest.takenAt}, restored, verified and swapped in ${total()}. ` +
            (kept === undefined
                ? "There was none before."
                : `The one from before is ${kept}; drop it when no one needs it.`),
    );
    await step("Collecting statistics", async () => {
        // The planner guesses without them; queries are slow then, and right.
        await runTool(server, "vacuumdb", [
            "--analyze-only",
            `--jobs=${request.jobs}`,
            "--no-password",
            server.database,
        ]).catch((error: unknown) => {
            say(`${(error as Error).message}. Run ANALYZE by hand.`);
        });
    });
}

/** Restores a backup into a database of its own. */
async function makeCopy(
    request: RehearsalRequest,
    session: Session,
    chosen: Chosen,
    copy: string,
    step: ReturnType<typeof stepper>["step"],
): Promise<void> {
    const { manifest, stamp } = chosen;
    request.say(
        `Restoring ${stamp}: ${counted(manifest.tables.length, "table")}, ${counted(rowsOf(manifest), "row")}, schema ${manifest.revision ?? "without a revision"}`,
    );
    const folder = await emptyFolder(request.server);
    try {
        // The server creates a database while the dump comes.
        const created = step(`Creating ${copy}`, () => createCopy(request, session, chosen, copy));
        created.catch(() => undefined);
        await step("Downloading the dump", () => download(request, chosen, folder));
        await created;
        await step(`Restoring into ${copy}`, () => load(request, session, copy, folder));
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

/**
 * A folder for the dump that only this user can read. It has one name for each database, so that the next run deletes what
 * a killed one has left.
 */
async function emptyFolder({ environment, database }: Server): Promise<string> {
    const name = [environment.PGHOST, environment.PGPORT, database].map((part) => encodeURIComponent(part ?? ""));
    const folder = join(tmpdir(), `relaypacs-restore-${name.join("-")}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    return folder;
}

/** An empty database with the owner and the locale of the one that is restored. A half-restored one is dropped first. */
async function createCopy(
    { server }: RehearsalRequest,
    session: Session,
    { manifest: { database } }: Chosen,
    copy: string,
): Promise<void> {
    const name = identifier(copy);
    await dropDatabase(session, copy);
    await session.ask(
        `CREATE DATABASE ${name} TEMPLATE template0 OWNER ${identifier(database.owner)} ENCODING ${literal(database.encoding)} LC_COLLATE ${literal(database.collate)} LC_CTYPE ${literal(database.ctype)};`,
    );
    // Rights and settings of a database are no part of its dump.
    const statements = await session.ask(propertiesOf(server.database, copy));
    if (statements !== "") await session.ask(statements);
}

/** Statements that give one database the rights and the settings of another. */
const propertiesOf = (from: string, to: string) => `
    SELECT statement FROM (
        SELECT 1 AS place, format('REVOKE ALL ON DATABASE %I FROM PUBLIC;', ${literal(to)}) AS statement
        FROM pg_database WHERE datname = ${literal(from)} AND datacl IS NOT NULL
        UNION ALL
        SELECT 2, format('GRANT %s ON DATABASE %I TO %s%s;', a.privilege_type, ${literal(to)},
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM pg_database d CROSS JOIN aclexplode(d.datacl) a WHERE d.datname = ${literal(from)}
        UNION ALL
        SELECT 3, CASE s.setrole WHEN 0 THEN format('ALTER DATABASE %I', ${literal(to)})
            ELSE format('ALTER ROLE %I IN DATABASE %I', pg_get_userbyid(s.setrole), ${literal(to)}) END
            || format(' SET %I TO %s;', split_part(c, '=', 1),
                CASE WHEN split_part(c, '=', 1) IN ('search_path', 'session_preload_libraries', 'local_preload_libraries', 'temp_tablespaces', 'DateStyle')
                    THEN substr(c, strpos(c, '=') + 1) ELSE quote_literal(substr(c, strpos(c, '=') + 1)) END)
        FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase CROSS JOIN unnest(s.setconfig) c
        WHERE d.datname = ${literal(from)}
        UNION ALL
        SELECT 4, format('ALTER DATABASE %I CONNECTION LIMIT %s;', ${literal(to)}, datconnlimit)
        FROM pg_database WHERE datname = ${literal(from)} AND datconnlimit <> -1
    ) statements ORDER BY place;`;

async function download({ store, jobs }: RehearsalRequest, { stamp, manifest }: Chosen, folder: string): Promise<void> {
    if (dumpDigest(manifest.files) !== manifest.sha256)
        throw new Error(`The manifest of ${stamp} contradicts itself: its files don't make the dump's SHA-256.`);
    // The largest first, so that none is waited for at the end.
    const left = [...manifest.files].sort((one, other) => one.bytes - other.bytes);
    const work = async () => {
        for (let file = left.pop(); file; file = left.pop()) {
            const found = await store.download(stamp, file.name, folder);
            if (found !== file.sha256)
                throw new Error(
                    `${file.name} of the backup ${stamp} has the SHA-256 ${found}; its manifest says ${file.sha256}. The file was changed or damaged, and nothing was restored from it; choose an earlier moment.`,
                );
        }
    };
    await Promise.all(Array.from({ length: Math.max(jobs, 4) }, work));
}

/**
 * `pg_restore` with what makes it fast, for its connections alone: nothing waits for the disk at each commit, for the swap's
 * own commit writes all of it; indexes are built in memory, one by each connection; and the log of whole pages is compressed
 * where the user may set that.
 */
async function load({ server, jobs }: RehearsalRequest, session: Session, copy: string, folder: string): Promise<void> {
    const compressible = await session.ask(
        "SELECT count(*) FROM pg_settings WHERE name = 'wal_compression' AND 'lz4' = ANY (enumvals) AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);",
    );
    const settings = {
        synchronous_commit: "off",
        maintenance_work_mem: "256MB",
        jit: "off",
        ...(jobs > 1 && { max_parallel_maintenance_workers: "0" }),
        ...(compressible === "1" && { wal_compression: "lz4" }),
    };
    await runTool(
        server,
        "pg_restore",
        ["--exit-on-error", `--jobs=${jobs}`, "--no-password", `--dbname=${connectionName(copy)}`, folder],
        { settings },
    );
}

/** A database's name that libpq doesn't take for a connection string. */
const connectionName = (name: string) => `dbname='${name.replaceAll(/[\\']/g, (character) => `\\${character}`)}'`;

/** @throws Error that names what differs from the manifest; the copy stays and is not used */
async function verify({ server, jobs }: RehearsalRequest, manifest: Manifest, copy: string): Promise<void> {
    const sessions = await Promise.all(
        Array.from({ length: jobs }, () =>
            Session.open(server, copy, { jit: "off", default_transaction_read_only: "on" }),
        ),
    );
    try {
        const [first] = sessions;
        if (!first) return;
        const found = (await listTables(first)).map(({ name }) => name);
        const wrong = [
            ...found
                .filter((name) => !manifest.tables.some((one) => one.name === name))
                .map((name) => `${name} is not in it`),
            ...manifest.tables.filter(({ name }) => !found.includes(name)).map(({ name }) => `${name} is missing`),
        ];
        const revision = await readRevision(first);
        if (revision !== manifest.revision)
            wrong.push(`the schema's revision is ${revision ?? "none"} instead of ${manifest.revision ?? "none"}`);
        const objects = await countObjects(first);
        for (const [kind, number] of Object.entries(manifest.objects)) {
            const had = objects[kind as keyof typeof objects];
            if (had !== number) wrong.push(`there are ${had} ${kind} instead of ${number}`);
        }
        const left = manifest.tables
            .filter(({ name }) => found.includes(name))
            .sort((one, other) => one.rows - other.rows);
        await Promise.all(
            sessions.map(async (session) => {
                for (let table = left.pop(); table; table = left.pop()) {
                    const problem = differenceOf(table, await measureTable(session, table));
                    if (problem !== undefined) wrong.push(problem);
                }
            }),
        );
        if (wrong.length > 0)
            throw new Error(
                `${copy} is not what the backup's manifest says, so ${server.database} stays as it is: ${few(wrong)}. Choose an earlier moment.`,
            );
    } finally {
        await Promise.all(sessions.map((session) => session.close()));
    }
}

function differenceOf(expected: Table, found: Table): string | undefined {
    if (found.rows !== expected.rows)
        return `${expected.name} has ${counted(found.rows, "row")} instead of ${expected.rows}`;
    return found.checksum === expected.checksum ? undefined : `the rows of ${expected.name} differ`;
}

const openDatabase = (session: Session, database: string) =>
    session.ask(`ALTER DATABASE ${identifier(database)} WITH ALLOW_CONNECTIONS true;`);

/**
 * Gives the copy the database's name, and the database a dated one, in one transaction. Both names can only change while no
 * one is connected, so the database takes no connections before. All of it is one message to the server, which carries it
 * out to the end even if this process dies.
 *
 * @returns the dated name; undefined where there was no database
 */
async function swap({ server }: RestoreRequest, session: Session, copy: string): Promise<string | undefined> {
    const { database } = server;
    const name = identifier(database);
    if (!(await describe(session, database))) {
        await session.ask(`ALTER DATABASE ${identifier(copy)} RENAME TO ${name};`);
        return undefined;
    }
    const kept = await session.ask(
        `SELECT ${literal(`${database}_replaced_`)} || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"');`,
    );
    const dated = identifier(kept);
    const statements = [
        `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`,
        "COMMIT",
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${literal(database)}`,
        "BEGIN",
        `ALTER DATABASE ${name} RENAME TO ${dated}`,
        `ALTER DATABASE ${identifier(copy)} RENAME TO ${name}`,
        `ALTER DATABASE ${dated} WITH ALLOW_CONNECTIONS true`,
        "COMMIT",
    ];
    try {
        await runTool(server, "psql", [
            "-Xqw",
            "-v",
            "ON_ERROR_STOP=1",
            `--dbname=${connectionName(maintenanceDatabase)}`,
            "-c",
            statements.join("; "),
        ]);
    } catch (error) {
        await openDatabase(session, database);
        throw new Error(`${(error as Error).message}. ${database} is as it was; run this command again.`, {
            cause: error,
        });
    }
    return kept;
}
