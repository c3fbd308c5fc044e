import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { V1Job, V1PodSpec } from "@kubernetes/client-node";
import { execa } from "execa";
import type { DowngradeCluster } from "../../../release/downgrade-database/cluster";
import { downgrade, type DowngradeRequest } from "../../../release/downgrade-database/downgrade";
import { currentRevision } from "../../../release/observe/migration";
import { migrationSentences } from "../../../release/status/migration";
import { startLoneServer, type LoneServer } from "../../../sandbox/parts/database/alone";
import { installPython, pythonProgram } from "../../../sandbox/toolchain/python";

const requirements = path.join(__dirname, "requirements.txt");
const database = "relaypacs_prod";
const digest = (letter: string) => `registry/relaypacs/backend@sha256:${letter.repeat(64)}`;
const [older, newer] = [digest("a"), digest("b")];

/** A project of Alembic with three migrations, as `alembic init` lays it out. */
function makeProject(folder: string, environment: Readonly<Record<string, string>>): void {
    const versions = path.join(folder, "migrations/versions");
    fs.mkdirSync(versions, { recursive: true });
    fs.writeFileSync(path.join(folder, "alembic.ini"), "[alembic]\nscript_location = migrations\n");
    const url = `postgresql+pg8000://postgres:${environment.PGPASSWORD!}@127.0.0.1:${environment.PGPORT!}/${database}`;
    fs.writeFileSync(
        path.join(folder, "migrations/env.py"),
        `import logging

import sqlalchemy
from alembic import context

logging.basicConfig(level=logging.INFO)

with sqlalchemy.create_engine("${url}").connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
`,
    );
    const steps = [
        ["0001", "None", "CREATE TABLE uploads (id int PRIMARY KEY)", "DROP TABLE uploads"],
        ["0002", '"0001"', "ALTER TABLE uploads ADD COLUMN note text", "ALTER TABLE uploads DROP COLUMN note"],
        ["0003", '"0002"', "ALTER TABLE uploads ADD COLUMN size int", "ALTER TABLE uploads DROP COLUMN size"],
    ] as const;
    for (const [id, down, up, back] of steps)
        fs.writeFileSync(
            path.join(versions, `${id}.py`),
            `from alembic import op

revision = "${id}"
down_revision = ${down}


def upgrade():
    op.execute("${up}")


def downgrade():
    op.execute("${back}")
`,
        );
}

/** A namespace whose Jobs run the real Alembic, one container after another, as a pod does. */
class Namespace implements DowngradeCluster {
    readonly namespace = "relaypacs-prod";
    readonly all = new Map<string, V1Job>();
    readonly logs = new Map<string, string>();
    readonly created: V1Job[] = [];
    readonly removed: string[] = [];
    running: V1PodSpec | undefined = { containers: [{ name: "backend", image: older }] };
    backups: "made" | "failing" | "none" = "made";
    /** Whether a Job that is created ends at once. */
    ends = true;

    constructor(
        private readonly folder: string,
        private readonly alembic: string,
    ) {}

    add(name: string, image: string, type: "Complete" | "Failed" | "running" = "Complete", hour = 1): void {
        this.all.set(name, {
            metadata: {
                name,
                labels: { "app.kubernetes.io/name": "backend", "app.kubernetes.io/component": "migration" },
                creationTimestamp: new Date(`2026-01-14T0${hour}:00:00Z`),
            },
            spec: {
                activeDeadlineSeconds: 300,
                template: {
                    spec: {
                        restartPolicy: "Never",
                        serviceAccountName: "backend",
                        containers: [
                            {
                                name: "backend",
                                image,
                                command: ["alembic"],
                                args: ["upgrade", "head"],
                                envFrom: [{ secretRef: { name: "backend-1" } }],
                            },
                        ],
                    },
                },
            },
            ...(type !== "running" && { status: { conditions: [{ type, status: "True" }] } }),
        });
    }

    jobs(component: string) {
        const of = [...this.all.values()].filter(
            ({ metadata }) => metadata?.labels?.["app.kubernetes.io/component"] === component,
        );
        return Promise.resolve(of);
    }

    serving() {
        return Promise.resolve(this.running);
    }

    jobOf(_cronJob: string, name: string) {
        const container = { name: "database-backup", image: "backup" };
        return Promise.resolve(
            this.backups === "none"
                ? undefined
                : { metadata: { name }, spec: { template: { spec: { containers: [container] } } } },
        );
    }

    job(name: string) {
        return Promise.resolve(this.all.get(name));
    }

    async create(job: V1Job) {
        const name = job.metadata!.name!;
        assert.ok(!this.all.has(name), `${name} is there already`);
        this.created.push(job);
        this.all.set(name, job);
        if (!this.ends) return;
        await this.end(name);
    }

