import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { DatabaseMigration } from "../../../components/delivery/database-migration";
import { nextAddress } from "../../../sandbox/drill/rotation";
import { database, setPassword } from "../../../sandbox/parts/database/part";
import type { Instance } from "../../../sandbox/machine/instance";
import { runningPid, waitUntil } from "../../../sandbox/machine/process";
import { sharedFlags } from "../../../sandbox/toolchain/programs";
import { temporaryInstance } from "../support/instance";
import { deploy, only } from "../../support/harness";
import { projectRoot } from "../../support/project";

const source = path.join(projectRoot, "sandbox/application");

/** Runs Go's tests and fails with their output. */
async function goTest(environment: Record<string, string>): Promise<string> {
    const result = await execa("go", ["test", ...sharedFlags, "-count=1", "-v", "./..."], {
        cwd: source,
        env: { CGO_ENABLED: "0", ...environment },
        reject: false,
        all: true,
    });
    assert.equal(result.exitCode, 0, result.all);
    return result.all;
}

/** PGOPTIONS of the Job that migrates. */
async function migrationOptions(): Promise<string> {
    const resources = { cpuRequest: "100m", cpuLimit: "500m", memoryRequest: "128Mi", memoryLimit: "256Mi" };
    const service = { name: "backend", port: 8000, healthPath: "/health", replicas: 2, routes: [], resources };
    const registered = await deploy(
        () =>
            new DatabaseMigration("migration", {
                service: { ...service, database: true, environment: {} },
                image: `registry/backend@sha256:${"0".repeat(64)}`,
                version: "1.4.2",
                secretName: "backend",
                namespace: "relaypacs-staging",
                timeoutSeconds: 60,
            }),
    );
    const { spec } = only(registered, "kubernetes:batch/v1:Job").inputs as {
        readonly spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
    };
    const options = spec.template.spec.containers[0]?.env.find(({ name }) => name === "PGOPTIONS")?.value;
    assert.ok(options, "the Job sets no PGOPTIONS");
    return options;
}

