import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../../machine/command";
import type { Instance } from "../../machine/instance";
import type { Part } from "../../machine/part";
import { runningPid, startProcess, stopProcess, waitUntil } from "../../machine/process";
import { installPostgresql, programFolder } from "./install";

const processName = "postgresql";

/** Databases of the environments. Each belongs to a role of the same name, which may use no other. */
const names = { staging: "relaypacs", prod: "relaypacs_prod" } as const;

export type Environment = keyof typeof names;

/**
 * An environment's two users, in the order in which a rotation takes turns. The second acts as the first, to which
 * everything belongs, and can't log in before the first rotation.
 */
export const usersOf = (of: Environment) => [names[of], `${names[of]}_b`] as const;

const environments = Object.keys(names) as Environment[];

/** Who sets the passwords of an environment's users, and may do nothing else. */
const rotatorOf = (of: Environment) => `${names[of]}_rotation`;

const folder = (instance: Instance) => path.join(instance.root, "database");
const dataFolder = (instance: Instance) => path.join(folder(instance), "data");
const passwordFile = (instance: Instance, of: Environment, role?: "rotation") =>
    path.join(instance.root, `database-password${of === "staging" ? "" : `-${of}`}${role ? `-${role}` : ""}`);

/** The folders as the server sees them. */
const seen = { data: "/var/lib/postgresql/data", socket: "/var/lib/postgresql" };

function password(instance: Instance, of: Environment, role?: "rotation"): string {
    const file = passwordFile(instance, of, role);
    if (!fs.existsSync(file)) {
        fs.mkdirSync(instance.root, { recursive: true });
        fs.writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
    }
    return fs.readFileSync(file, "utf8");
}

/** What the rotation function logs in with, by the name of the secret that it reads. The account has them before the platform. */
export const rotationLogins = (instance: Instance): Readonly<Record<string, object>> =>
    Object.fromEntries(
        environments.map((of) => [
            `relaypacs-rotation/${of}`,
            { username: rotatorOf(of), password: password(instance, of, "rotation") },
        ]),
    );

function programs(instance: Instance): string {
    const file = path.join(dataFolder(instance), "PG_VERSION");
    return programFolder(fs.existsSync(file) ? Number(fs.readFileSync(file, "utf8")) : undefined);
}

/** A command line that runs something as the user postgres, with the sandbox's folder in place of Debian's. */
function asPostgres(instance: Instance, command: readonly string[]): string[] {
    // With an IPC namespace of its own, a killed server leaves no shared memory on the machine.
    const start = ["--mount", "--ipc", "sh", path.join(__dirname, "start.sh"), folder(instance)];
    return [...start, ...command];
}

/** Creates the data folder atomically: an incomplete one of a killed run is created again. */
async function createData(instance: Instance): Promise<void> {
    const made = path.join(folder(instance), "made");
    if (fs.existsSync(made)) return;
    fs.rmSync(folder(instance), { recursive: true, force: true });
    fs.mkdirSync(folder(instance), { recursive: true, mode: 0o700 });
    await run("chown", ["postgres:postgres", folder(instance)]);
    const initdb = path.join(programs(instance), "initdb");
    const options = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=peer", "--auth-host=scram-sha-256"];
    await run("unshare", asPostgres(instance, [initdb, "--pgdata", seen.data, ...options, "--no-sync"]));
    fs.writeFileSync(made, "");
}

/** Who may connect: the server's own user by the socket, and the application's roles from this machine and the cluster. */
const accessRules = (instance: Instance) =>
    [
        "local all postgres peer",
        ...[`${instance.hostAddress}/32`, `${instance.nodeAddress}/32`, instance.podRange].flatMap((range) =>
            environments.map(
                (of) => `host ${names[of]} ${[...usersOf(of), rotatorOf(of)].join(",")} ${range} scram-sha-256`,
            ),
        ),
        "",
    ].join("\n");

