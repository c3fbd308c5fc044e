import * as fs from "node:fs";
import * as path from "node:path";
import type { LoneServer } from "../parts/database/alone";

const migrations = path.resolve(__dirname, "../application/alembic/migrations");

/** The gateway's newest migration here. */
export const gatewayRevision = "0003";

/**
 * Makes a database as the gateway's migrations do, owned by a role of its own, and fills it: for each upload three chunks.
 * Ids are as random as the gateway's, so rows lie in no order.
 *
 * @param rows of both tables together, a multiple of four
 */
export async function makeGatewayDatabase(server: LoneServer, database: string, rows: number): Promise<void> {
    const role = `${database}_owner`;
    await server.sql("postgres", `CREATE ROLE ${role}; CREATE DATABASE ${database} OWNER ${role};`);
    const steps = fs
        .readdirSync(migrations)
        .filter((file) => file.endsWith(".up.sql"))
        .sort()
        .map((file) => fs.readFileSync(path.join(migrations, file), "utf8"));
    await server.sql(
        database,
        `SET ROLE ${role};
         CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
         INSERT INTO alembic_version VALUES ('${gatewayRevision}');
         ${steps.join("\n")}
         INSERT INTO uploads (id, chunks, created_at, completed_at)
             SELECT upper(substr(md5(n::text), 1, 26)), 3, timestamptz '2026-01-01' + n * interval '1 second',
                 CASE WHEN n % 10 > 0 THEN timestamptz '2026-01-01' + n * interval '2 seconds' END
             FROM generate_series(1, ${rows / 4}) n;
         INSERT INTO upload_chunks (upload_id, number, bytes, sha256)
             SELECT upper(substr(md5(n::text), 1, 26)), chunk, 1048576 - n % 4096, sha256((n || '-' || chunk)::bytea)
             FROM generate_series(1, ${rows / 4}) n, generate_series(1, 3) chunk;`,
    );
}
