import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { secretName } from "../../delivery/core/names";
import { run } from "../machine/command";
import type { Instance } from "../machine/instance";
import { aws } from "../parts/cloud/moto";
import { administer, setPassword, usersOf, type Environment } from "../parts/database/part";

/** Runs one statement in an environment's database, over a connection of its own. */
const query = (address: string, sql: string) =>
    run("psql", ["-XqtA", "-v", "ON_ERROR_STOP=1"], {
        environment: { PGCONNECT_TIMEOUT: "3", ...clientVariables(address) },
        input: sql,
    });

/** Whether an address's user and password are accepted by the database. */
export const logsIn = (address: string): Promise<boolean> =>
    query(address, "SELECT 1").then(
        () => true,
        () => false,
    );

/** How psql is told the address, which must not be among its arguments: everyone on the machine can read those. */
export function clientVariables(address: string): Record<string, string> {
    const { username, password, hostname, port, pathname } = new URL(address);
    return {
        PGUSER: username,
        PGPASSWORD: password,
        PGHOST: hostname,
        PGPORT: port,
        PGDATABASE: pathname.slice(1),
    };
}

const entry = (of: Environment) => ["--secret-id", secretName(of, "database-url")];

/** The address with the user whose turn it is, and a new password. */
export function nextAddress(address: string, of: Environment, password: string): { user: string; address: string } {
    const next = new URL(address);
    const [first, second] = usersOf(of);
    const user = decodeURIComponent(next.username) === first ? second : first;
    next.username = user;
    next.password = password;
    return { user, address: next.href };
}

/**
 * Rotates an environment's `database-url` as docs/runbooks/rotate-a-secret.md does by hand: the user that is not in use
 * gets a new password, which is tried, and the store a new version that names it.
 *
 * @returns the id of the new version
 */
export async function rotateDatabaseUrl(instance: Instance, of: Environment): Promise<string> {
    const stored = JSON.parse(await aws(instance, ["secretsmanager", "get-secret-value", ...entry(of)])) as {
        readonly SecretString: string;
    };
    const password = randomBytes(24).toString("base64url");
    const { user, address } = nextAddress(stored.SecretString, of, password);
    await setPassword(instance, of, user, password);
    await query(address, "SELECT 1");
    return store(instance, of, address);
}

/** Writes a new version into the store, by a file, because everyone on the machine can read arguments. */
async function store(instance: Instance, of: Environment, address: string): Promise<string> {
    const file = path.join(instance.root, `rotated-database-url-${of}`);
    fs.writeFileSync(file, address, { mode: 0o600 });
    try {
        const put = ["secretsmanager", "put-secret-value", ...entry(of), "--secret-string", `file://${file}`];
        return (JSON.parse(await aws(instance, put)) as { readonly VersionId: string }).VersionId;
    } finally {
        fs.rmSync(file);
    }
}

/** Ends every connection of an environment's users, as a failover of the database does, and returns how many there were. */
export async function dropConnections(instance: Instance, of: Environment): Promise<number> {
    const users = usersOf(of).map((user) => `'${user}'`);
    const ended = await administer(
        instance,
        "postgres",
        `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename IN (${users.join(", ")})`,
    );
    return Number(ended);
}

/** The users that have connections to an environment's database now. */
export async function connectedUsers(instance: Instance, of: Environment): Promise<readonly string[]> {
    const sql = `SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = '${usersOf(of)[0]}' ORDER BY 1`;
    return (await administer(instance, "postgres", sql)).split("\n").filter((user) => user !== "");
}