    /** Runs a Job's containers in turn. */
    async end(name: string) {
        const job = this.all.get(name)!;
        const { initContainers = [], containers } = job.spec!.template.spec!;
        let type = "Complete";
        for (const { name: container, command = [], args = [] } of [...initContainers, ...containers]) {
            if (container === "database-backup") {
                this.logs.set(`${name} ${container}`, `Backed up ${database} as of now: 1 table\n`);
                if (this.backups === "failing") type = "Failed";
                continue;
            }
            assert.deepEqual(command, ["alembic"]);
            const { exitCode, all } = await execa(this.alembic, args, { cwd: this.folder, all: true, reject: false });
            this.logs.set(`${name} ${container}`, all);
            if (exitCode === 0) continue;
            type = "Failed";
            break;
        }
        this.all.set(name, { ...job, status: { conditions: [{ type, status: "True" }] } });
    }

    remove(name: string) {
        this.removed.push(name);
        this.all.delete(name);
        return Promise.resolve();
    }

    log(job: string, container: string) {
        return Promise.resolve(this.logs.get(`${job} ${container}`) ?? "");
    }
}

describe("release downgrade-database", function () {
    this.timeout(300_000);
    let server: LoneServer;
    let folder: string;
    let cluster: Namespace;
    const said: string[] = [];
    const alembic = (...args: string[]) => execa(pythonProgram("alembic", requirements), args, { cwd: folder });
    const revision = () => server.sql(database, "SELECT version_num FROM alembic_version");
    const run = (change: Partial<DowngradeRequest> = {}) =>
        downgrade({
            cluster,
            service: "backend",
            despiteRunning: false,
            withoutBackup: false,
            confirm: () => Promise.resolve(true),
            say: (line) => said.push(line),
            wait: () => Promise.resolve(),
            now: () => new Date("2026-01-14T18:00:00Z"),
            ...change,
        });
    /** Runs it, and expects that it changed nothing. */
    const refused = async (sentence: RegExp | string, change: Partial<DowngradeRequest> = {}) => {
        const was = await revision();
        await assert.rejects(run(change), { message: sentence });
        assert.equal(await revision(), was);
        assert.deepEqual(
            cluster.created.filter(({ metadata }) => metadata?.name === "backend-downgrade"),
            [],
        );
    };

    before(async () => {
        await installPython(() => undefined, requirements);
        server = await startLoneServer();
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-alembic-"));
        makeProject(folder, server.environment);
    });
    after(async () => {
        await (server as LoneServer | undefined)?.stop();
        fs.rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
        await server.sql("postgres", `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
        await server.sql("postgres", `CREATE DATABASE ${database}`);
        await alembic("upgrade", "head");
        cluster = new Namespace(folder, pythonProgram("alembic", requirements));
        cluster.add("backend-migration-aaaaaaaaaaaa", older, "Complete", 1);
        cluster.add("backend-migration-bbbbbbbbbbbb", newer, "Complete", 2);
        said.length = 0;
    });

    it("should take one migration back with the newest migration's image, after a backup, and say both revisions", async () => {
        assert.equal(await run(), 0);
        assert.equal(await revision(), "0002");
        assert.deepEqual(said, [
            "Backing up first, by Job backup-before-downgrade-20260114t180000z",
            `Backed up ${database} as of now: 1 table`,
            `alembic downgrade -1 with ${newer}`,
            "The database was at 0003 and is at 0002 now.",
        ]);
        assert.deepEqual(cluster.removed, ["backup-before-downgrade-20260114t180000z", "backend-downgrade"]);
        const spec = cluster.created[1]!.spec!;
        assert.deepEqual([spec.backoffLimit, spec.activeDeadlineSeconds], [0, 300]);
        const pod = spec.template.spec!;
        const containers = [...pod.initContainers!, ...pod.containers];
        assert.deepEqual(
            containers.map(({ name, image, command, args }) => [name, image, command, args]),
            [
                ["before", newer, ["alembic"], ["current"]],
                ["downgrade", newer, ["alembic"], ["downgrade", "-1"]],
                ["after", newer, ["alembic"], ["current"]],
            ],
        );
        assert.deepEqual(
            containers.map(({ envFrom }) => envFrom),
            Array(3).fill([{ secretRef: { name: "backend-1" } }]),
        );
        assert.equal(pod.serviceAccountName, "backend");
        // Else the next observation would take it for a migration.
        assert.equal(spec.template.metadata?.labels?.["app.kubernetes.io/component"], "downgrade");
    });

    it("should not take back one more when it was interrupted, but say how the first ended", async () => {
        cluster.ends = false;
        await assert.rejects(run({ withoutBackup: true, wait: () => Promise.reject(new Error("killed")) }), /killed/);
        assert.equal(await revision(), "0003");
        await cluster.end("backend-downgrade");
        assert.equal(await run(), 0);
        assert.equal(await revision(), "0002");
        assert.match(said.at(-2)!, /^backend-downgrade is there from an earlier call; .* takes nothing more back\.$/);
        assert.equal(said.at(-1), "The database was at 0003 and is at 0002 now.");
        assert.equal(cluster.created.length, 1);
    });

    it("should change nothing when a person says no", async () => {
        assert.equal(await run({ confirm: () => Promise.resolve(false) }), 1);
        assert.equal(await revision(), "0003");
        assert.deepEqual([said, cluster.created], [["Nothing was changed."], []]);
    });

    it("should refuse to take away the schema of what runs, unless it is told to", async () => {
        cluster.running = { containers: [{ name: "backend", image: newer }] };
        await refused(
            `backend runs ${newer}, which made the last migration and needs its schema; roll back first (release rollback), or add --despite-running-release where that release works without it.`,
        );
        assert.equal(await run({ despiteRunning: true }), 0);
        assert.equal(await revision(), "0002");
    });

    it("should take an image by name where a rollback has deleted the Job, and the pod of what serves", async () => {
        cluster.all.clear();
        await refused(
            "No Job of a migration is left in relaypacs-prod, because a rollback deletes it; name the image that made the last migration with --image.",
        );
        await refused(
            'The image is "backend:1.4.2"; accepted: an image by its digest, such as registry/name@sha256:….',
            {
                image: "backend:1.4.2",
            },
        );
        const livenessProbe = { httpGet: { port: 8000 } };
        cluster.running = { containers: [{ name: "backend", image: older, livenessProbe }] };
        assert.equal(await run({ image: newer }), 0);
        assert.equal(await revision(), "0002");
        const { containers } = cluster.created.at(-1)!.spec!.template.spec!;
        assert.deepEqual(containers, [{ name: "after", image: newer, command: ["alembic"], args: ["current"] }]);
    });

    it("should refuse without a backup, after a failed one, and beside a migration", async () => {
        cluster.backups = "none";
        await refused(
            /^relaypacs-prod has no CronJob database-backup \(relaypacs:databaseBackup\), .* add --without-backup\.$/,
        );
        cluster.backups = "failing";
        await refused(
            /^The backup failed, and no migration was taken back: Backed up .* \(Job backup-before-downgrade-/,
        );
        cluster.add("backend-migration-cccccccccccc", newer, "running", 3);
        await refused(
            "A migration is under way: Job backend-migration-cccccccccccc in relaypacs-prod; wait for its end.",
        );
        cluster.all.clear();
        cluster.running = undefined;
        await refused("relaypacs-prod has no service backend and no migration of it.");
    });

    it("should say where the database is when there is nothing to take back, and when the step fails", async () => {
        await server.sql(database, "ALTER TABLE uploads RENAME COLUMN size TO bytes");
        assert.equal(await run({ withoutBackup: true }), 1);
        assert.equal(await revision(), "0003");
        assert.match(said.at(-1)!, /^The migration was not taken back: .*\. The database was at 0003; /);
        await alembic("stamp", "base");
        assert.equal(await run({ withoutBackup: true }), 1);
        assert.match(said.at(-1)!, /The database was at base; /);
    });

    it("should be what release status advises for a migration of which half was kept", async () => {
        await alembic("downgrade", "0001");
        // Someone has added the column of the third migration by hand.
        await server.sql(database, "ALTER TABLE uploads ADD COLUMN size int");
        const failed = await execa(pythonProgram("alembic", requirements), ["upgrade", "head"], {
            cwd: folder,
            all: true,
            reject: false,
        });
        assert.equal(failed.exitCode, 1);
        const { stdout } = await alembic("current");
        const sentences = migrationSentences({
            stack: "prod",
            service: "backend",
            image: newer,
            failedAt: undefined,
            log: failed.all,
            revision: { is: currentRevision(stdout) },
        });
        assert.match(
            sentences[1]!,
            /^The database is at 0002; the release came from 0001 and was at the step to 0003\. Half of it was kept \(1 of 2 steps\): .* release downgrade-database prod --image /,
        );
        assert.equal(await run({ image: newer }), 0);
        assert.equal(await revision(), "0001");
    });

    it("should wait no longer than the Job may take", async () => {
        cluster.ends = false;
        let now = Date.parse("2026-01-14T18:00:00Z");
        const late = run({
            withoutBackup: true,
            now: () => new Date(now),
            wait: (milliseconds) => Promise.resolve(void (now += milliseconds)),
        });
        await assert.rejects(late, /^Error: Job backend-downgrade in relaypacs-prod has not ended after its deadline/);
        assert.equal((now - Date.parse("2026-01-14T18:00:00Z")) / 1000, 361);
    });
});
