import { createHash } from "node:crypto";
import { z } from "zod";
import { identifier, type Session } from "./psql";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

const table = z.strictObject({
    /** With its schema, quoted as in SQL. */
    name: z.string().min(1),
    rows: count,
    /** Sum of the rows' hashes, in decimal digits; the order of rows does not matter. */
    checksum: z.string().regex(/^-?\d+$/),
    /** What is hashed: a row's values, or its text, for types whose hash depends on the database. */
    method: z.enum(["record", "text"]),
});

/** Numbers of what a schema has beside tables; all that a backup holds must be there again. */
const objects = z.strictObject({
    constraints: count,
    functions: count,
    indexes: count,
    sequences: count,
    triggers: count,
    views: count,
});

/** What is written beside each backup, after everything else: a backup without it is not complete. */
export const manifest = z.strictObject({
    formatVersion: z.literal(1),
    environment: z.enum(["staging", "prod"]),
    database: z.strictObject({
        name: z.string().min(1),
        owner: z.string().min(1),
        encoding: z.string().min(1),
        collate: z.string().min(1),
        ctype: z.string().min(1),
    }),
    /** Version of the server. */
    postgresql: z.string().min(1),
    /** Time of the snapshot by the server's clock: what was committed before is in the backup. */
    takenAt: z.iso.datetime(),
    completedAt: z.iso.datetime(),
    /** Alembic's revision of the schema; null without its table. */
    revision: z.string().nullable(),
    /** Bytes of all files. */
    bytes: count,
    /** SHA-256 of the dump: of its files' digests and names, as `sha256sum` prints them. */
    sha256,
    files: z
        .array(
            z.strictObject({
                name: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/),
                bytes: count,
                sha256,
            }),
        )
        .min(1),
    tables: z.array(table),
    objects,
});

export type Manifest = z.infer<typeof manifest>;
export type Table = z.infer<typeof table>;
export type Objects = z.infer<typeof objects>;

/** The dump's digest, from those of its files. */
export const dumpDigest = (files: Manifest["files"]): string =>
    createHash("sha256")
        .update(
            [...files]
                .sort((one, other) => (one.name < other.name ? -1 : 1))
                .map(({ name, sha256: digest }) => `${digest}  ${name}\n`)
                .join(""),
        )
        .digest("hex");

/** A table as the catalog has it. */
export interface ListedTable extends Pick<Table, "name" | "method"> {
    readonly oid: number;
    /** Columns that COPY reads, as SQL quotes them. */
    readonly columns: readonly string[];
    /** Columns of the primary key; empty without one. */
    readonly key: readonly string[];
}

const ours = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'`;

/** Types whose values have the same hash in every database. Enumerations hash their oid, numbers forget their scale. */
const stableTypes = ["bool", "bytea", "date", "int2", "int4", "int8", "text", "timestamp", "timestamptz", "uuid"];
const stable = [...stableTypes, "varchar"].map((name) => `'pg_catalog.${name}'::regtype`).join(", ");

const columnsOf = (condition: string) =>
    `SELECT coalesce(json_agg(quote_ident(a.attname) ORDER BY a.attnum), '[]') FROM pg_attribute a
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND ${condition}`;

/** Every table with data of its own, partitions among them; those of extensions belong to the extension. */
export async function listTables(session: Session): Promise<readonly ListedTable[]> {
    const text = await session.ask(`
        SELECT coalesce(json_agg(json_build_object(
            'name', format('%I.%I', n.nspname, c.relname),
            'oid', c.oid::bigint,
            'columns', (${columnsOf("a.attgenerated = ''")}),
            'key', (SELECT coalesce(json_agg(quote_ident(a.attname) ORDER BY k.place), '[]')
                FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY k (number, place)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                WHERE i.indrelid = c.oid AND i.indisprimary),
            'method', CASE WHEN current_setting('server_version_num')::int >= 140000 AND NOT EXISTS (
                SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.atttypid NOT IN (${stable})) THEN 'record' ELSE 'text' END
        ) ORDER BY n.nspname, c.relname), '[]')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND ${ours} AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');`);
    return JSON.parse(text) as ListedTable[];
}

/** Counts a table's rows and sums up their hashes, in one scan. */
export async function measureTable(session: Session, { name, method }: Pick<Table, "name" | "method">): Promise<Table> {
    const hash =
        method === "record" ? "hash_record_extended(relaypacs_row, 0)" : "hashtextextended(relaypacs_row::text, 0)";
    const text = await session.ask(
        `SELECT json_build_object('rows', count(*), 'checksum', coalesce(sum(${hash}), 0)::text) FROM ONLY ${name} relaypacs_row;`,
    );
    return { name, method, ...(JSON.parse(text) as Pick<Table, "rows" | "checksum">) };
}

/** Alembic's revision; null where its table is missing or empty. */
export async function readRevision(session: Session): Promise<string | null> {
    const found = await session.ask("SELECT to_regclass('public.alembic_version') IS NOT NULL;");
    if (found !== "t") return null;
    const text = await session.ask(
        "SELECT string_agg(version_num, ',' ORDER BY version_num) FROM public.alembic_version;",
    );
    return text === "" ? null : text;
}

/** Counts what a schema has beside tables. */
export async function countObjects(session: Session): Promise<Objects> {
    const inOurs = (catalog: string, namespace: string, condition = "true") =>
        `(SELECT count(*) FROM ${catalog} o JOIN pg_namespace n ON n.oid = ${namespace} WHERE ${ours} AND ${condition})`;
    const text = await session.ask(`
        SELECT json_build_object(
            'constraints', ${inOurs("pg_constraint", "o.connamespace", "o.convalidated")},
            'functions', ${inOurs("pg_proc", "o.pronamespace")},
            'indexes', ${inOurs(
                "pg_class",
                "o.relnamespace",
                "o.relkind IN ('i', 'I') AND (SELECT i.indisvalid FROM pg_index i WHERE i.indexrelid = o.oid)",
            )},
            'sequences', ${inOurs("pg_class", "o.relnamespace", "o.relkind = 'S'")},
            'triggers', ${inOurs(
                "(SELECT t.*, r.relnamespace FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid)",
                "o.relnamespace",
                "NOT o.tgisinternal",
            )},
            'views', ${inOurs("pg_class", "o.relnamespace", "o.relkind IN ('v', 'm')")}
        );`);
    return JSON.parse(text) as Objects;
}

/** A table's rows in the order of its primary key, as pg_dump writes them. */
export const copyInKeyOrder = ({ name, columns, key }: ListedTable): string =>
    `COPY (SELECT ${columns.join(", ")} FROM ONLY ${name} ORDER BY ${key.join(", ")}) TO STDOUT;`;

/** A database's name in SQL. */
export const databaseName = identifier;
