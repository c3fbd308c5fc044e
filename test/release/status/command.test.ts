import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { ApiServer } from "../../delivery/rollouts/api-server";
import { projectRoot } from "../../support/project";

describe("release status", function () {
    this.timeout(60_000);
    let folder: string;
    let server: ApiServer;
    beforeEach(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "status-"));
        server = new ApiServer();
        await server.start();
        fs.writeFileSync(path.join(folder, "kubeconfig"), server.kubeconfig);
        server.put("secrets", {
            metadata: {
                name: "backend-secrets-1",
                annotations: { "relaypacs.com/secret-versions": '{"database-url":"first"}' },
            },
        } as { metadata: { name: string } });
    });
    afterEach(async () => {
        await server.stop();
        fs.rmSync(folder, { recursive: true });
    });

    /** Runs the command with an `aws` that knows one version, and nothing else. */
    async function status(current: string) {
        const aws = path.join(folder, "aws");
        const stages = JSON.stringify({ older: ["AWSPREVIOUS"], [current]: ["AWSCURRENT"] });
        fs.writeFileSync(
            aws,
            `#!/bin/sh\ncase "$*" in *"--secret-id relaypacs/prod/database-url "*) echo '${stages}';; *) exit 1;; esac\n`,
        );
        fs.chmodSync(aws, 0o755);
        const args = [
            "-r",
            "ts-node/register",
            "release/main.ts",
            "status",
            "--stack",
            "prod",
            "--context",
            "loaded-context",
        ];
        const { exitCode, stdout, stderr } = await execa("node", args, {
            cwd: projectRoot,
            reject: false,
            env: {
                KUBECONFIG: path.join(folder, "kubeconfig"),
                PATH: `${folder}${path.delimiter}${process.env.PATH ?? ""}`,
            },
        });
        return { exitCode, stdout, stderr };
    }
    const runs = (secret: string) => {
        const template = {
            metadata: { labels: { "app.kubernetes.io/version": "1.4.2" } },
            spec: { containers: [{ name: "backend", envFrom: [{ secretRef: { name: secret } }] }] },
        };
        server.put("rollouts", { metadata: { name: "backend" }, spec: { template }, status: {} } as {
            metadata: { name: string };
        });
    };

    it("should end with 0 when what runs has the store's current version", async () => {
        runs("backend-secrets-1");
        assert.deepEqual(await status("first"), {
            exitCode: 0,
            stdout: "backend runs 1.4.2.\nbackend: database-url is the store's current version, first.",
            stderr: "",
        });
    });

    it("should end with 1 when the store is ahead", async () => {
        runs("backend-secrets-1");
        assert.deepEqual(await status("second"), {
            exitCode: 1,
            stdout: "backend runs 1.4.2.\nbackend: database-url has version first, and the store is ahead with second; pulumi up --stack prod replaces the pods.",
            stderr: "",
        });
    });

    it("should end with 1 when a Secret does not say its versions, and when nothing runs", async () => {
        runs("another");
        const unknown = await status("first");
        assert.equal(unknown.exitCode, 1);
        assert.match(unknown.stdout, /the Secret another does not say which versions it has/);
        server.delete("rollouts", "backend");
        assert.deepEqual(await status("first"), {
            exitCode: 1,
            stdout: "",
            stderr: "No service runs in relaypacs-prod.",
        });
    });
});
