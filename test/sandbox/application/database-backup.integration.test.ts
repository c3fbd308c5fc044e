import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { awsClientOptions } from "../../../delivery/core/aws-client";
import { describeDatabaseBackup } from "../../../sandbox/application/database-backup";
import { writeOciLayout } from "../../../sandbox/application/oci";
import { makeGatewayDatabase } from "../../../sandbox/drill/gateway-data";
import type { Instance } from "../../../sandbox/machine/instance";
import { cloud, cloudEnvironment } from "../../../sandbox/parts/cloud/moto";
import { startLoneServer, type LoneServer } from "../../../sandbox/parts/database/alone";
import { temporaryInstance } from "../support/instance";

const bucket = "relaypacs-database-backups-123456789012-us-east-1";
const database = "relaypacs";

/** The image's own files and nothing else of this machine, as its user, with a root folder that it can't write. */
describe("The image that backs up databases", function () {
    this.timeout(300_000);
    let instance: Instance;
    let server: LoneServer;
    let root: string;
    let entrypoint: readonly string[];
    let environment: Readonly<Record<string, string>>;

    /** Runs the image's entry point with arguments, as a pod does. */
    const release = (...args: string[]) =>
        execa("/usr/sbin/chroot", ["--userspec=65532:65532", root, ...entrypoint, ...args], {
            env: {
                ...cloudEnvironment(instance),
                AWS_CA_BUNDLE: "/tmp/authority.pem",
                DATABASE_URL: `postgresql://postgres:${server.environment.PGPASSWORD!}@127.0.0.1:${server.environment.PGPORT!}/${database}`,
                ...environment,
            },
            extendEnv: false,
            all: true,
            reject: false,
            stdin: "ignore",
        });

    before(async () => {
        instance = await temporaryInstance();
        await cloud.up(instance, () => undefined);
        server = await startLoneServer();
        await makeGatewayDatabase(server, database, 400);
        const described = await describeDatabaseBackup();
        entrypoint = described.entrypoint;
        environment = described.environment ?? {};
        const layout = path.join(instance.root, "image");
        const reference = "localhost/relaypacs/database-backup:v1";
        const image = await writeOciLayout({ ...described, reference, user: "65532:65532" }, layout);
        const blob = (digest: string) => path.join(layout, "blobs", ...digest.split(":"));
        const { layers } = JSON.parse(fs.readFileSync(blob(image.digest), "utf8")) as {
            readonly layers: readonly { readonly digest: string }[];
        };
        root = path.join(instance.root, "root");
        fs.mkdirSync(root);
        await execa("tar", ["--extract", "--no-same-owner", "--file", blob(layers[0]!.digest), "--directory", root]);
        // What a container runtime adds: a folder to write in, and /dev/null.
        fs.mkdirSync(path.join(root, "tmp"));
        fs.chmodSync(path.join(root, "tmp"), 0o1777);
        fs.copyFileSync(cloudEnvironment(instance).AWS_CA_BUNDLE!, path.join(root, "tmp/authority.pem"));
        fs.chmodSync(path.join(root, "tmp/authority.pem"), 0o644);
        fs.mkdirSync(path.join(root, "dev"), { recursive: true });
        await execa("mknod", ["--mode=666", path.join(root, "dev/null"), "c", "1", "3"]);
        Object.assign(process.env, cloudEnvironment(instance));
        const s3 = new S3(await awsClientOptions());
        await s3.createBucket({ Bucket: bucket });
        s3.destroy();
    });
    after(async () => {
        if ((instance as Instance | undefined) === undefined) return;
        for (const key of Object.keys(cloudEnvironment(instance))) Reflect.deleteProperty(process.env, key);
        await (server as LoneServer | undefined)?.stop();
        await cloud.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });

    it("should back up a database, with a manifest, and leave nothing in its folder", async () => {
        const { exitCode, all } = await release("backup-database", "staging", "--bucket", bucket);
        assert.equal(exitCode, 0, all);
        assert.match(
            all,
            /^Backed up relaypacs as of .*: 3 tables, 401 rows, schema 0003, \d+ bytes, SHA-256 [0-9a-f]{64}$/m,
        );
        const s3 = new S3(await awsClientOptions());
        const { Contents = [] } = await s3.listObjectsV2({ Bucket: bucket, Prefix: "staging/" });
        s3.destroy();
        const names = Contents.map(({ Key }) => path.basename(Key!));
        assert.ok(names.includes("manifest.json") && names.includes("toc.dat"), names.join(" "));
        assert.deepEqual(fs.readdirSync(path.join(root, "tmp")), ["authority.pem"]);
    });

    it("should rehearse a restore of it beside the database", async () => {
        const { exitCode, all } = await release("restore-database", "staging", "--rehearse", "--bucket", bucket);
        assert.equal(exitCode, 0, all);
        const told = JSON.parse(/^Rehearsed: (.*)$/m.exec(all)![1]!) as { readonly rows: number };
        assert.equal(told.rows, 401);
        assert.equal(
            await server.sql("postgres", "SELECT count(*) FROM pg_database WHERE datname ~ 'rehearsing'"),
            "0",
        );
    });

    it("should say in one sentence what it lacks, and have no shell", async () => {
        const { exitCode, all } = await release("backup-database", "production", "--bucket", bucket);
        assert.deepEqual(
            [exitCode, all],
            [2, 'release backup-database: The environment is "production"; accepted: staging or prod.'],
        );
        for (const shell of ["bin/sh", "usr/bin/env", "usr/local/bin/npm"])
            assert.ok(!fs.existsSync(path.join(root, shell)), shell);
    });
});
