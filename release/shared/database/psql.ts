import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { execa } from "execa";
import { InputError } from "../judging";

/** A PostgreSQL server, as libpq's programs take it: by variables of the environment, never by arguments. */
export interface Server {
    /** Name of the environment's database. */
    readonly database: string;
    /** The variables with which a program reaches the server, password included. */
    readonly environment: NodeJS.ProcessEnv;
}

const accepted =
    "accepted: a URL postgresql://user:password@host:port/database in DATABASE_URL, or libpq's variables PGHOST, PGPORT, PGUSER, PGDATABASE and PGPASSWORD or PGPASSFILE";

/**
 * The server that the environment names. What is in `DATABASE_URL` comes before libpq's own variables.
 *
 * @throws InputError, which never quotes the URL: it has a password in it
 */
export function serverOf(given: NodeJS.ProcessEnv): Server {
    const { DATABASE_URL: text, ...environment } = given;
    if (text === undefined) {
        const { PGDATABASE: database, PGHOST: host } = environment;
        if (!database || !host)
            throw new InputError(`${database ? "PGHOST" : "PGDATABASE"} is missing from the environment; ${accepted}.`);
        return { database, environment };
    }
    // A driver's name after the scheme is SQLAlchemy's.
    const address = text.replace(/^postgres(?:ql)?(?:\+\w+)?:/, "postgresql:");
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const database = decodeURIComponent(url?.pathname.slice(1) ?? "");
    if (url?.protocol !== "postgresql:" || !url.hostname || !database || database.includes("/"))
        throw new InputError(`DATABASE_URL is no address of a database; ${accepted}.`);
    const sslMode = url.searchParams.get("sslmode");
    return {
        database,
        environment: {
            ...environment,
            PGHOST: url.hostname,
            PGPORT: url.port || "5432",
            PGUSER: decodeURIComponent(url.username),
            PGPASSWORD: decodeURIComponent(url.password),
            PGDATABASE: database,
            ...(sslMode !== null && { PGSSLMODE: sslMode }),
        },
    };
}

/** The first error that a program of PostgreSQL printed, without its place in the input. */
export function problemOf(output: string): string {
    const lines = output.split("\n").filter((line) => line.trim() !== "");
    const line = lines.find((one) => /(?:error|ERROR|FATAL): /.test(one)) ?? lines.at(-1) ?? "no reason was printed";
    return line.replace(/^.*?(?:ERROR|FATAL): +/, "").replace(/^\S+: error: /, "");
}

/** Starts a program of PostgreSQL and waits for its end. @throws Error with its first error */
export async function runTool(
    { environment }: Server,
    tool: string,
    args: readonly string[],
    options: { readonly input?: string; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<string> {
    const settings = Object.entries(options.settings ?? {}).map(([key, value]) => `-c ${key}=${value}`);
    const { exitCode, stdout, stderr } = await execa(tool, args, {
        env: { ...environment, PGCONNECT_TIMEOUT: "10", PGOPTIONS: settings.join(" ") },
        extendEnv: false,
        reject: false,
        input: options.input ?? "",
    });
    if (exitCode === 0) return stdout;
    if (exitCode === undefined) throw new InputError(missingTool(tool));
    throw new Error(`${tool} failed: ${problemOf(stderr)}`);
}

const missingTool = (tool: string) =>
    `${tool} can't be started; install PostgreSQL's client programs (Debian: postgresql-client), at least of the server's version.`;

/** The major version of a program of PostgreSQL. @throws InputError where it is not installed */
export async function toolVersion(server: Server, tool: string): Promise<number> {
    const text = await runTool(server, tool, ["--version"]);
    const major = /\(PostgreSQL\) (\d+)/.exec(text)?.[1];
    if (major === undefined) throw new InputError(`${tool} --version answers "${text}", which names no version.`);
    return Number(major);
}

/** A literal of SQL. */
export const literal = (text: string): string => {
    const quoted = `'${text.replaceAll("'", "''")}'`;
    return text.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted;
};

/** An identifier of SQL. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Answers end here; no row of ours looks like it. */
const mark = "--relaypacs-end-of-answer--";

/** One connection to a database, in which statements run one after another. It ends with this process. */
export class Session {
    private output = "";
    private errors = "";
    private waiting: { resolve(answer: string): void; reject(error: Error): void } | undefined;
    private ended = false;

    private constructor(private readonly psql: ChildProcessWithoutNullStreams) {
        psql.stdout.setEncoding("utf8").on("data", (text: string) => {
            this.output += text;
            const end = this.output.indexOf(`${mark}\n`);
            if (end < 0) return;
            const answer = this.output.slice(0, end).replace(/\n$/, "");
            this.output = this.output.slice(end + mark.length + 1);
            this.waiting?.resolve(answer);
            this.waiting = undefined;
        });
        psql.stderr.setEncoding("utf8").on("data", (text: string) => (this.errors += text));
        // What can't be written is in the end's message, too.
        psql.stdin.on("error", () => undefined);
        psql.on("error", () => {
            this.end(new InputError(missingTool("psql")));
        });
        psql.on("close", () => {
            this.end(new Error(`The database refused: ${problemOf(this.errors)}`));
        });
    }

    /** @param settings of the server for this connection */
    static async open(
        { environment }: Server,
        database: string,
        settings: Readonly<Record<string, string>> = {},
    ): Promise<Session> {
        const psql = spawn("psql", ["-XqtAw", "-v", "ON_ERROR_STOP=1", "-f", "-"], {
            env: { ...environment, PGDATABASE: database, PGCONNECT_TIMEOUT: "10", PGOPTIONS: "" },
        });
        const session = new Session(psql);
        const plain = {
            client_min_messages: "warning",
            TimeZone: "UTC",
            DateStyle: "ISO",
            IntervalStyle: "postgres",
            extra_float_digits: "3",
            bytea_output: "hex",
            search_path: "",
            row_security: "off",
            ...settings,
        };
        await session.ask(
            Object.entries(plain)
                .map(([key, value]) => `SET ${key} = ${literal(value)};`)
                .join("\n"),
        );
        return session;
    }

    private end(error: Error): void {
        this.ended = true;
        this.waiting?.reject(error);
        this.waiting = undefined;
    }

    /** Runs statements, each ended by a semicolon, and returns what they print. The first error ends the connection. */
    ask(statements: string): Promise<string> {
        return new Promise((resolve, reject) => {
            if (this.ended) {
                reject(new Error(`The connection to the database has ended: ${problemOf(this.errors)}`));
                return;
            }
            this.waiting = { resolve, reject };
            this.psql.stdin.write(`${statements}\n\\echo '${mark}'\n`);
        });
    }

    async close(): Promise<void> {
        if (this.ended) return;
        this.psql.stdin.end();
        await once(this.psql, "close");
    }
}
