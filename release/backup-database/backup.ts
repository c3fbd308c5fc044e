import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import {
    copyInKeyOrder,
    countObjects,
    dumpDigest,
    listTables,
    measureTable,
    readRevision,
    type ListedTable,
    type Manifest,
    type Table,
} from "../shared/database/manifest";
import { literal, problemOf, runTool, Session, type Server } from "../shared/database/psql";
import type { Environment } from "../shared/database/settings";
import { stampOf, type BackupStore } from "../shared/database/store";

export interface BackupRequest {
    readonly environment: Environment;
    readonly server: Server;
    readonly store: BackupStore;
    /** Connections that read at once. */
    readonly jobs: number;
    readonly say: (line: string) => void;
}

/**
 * gzip's level. The database is held by the snapshot while the dump is written, and level 1 takes a third of the time of
 * the default for a tenth more bytes.
 */
const compression = 1;

/** Tables with fewer rows are restored in no time in any order. */
const orderedFrom = 10_000;

/**
 * Backs up a database: `pg_dump` in its directory format, from one snapshot, with a manifest that counts and sums up every
 * table in the same snapshot. The manifest is stored last, so that what was interrupted never counts as a backup.
 *
 * Rows of large tables are stored in the order of their primary key. That halves the work of a restore: an index is built
 * from sorted rows without sorting.
 *
 * @throws Error, one sentence; nothing that is stored then counts
 */
export async function backUp(request: BackupRequest): Promise<Manifest> {
    const { environment, server, store, say } = request;
    const folder = await mkdtemp(join(tmpdir(), "relaypacs-backup-"));
    const session = await Session.open(server, server.database, { jit: "off" });
    try {
        const snapshot = await session.ask(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot();",
        );
        const facts = JSON.parse(
            await session.ask(`
                SELECT json_build_object(
                    'takenAt', to_char(transaction_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                    'postgresql', current_setting('server_version'),
                    'database', json_build_object('name', datname, 'owner', pg_get_userbyid(datdba),
                        'encoding', pg_encoding_to_char(encoding), 'collate', datcollate, 'ctype', datctype))
                FROM pg_database WHERE datname = current_database();`),
        ) as Pick<Manifest, "takenAt" | "postgresql" | "database">;
        const dump = join(folder, "dump");
        const written = writeDump(request, snapshot, dump);
        // The dump is read at the same time; if both fail, its message says more.
        written.catch(() => undefined);
        const listed = await listTables(session);
        const tables: Table[] = [];
        for (const one of listed) tables.push(await measureTable(session, one));
        const [revision, objects] = [await readRevision(session), await countObjects(session)];
        await written;
        await orderRows(request, snapshot, dump, listed, tables);
        await session.ask("COMMIT;");
        const files = await digestsOf(dump);
        const stamp = stampOf(facts.takenAt);
        say(`Storing ${files.length} files in s3://${store.bucket}/${environment}/${stamp}/`);
        for (const { name } of files) await store.upload(stamp, join(dump, name));
        const manifest: Manifest = {
            formatVersion: 1,
            environment,
            ...facts,
            completedAt: new Date().toISOString(),
            revision,
            bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
            sha256: dumpDigest(files),
            files,
            tables,
            objects,
        };
        await store.complete(stamp, manifest);
        return manifest;
    } finally {
        await session.close();
        await rm(folder, { recursive: true, force: true });
    }
}

async function writeDump({ server, jobs }: BackupRequest, snapshot: string, dump: string): Promise<void> {
    await runTool(server, "pg_dump", [
        "--format=directory",
        `--file=${dump}`,
        `--jobs=${jobs}`,
        `--compress=${compression}`,
        `--snapshot=${snapshot}`,
        // A migration that holds a table makes the backup fail, and the next one try again, instead of waiting for ever.
        "--lock-wait-timeout=60s",
        "--no-password",
    ]);
}

/** Writes the rows of large tables again, in the order of their primary keys. The rest of the dump stays as it is. */
async function orderRows(
    { server, jobs }: BackupRequest,
    snapshot: string,
    dump: string,
    listed: readonly ListedTable[],
    measured: readonly Table[],
): Promise<void> {
    const rowsOf = new Map(measured.map(({ name, rows }) => [name, rows]));
    const files = await dataFiles(server, dump);
    const left = listed
        .filter(({ name, key }) => key.length > 0 && (rowsOf.get(name) ?? 0) >= orderedFrom)
        .flatMap((table) => {
            const file = files.get(table.oid);
            return file === undefined ? [] : [{ table, file: join(dump, file) }];
        });
    const work = async () => {
        for (let one = left.pop(); one; one = left.pop()) await writeInOrder(server, snapshot, one.table, one.file);
    };
    await Promise.all(Array.from({ length: jobs }, work));
}

/** The file with each table's rows, by the table's oid, from the dump's own list. */
async function dataFiles(server: Server, dump: string): Promise<ReadonlyMap<number, string>> {
    const list = await runTool(server, "pg_restore", ["--list", dump]);
    const entries = [...list.matchAll(/^(\d+); \d+ (\d+) TABLE DATA /gm)];
    return new Map(entries.map(([, id, oid]) => [Number(oid), `${id}.dat.gz`]));
}

async function writeInOrder(server: Server, snapshot: string, table: ListedTable, file: string): Promise<void> {
    const settings =
        "-c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=3 -c search_path= -c row_security=off";
    const psql = spawn("psql", ["-XqtAw", "-v", "ON_ERROR_STOP=1", "-f", "-"], {
        env: { ...server.environment, PGDATABASE: server.database, PGOPTIONS: settings },
    });
    let errors = "";
    psql.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    psql.stdin.on("error", () => undefined);
    psql.stdin.end(`
        SELECT set_config('client_encoding', current_setting('server_encoding'), false) \\g /dev/null
        BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
        SET TRANSACTION SNAPSHOT ${literal(snapshot)};
        ${copyInKeyOrder(table)}
        COMMIT;\n`);
    const ended = new Promise<number | null>((resolve, reject) => {
        psql.on("error", reject).on("close", resolve);
    });
    const draft = `${file}.draft`;
    await Promise.all([
        pipeline(psql.stdout, endOfCopy, createGzip({ level: compression }), createWriteStream(draft)),
        ended.then((exitCode) => {
            if (exitCode !== 0) throw new Error(`The rows of ${table.name} can't be read: ${problemOf(errors)}`);
        }),
    ]);
    await rename(draft, file);
}

/** pg_dump ends each table's rows so. */
async function* endOfCopy(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    yield* source;
    yield Buffer.from("\\.\n\n\n");
}

async function digestsOf(dump: string): Promise<Manifest["files"]> {
    const files: Manifest["files"] = [];
    for (const name of (await readdir(dump)).sort()) {
        const hash = createHash("sha256");
        await pipeline(createReadStream(join(dump, name)), hash);
        files.push({ name, bytes: (await stat(join(dump, name))).size, sha256: hash.digest("hex") });
    }
    return files;
}
