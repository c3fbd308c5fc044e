import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { database } from "../../../sandbox/parts/database/part";
import type { Instance } from "../../../sandbox/machine/instance";
import { runningPid, waitUntil } from "../../../sandbox/machine/process";
import { temporaryInstance } from "../support/instance";
import { projectRoot } from "../../support/project";

const source = path.join(projectRoot, "sandbox/application");

/** Runs Go's tests and fails with their output. */
async function goTest(environment: Record<string, string>): Promise<string> {
    const result = await execa("go", ["test", "-count=1", "-v", "./..."], {
        cwd: source,
        env: environment,
        reject: false,
        all: true,
    });
    assert.equal(result.exitCode, 0, result.all);
    return result.all;
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
        await database.up(instance, () => undefined);
        const again = runningPid(instance, "postgresql");
        assert.notEqual(again, pid);
        assert.equal((await query(before, "SELECT one FROM kept")).stdout, "1");
        await database.up(instance, () => undefined);
        assert.equal(runningPid(instance, "postgresql"), again);
    });

    it("should serve the application's own tests", async () => {
        await assert.doesNotReject(execa("go", ["vet", "./..."], { cwd: source }));
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