describe("The sandbox's database", function () {
    this.timeout(300_000);
    let instance: Instance;
    before(async function () {
        // The server runs as the user postgres, in a mount namespace: only root can start it so.
        if (process.getuid?.() !== 0) this.skip();
        instance = await temporaryInstance();
        await database.up(instance, () => undefined);
    });
    after(async () => {
        if ((instance as Instance | undefined) === undefined) return;
        await database.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });

    const url = () => database.environment(instance).RELAYPACS_DATABASE_URL!;
    const query = (address: string, sql: string) =>
        execa("psql", ["-XqtA", "-d", address, "-c", sql], { reject: false });

    it("should give the application's role its own database and no more", async () => {
        assert.match(url(), /^postgresql:\/\/relaypacs:[\w-]{32}@127\.0\.0\.1:\d+\/relaypacs$/);
        assert.equal((await database.state(instance)).running, true);
        const role = "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user";
        assert.equal((await query(url(), role)).stdout, "f");
        assert.equal((await query(url(), "CREATE TABLE kept AS SELECT 1 AS one")).exitCode, 0);
        assert.match((await query(url().replace(/relaypacs$/, "postgres"), "SELECT 1")).stderr, /no pg_hba.conf entry/);
        assert.match((await query(url().replace(/:[\w-]{32}@/, ":x@"), "SELECT 1")).stderr, /authentication failed/);
    });

    it("should give production a database of its own, which staging's role cannot use", async () => {
        const prod = database.environment(instance).RELAYPACS_PROD_DATABASE_URL!;
        assert.match(prod, /^postgresql:\/\/relaypacs_prod:[\w-]{32}@127\.0\.0\.1:\d+\/relaypacs_prod$/);
        assert.equal(
            (await query(prod, "SELECT current_user || ' ' || current_database()")).stdout,
            "relaypacs_prod relaypacs_prod",
        );
        assert.match(
            (await query(url().replace(/relaypacs$/, "relaypacs_prod"), "SELECT 1")).stderr,
            /no pg_hba.conf entry/,
        );
        assert.match(
            (await query(prod.replace(/relaypacs_prod$/, "relaypacs"), "SELECT 1")).stderr,
            /no pg_hba.conf entry/,
        );
    });

    it("should add production's database to a server that was created and runs without it", async () => {
        const pid = runningPid(instance, "postgresql");
        const prod = () => database.environment(instance).RELAYPACS_PROD_DATABASE_URL;
        fs.rmSync(path.join(instance.root, "database-password-prod"));
        assert.equal(prod(), undefined);
        await database.up(instance, () => undefined);
        assert.equal(runningPid(instance, "postgresql"), pid);
        assert.equal((await query(prod()!, "SELECT 1")).stdout, "1");
    });

    it("should have two users in turn: the second can't log in before a rotation, and then acts as the first", async () => {
        const first = url();
        await query(first, "CREATE TABLE turns AS SELECT 1 AS one");
        const rotate = async (address: string, password: string) => {
            const next = nextAddress(address, "staging", password);
            assert.notEqual((await query(next.address, "SELECT 1")).exitCode, 0, "it can log in before");
            await setPassword(instance, "staging", next.user, password);
            return next.address;
        };
        const second = await rotate(first, "second-password");
        assert.match(second, /^postgresql:\/\/relaypacs_b:second-password@/);
        assert.equal(
            (await query(second, "SELECT session_user || ' ' || current_user")).stdout,
            "relaypacs_b relaypacs",
        );
        // A migration by one user leaves objects that the other may change.
        assert.equal(
            (await query(second, "ALTER TABLE turns ADD COLUMN two int; CREATE TABLE made (a int)")).exitCode,
            0,
        );
        assert.equal((await query(first, "ALTER TABLE made ADD COLUMN b int; DROP TABLE turns, made")).exitCode, 0);
        assert.equal((await query(first, "SELECT 1")).stdout, "1", "the first password has changed");

        const third = await rotate(second, "third-password");
        assert.match(third, /^postgresql:\/\/relaypacs:third-password@/);
        assert.equal(url(), third);
        assert.equal((await database.state(instance)).running, true);
        assert.match((await query(first, "SELECT 1")).stderr, /authentication failed/);
        assert.equal((await query(second, "SELECT 1")).stdout, "1", "the second password has changed");
    });

    describe("and a migration that must wait for a long transaction", () => {
        /** Begins a statement, and returns its result with the seconds that it took. */
        async function timed(sql: string, environment: Record<string, string> = {}) {
            const began = performance.now();
            const { stderr, exitCode } = await execa("psql", ["-XqtA", "-d", url(), "-c", sql], {
                reject: false,
                env: environment,
            });
            return { stderr, exitCode, seconds: (performance.now() - began) / 1000 };
        }
        const waiting = async (how: string) =>
            waitUntil(
                async () =>
                    (await query(url(), `SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = '${how}'`))
                        .stdout === "1",
                `A statement that waits for ${how}`,
                10,
                50,
            );
        const hold = () => {
            const transaction = "BEGIN; SELECT count(*) FROM studies; SELECT pg_sleep(60)";
            return execa("psql", ["-XqtA", "-d", url(), "-c", transaction], { reject: false });
        };
        let holder: ReturnType<typeof hold>;
        before(async () => {
            // Mocha runs this suite after the tests beside it, the last of which stops the server.
            await database.up(instance, () => undefined);
            assert.equal((await query(url(), "CREATE TABLE studies (id int)")).exitCode, 0);
        });
        beforeEach(async () => {
            holder = hold();
            const holds = "SELECT count(*) FROM pg_locks WHERE relation = 'studies'::regclass AND granted";
            await waitUntil(async () => (await query(url(), holds)).stdout === "1", "The long transaction", 10, 50);
        });
        afterEach(async () => {
            const others = "pid <> pg_backend_pid() AND usename = current_user";
            await query(url(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`);
            await holder;
        });
        const migrate = "ALTER TABLE studies ADD COLUMN modality text";

        it("should give up after five seconds, as its Job sets it, and hold up readers no longer", async () => {
            const options = await migrationOptions();
            const migration = timed(migrate, { PGOPTIONS: options });
            await waiting("AccessExclusiveLock");
            const reader = timed("SELECT count(*) FROM studies");
            await waiting("AccessShareLock");
            const [failed, read] = await Promise.all([migration, reader]);
            assert.notEqual(failed.exitCode, 0);
            assert.match(failed.stderr, /canceling statement due to lock timeout/);
            assert.ok(failed.seconds >= 5 && failed.seconds < 8, `${failed.seconds} s`);
            assert.equal(read.exitCode, 0, read.stderr);
            assert.ok(read.seconds < 8, `a reader waited for ${read.seconds} s`);
        });

        it("should hold up readers for as long as the transaction lasts without that", async () => {
            const migration = timed(migrate);
            await waiting("AccessExclusiveLock");
            const reader = timed("SELECT count(*) FROM studies");
            await waiting("AccessShareLock");
            const first = await Promise.race([
                migration.then(() => "the migration"),
                reader.then(() => "the reader"),
                new Promise((resolve) => setTimeout(resolve, 8000, "neither")),
            ]);
            assert.equal(first, "neither");
            holder.kill("SIGKILL");
            await query(
                url(),
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%'",
            );
            await Promise.all([migration, reader]);
        });
    });

    it("should keep the password where only root can read it", () => {
        const file = path.join(instance.root, "database-password");
        assert.equal(fs.statSync(file).mode & 0o777, 0o600);
        const log = fs.readFileSync(path.join(instance.logs, "postgresql.log"), "utf8");
        assert.ok(log.includes("database system is ready"));
        assert.equal(log.includes(fs.readFileSync(file, "utf8")), false);
    });

    it("should start again with its data after it was killed, and stay as it is while it runs", async () => {
        const [before, pid] = [url(), runningPid(instance, "postgresql")!];
        process.kill(pid, "SIGKILL");
        // PostgreSQL does not start while the process that it finds in its lock file is still there.
        await waitUntil(() => Promise.resolve(!fs.existsSync(`/proc/${pid}`)), "The end of the killed server", 10, 20);
        await database.up(instance, () => undefined);
        const again = runningPid(instance, "postgresql");
        assert.notEqual(again, pid);
        assert.equal((await query(before, "SELECT one FROM kept")).stdout, "1");
        await database.up(instance, () => undefined);
        assert.equal(runningPid(instance, "postgresql"), again);
    });

    it("should serve the application's own tests", async () => {
        await assert.doesNotReject(
            execa("go", ["vet", ...sharedFlags, "./..."], { cwd: source, env: { CGO_ENABLED: "0" } }),
        );
        const output = await goTest({ TEST_DATABASE_URL: url() });
        assert.doesNotMatch(output, /--- SKIP/);
        assert.match(output, /--- PASS: TestUploads/);
        assert.match(output, /--- PASS: TestConcurrentUpgradesRunOnce/);
    });

    it("should stop while a client is connected, and leave nothing outside its folder", async () => {
        const client = execa("psql", ["-XqtA", "-d", url(), "-c", "SELECT pg_sleep(60)"], { reject: false });
        const sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'";
        await waitUntil(async () => (await query(url(), sleeping)).stdout === "1", "The sleeping client", 10);
        await database.down(instance);
        assert.notEqual((await client).exitCode, 0);
        assert.deepEqual(await database.state(instance), { running: false, detail: "PostgreSQL does not run" });
        const socket = `.s.PGSQL.${instance.ports.database.toString()}`;
        for (const folder of ["/var/lib/postgresql", "/run/postgresql", "/tmp"])
            assert.equal(fs.existsSync(path.join(folder, socket)), false, folder);
        assert.equal(fs.readFileSync("/proc/mounts", "utf8").includes(instance.root), false);
    });
});
