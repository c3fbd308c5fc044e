import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { bucketName } from "../../delivery/core/names";
import { projectRoot, type Instance } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { sandboxAccount } from "../parts/cloud/account";
import { aws, cloud, cloudEnvironment } from "../parts/cloud/moto";
import { endedSeconds, freePort, startLoneServer, type LoneServer } from "../parts/database/alone";
import { makeGatewayDatabase } from "./gateway-data";

const rows = 1_000_000;
const repetitions = 5;
const database = "relaypacs_prod";

/** Every row of a table, in its text form and in order, as one digest: another way to compare than the command's own. */
const contents = async (server: LoneServer, name: string) =>
    server.sql(
        name,
        `SELECT (SELECT count(*) FROM uploads), (SELECT count(*) FROM upload_chunks),
             (SELECT md5(string_agg(md5(u::text), '' ORDER BY id)) FROM uploads u),
             (SELECT md5(string_agg(md5(c::text), '' ORDER BY upload_id, number)) FROM upload_chunks c)`,
    );

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** Seconds that an action takes. */
async function timed(action: () => Promise<unknown>): Promise<number> {
    const from = performance.now();
    await action();
    return (performance.now() - from) / 1000;
}

/**
 * Seconds of CPU time of the server's connections and of the programs that an action starts: the one figure that a busy machine
 * leaves as it is.
 */
async function cpuOf<T>(server: LoneServer, action: () => Promise<T>): Promise<readonly [T, number]> {
    const taken = () => server.cpuSeconds() + endedSeconds();
    const from = taken();
    const answer = await action();
    return [answer, taken() - from];
}

/** Seconds of a restore by the command. */
interface Restored {
    /** From the command's start until the copy was swapped in: Node.js's own start and the download included. */
    readonly all: number;
    /** Restoring, verifying and swapping alone, with the dump on this machine, as `pg_restore` has it. */
    readonly steps: number;
}

/** `release restore-database` as a person calls it. */
async function restoreByCommand(environment: NodeJS.ProcessEnv, show: boolean): Promise<Restored> {
    const from = performance.now();
    const program = path.join(projectRoot, "release/bin.mjs");
    const args = [program, "restore-database", "prod", new Date().toISOString(), "--yes", "--again"];
    const command = spawn(process.execPath, args, {
        env: environment,
        cwd: projectRoot,
        stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    let swapped: number | undefined;
    command.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    command.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (show) process.stdout.write(text);
        if (/swapped in /.test(output)) swapped ??= performance.now();
    });
    const exitCode = await new Promise<number | null>((resolve) => command.on("close", resolve));
    const steps = [...output.matchAll(/Z (?:Restoring into|Verifying|Swapping)[^:]*: ([\d.]+) s$/gm)];
    if (exitCode !== 0 || swapped === undefined || steps.length !== 3)
        throw new SandboxError(`release restore-database ended with ${String(exitCode)}:\n${output}${errors}`);
    return { all: (swapped - from) / 1000, steps: steps.reduce((sum, [, seconds]) => sum + Number(seconds), 0) };
}

/**
 * Loses data in a database of a million rows and restores it, with a PostgreSQL of default settings and Moto of its own.
 * Then the same restore is timed beside `pg_restore` with its defaults from `pg_dump`'s custom format, in turns. Both
 * have a dump on this machine then; the command's own start and its download are counted apart.
 *
 * @throws SandboxError when a row is lost
 */