function serverOptions(instance: Instance): string[] {
    const settings = {
        listen_addresses: instance.hostAddress,
        port: instance.ports.database,
        unix_socket_directories: seen.socket,
        max_connections: 60,
        shared_buffers: "32MB",
        dynamic_shared_memory_type: "mmap",
        password_encryption: "scram-sha-256",
        // The data survives a killed server; only a power cut could damage it.
        fsync: "off",
        // A failed statement would otherwise be logged with the password that it sets.
        log_min_error_statement: "panic",
    };
    return Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${String(value)}`]);
}

/** Runs SQL as the server's administrator, by its socket. */
export async function administer(instance: Instance, database: string, sql: string): Promise<string> {
    const psql = path.join(programs(instance), "psql");
    const options = ["-X", "-qtA", "-v", "ON_ERROR_STOP=1", "-h", seen.socket, "-p", String(instance.ports.database)];
    return run("unshare", asPostgres(instance, [psql, ...options, "-U", "postgres", "-d", database]), { input: sql });
}

/**
 * Creates roles and database unless they exist. The first role's password stays where the sandbox has given one to the
 * stack: a rotation may have changed it since.
 */
async function createRoles(instance: Instance, of: Environment): Promise<void> {
    const [name, second] = usersOf(of);
    const rotator = rotatorOf(of);
    const given = fs.existsSync(passwordFile(instance, of));
    await administer(
        instance,
        "postgres",
        `SELECT 'CREATE ROLE ${name} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') \\gexec
         SELECT 'ALTER ROLE ${name} PASSWORD ''${password(instance, of)}'''
             WHERE EXISTS (SELECT FROM pg_authid WHERE rolname = '${name}' AND (rolpassword IS NULL OR ${!given})) \\gexec
         SELECT 'CREATE DATABASE ${name} OWNER ${name}'
             WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \\gexec
         SELECT 'CREATE ROLE ${second} LOGIN IN ROLE ${name}'
             WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${second}') \\gexec
         ALTER ROLE ${second} SET role TO ${name};
         SELECT 'CREATE ROLE ${rotator} LOGIN CREATEROLE'
             WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${rotator}') \\gexec
         GRANT ${name}, ${second} TO ${rotator} WITH ADMIN OPTION;
         ALTER ROLE ${rotator} PASSWORD '${password(instance, of, "rotation")}';`,
    );
}

/** Sets the password of one of an environment's users. What the sandbox gives the stack as the first user's follows. */
export async function setPassword(instance: Instance, of: Environment, user: string, text: string): Promise<void> {
    await administer(instance, "postgres", `ALTER ROLE ${user} PASSWORD '${text}'`);
    if (user === names[of]) fs.writeFileSync(passwordFile(instance, of), text, { mode: 0o600 });
}

/** Gives an environment's first user the password that the sandbox gives the stack, once the secret store has lost all others. */
export const resetPassword = (instance: Instance, of: Environment) =>
    setPassword(instance, of, names[of], password(instance, of));

const databaseUrl = (instance: Instance, of: Environment) =>
    `postgresql://${names[of]}:${password(instance, of)}@${instance.hostAddress}:${instance.ports.database}/${names[of]}`;

/** Whether a role of an environment can log in, one whose password no rotation changes; the server's version, or undefined. */
async function loginVersion(instance: Instance, of: Environment): Promise<string | undefined> {
    const psql = path.join(programs(instance), "psql");
    const server = ["-h", instance.hostAddress, "-p", String(instance.ports.database)];
    const where = [...server, "-U", rotatorOf(of), "-d", names[of]];
    return run(psql, ["-X", "-qtAw", ...where, "-c", "SHOW server_version"], {
        environment: { PGPASSWORD: password(instance, of, "rotation"), PGCONNECT_TIMEOUT: "3" },
    }).catch(() => undefined);
}

/** The server's version, or undefined unless the roles of all environments can log in. */
async function serverVersion(instance: Instance): Promise<string | undefined> {
    const versions = await Promise.all(environments.map((of) => loginVersion(instance, of)));
    return versions.includes(undefined) ? undefined : versions[0];
}

/**
 * PostgreSQL with a role and a database for each environment, reachable from the machine and from pods. It listens on the
 * machine's end of the cluster's network, so that network must be there before it.
 */
export const database: Part = {
    name: "database",
    up: async (instance, progress) => {
        await installPostgresql(progress);
        const complete = environments.every((of) => fs.existsSync(passwordFile(instance, of)));
        const running = complete && runningPid(instance, processName) !== undefined;
        if (running && (await serverVersion(instance)) !== undefined) return;
        progress("PostgreSQL");
        await createData(instance);
        fs.writeFileSync(path.join(dataFolder(instance), "pg_hba.conf"), accessRules(instance));
        const server = [path.join(programs(instance), "postgres"), "-D", seen.data, ...serverOptions(instance)];
        await startProcess(instance, processName, "unshare", asPostgres(instance, server), {
            ready: async () => (await administer(instance, "postgres", "SELECT 1")) === "1",
        });
        for (const of of environments) await createRoles(instance, of);
        // A server that was already running has not read the rules yet.
        await administer(instance, "postgres", "SELECT pg_reload_conf()");
    },
    state: async (instance) => {
        if (runningPid(instance, processName) === undefined)
            return { running: false, detail: "PostgreSQL does not run" };
        const version = await serverVersion(instance);
        return version === undefined
            ? { running: false, detail: "a role of an environment cannot log in" }
            : { running: true, detail: `PostgreSQL ${version} on ${instance.hostAddress}:${instance.ports.database}` };
    },
    down: async (instance) => {
        const pid = runningPid(instance, processName);
        if (pid !== undefined) {
            // On SIGTERM it would wait until every client has disconnected.
            process.kill(pid, "SIGINT");
            await waitUntil(() => Promise.resolve(runningPid(instance, processName) === undefined), "", 10, 50).catch(
                () => undefined,
            );
        }
        await stopProcess(instance, processName);
    },
    environment: (instance) =>
        environments.every((of) => fs.existsSync(passwordFile(instance, of)))
            ? {
                  RELAYPACS_DATABASE_URL: databaseUrl(instance, "staging"),
                  RELAYPACS_PROD_DATABASE_URL: databaseUrl(instance, "prod"),
                  RELAYPACS_DATABASE: JSON.stringify({
                      cidrs: [`${instance.hostAddress}/32`],
                      port: instance.ports.database,
                  }),
              }
            : {},
};
