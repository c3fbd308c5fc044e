import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { once } from "node:events";
import { execa } from "execa";
import { installPostgresql, programFolder } from "./install";

/** A PostgreSQL server with its own defaults, and no part of a sandbox: for drills and tests of backups. */
export interface LoneServer {
    /** Variables with which libpq's programs connect as its administrator. */
    readonly environment: Readonly<Record<string, string>>;
    /** Seconds of CPU time that the server's connections have taken so far, those that ended before now. */
    cpuSeconds(): number;
    /** Runs SQL in a database and returns what it prints. */
    sql(database: string, statements: string): Promise<string>;
    /** Ends the server and deletes its data. */
    stop(): Promise<void>;
}

/** A port of 127.0.0.1 that no one uses now. */
export async function freePort(): Promise<number> {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

/**
 * Seconds of CPU time of a process's children that it has waited for, with theirs.
 *
 * @param pid of the process; this one by default
 */
export function endedSeconds(pid = "self"): number {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // After the program's name, which may have spaces in it. The kernel counts a hundred ticks in a second.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** PostgreSQL's programs refuse to run as root. */
const asServer = process.getuid?.() === 0 ? ["runuser", "--user", "postgres", "--"] : ["env"];

/** Starts a server on 127.0.0.1, on a free port, which asks for its administrator's password. */
export async function startLoneServer(): Promise<LoneServer> {
    await installPostgresql(() => undefined);
    const programs = programFolder();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-database-"));
    const data = path.join(folder, "data");
    const [start = "env", ...wrapper] = asServer;
    const run = (program: string, ...args: string[]) =>
        execa(start, [...wrapper, path.join(programs, program), ...args]);
    const stop = async () => {
        if (fs.existsSync(path.join(data, "postmaster.pid")))
            await run("pg_ctl", "stop", "--pgdata", data, "--mode", "immediate", "--wait");
        fs.rmSync(folder, { recursive: true, force: true });
    };
    try {
        const password = randomBytes(24).toString("base64url");
        const passwordFile = path.join(folder, "password");
        fs.writeFileSync(passwordFile, password);
        if (start === "runuser") await execa("chown", ["-R", "postgres:postgres", folder]);
        const access = ["--auth=scram-sha-256", "--username=postgres", `--pwfile=${passwordFile}`];
        await run("initdb", "--pgdata", data, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", ...access);
        const port = await freePort();
        const options = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories=''`;
        const log = path.join(folder, "server.log");
        await run("pg_ctl", "start", "--pgdata", data, "--wait", "--log", log, "--options", options);
        const environment = {
            PGHOST: "127.0.0.1",
            PGPORT: String(port),
            PGUSER: "postgres",
            PGPASSWORD: password,
        };
        return {
            environment,
            stop,
            cpuSeconds: () => {
                const [pid = ""] = fs.readFileSync(path.join(data, "postmaster.pid"), "utf8").split("\n", 1);
                return endedSeconds(pid);
            },
            sql: async (database, statements) => {
                const args = ["-XqtAw", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"];
                return (await execa("psql", args, { env: environment, input: statements })).stdout;
            },
        };
    } catch (error) {
        await stop();
        throw error;
    }
}