export async function drillDatabase(instance: Instance): Promise<void> {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-drill-"));
    // Beside a sandbox that runs: with a port and a folder of its own, and without its network.
    const own: Instance = {
        ...instance,
        root,
        run: path.join(root, "run"),
        logs: path.join(root, "logs"),
        hostAddress: "127.0.0.1",
        ports: { ...instance.ports, moto: await freePort() },
    };
    const server = await startLoneServer();
    try {
        await cloud.up(own, () => undefined);
        const { id: accountId, region } = sandboxAccount();
        const bucket = bucketName({ accountId, region }, "database-backups");
        await aws(own, ["s3api", "create-bucket", "--bucket", bucket]);
        const environment = { ...process.env, ...cloudEnvironment(own), ...server.environment, PGDATABASE: database };
        console.log(`Filling ${database} with ${rows.toLocaleString("en")} rows`);
        await makeGatewayDatabase(server, database, rows);
        const before = await contents(server, database);
        const release = path.join(projectRoot, "release/bin.mjs");
        await execa(process.execPath, [release, "backup-database", "prod"], {
            env: environment,
            cwd: projectRoot,
            stdout: "inherit",
            stderr: "inherit",
        });
        const dump = path.join(root, "defaults.dump");
        await execa("pg_dump", ["--format=custom", `--file=${dump}`, database], { env: environment });
        console.log("Losing data: a third of the uploads with their chunks, and every checksum of the others");
        await server.sql(
            database,
            "DELETE FROM uploads WHERE id < '5'; UPDATE upload_chunks SET sha256 = sha256('damaged'::bytea);",
        );
        if ((await contents(server, database)) === before) throw new SandboxError("The drill has lost no data");
        await restoreByCommand(environment, true);
        const after = await contents(server, database);
        if (after !== before) throw new SandboxError(`Rows are lost:\nbefore ${before}\nafter  ${after}`);
        console.log(`0 of ${rows.toLocaleString("en")} rows lost, each compared in its text form.\n`);
        await compare(server, environment, dump);
    } finally {
        await cloud.down(own);
        await server.stop();
        fs.rmSync(root, { recursive: true, force: true });
    }
}

async function compare(server: LoneServer, environment: NodeJS.ProcessEnv, dump: string): Promise<void> {
    const dropReplaced = async () => {
        const names = await server.sql(
            "postgres",
            `SELECT datname FROM pg_database WHERE datname ~ '^${database}_replaced_'`,
        );
        for (const name of names.split("\n").filter(Boolean))
            await server.sql("postgres", `DROP DATABASE "${name}" WITH (FORCE)`);
        await server.sql("postgres", "CHECKPOINT");
    };
    const plain: number[] = [];
    const ours: Restored[] = [];
    const cpu: { readonly plain: number; readonly ours: number }[] = [];
    for (let round = 1; round <= repetitions; round += 1) {
        await dropReplaced();
        await server.sql("postgres", "CREATE DATABASE plain");
        const [alone, plainCpu] = await cpuOf(server, () =>
            timed(() => execa("pg_restore", ["--dbname=plain", dump], { env: environment })),
        );
        await server.sql("postgres", "DROP DATABASE plain");
        await dropReplaced();
        const [restored, oursCpu] = await cpuOf(server, () => restoreByCommand(environment, false));
        cpu.push({ plain: plainCpu, ours: oursCpu });
        plain.push(alone);
        ours.push(restored);
        console.log(
            `Round ${round}: pg_restore alone ${alone.toFixed(2)} s; restored, verified and swapped ${restored.steps.toFixed(2)} s, with start and download ${restored.all.toFixed(2)} s; CPU time ${plainCpu.toFixed(2)} s and ${oursCpu.toFixed(2)} s`,
        );
    }
    const base = median(plain);
    const [steps, all] = [median(ours.map((one) => one.steps)), median(ours.map((one) => one.all))];
    console.log(
        `Medians of ${repetitions}: pg_restore with its defaults ${base.toFixed(2)} s; restored, verified and swapped ${steps.toFixed(2)} s (${(steps / base).toFixed(2)}), with start and download ${all.toFixed(2)} s (${(all / base).toFixed(2)})`,
    );
    const [baseCpu, oursCpu] = [median(cpu.map((one) => one.plain)), median(cpu.map((one) => one.ours))];
    console.log(
        `CPU time, medians: pg_restore ${baseCpu.toFixed(2)} s; the whole command, start, download and statistics included, ${oursCpu.toFixed(2)} s (${(oursCpu / baseCpu).toFixed(2)})`,
    );
}
