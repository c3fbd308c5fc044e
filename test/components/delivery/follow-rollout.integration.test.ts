import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { instanceNamed, projectRoot, type Instance } from "../../../sandbox/machine/instance";
import { waitUntil } from "../../../sandbox/machine/process";
import { binFolder, installPulumi } from "../../../sandbox/toolchain/toolchain";
import { ApiServer } from "../../delivery/rollouts/api-server";
import * as o from "../../delivery/rollouts/objects";

/** A program whose only resource replaces the Rollout, so that the engine needs no provider and no cluster. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { followedRollout } from ${JSON.stringify(path.join(projectRoot, "components", "delivery", "follow-rollout"))};

class Stand extends pulumi.ComponentResource {
    readonly id = this.urn;
    readonly metadata = pulumi.output({ generation: 2 });
    constructor(name: string) {
        super("test:index:Stand", name);
        this.registerOutputs();
    }
}

const stand = new Stand("backend") as unknown as pulumi.CustomResource & { metadata: pulumi.Output<object> };
export const deployed = followedRollout(stand, { namespace: "relaypacs-prod", name: "backend", version: "1.4.2", replicas: 2 });
`;

describe("An update that follows a rollout", function () {
    this.timeout(120_000);
    let folder: string;
    let engine: Instance;
    let server: ApiServer;

    const pulumi = (...args: string[]) =>
        execa("pulumi", [...args, "--non-interactive", "--color", "never"], {
            cwd: folder,
            all: true,
            reject: false,
            stdin: "ignore",
            env: {
                PATH: `${binFolder(engine)}${path.delimiter}${process.env.PATH ?? ""}`,
                PULUMI_HOME: engine.pulumiHome,
                PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
                PULUMI_CONFIG_PASSPHRASE: "",
                PULUMI_SKIP_UPDATE_CHECK: "true",
                PULUMI_NODEJS_TRANSPILE_ONLY: "true",
                PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
                PULUMI_OPTION_POLICY_PACK: "",
                PULUMI_OPTION_POLICY_PACK_CONFIG: "",
                KUBECONFIG: path.join(folder, "kubeconfig"),
            },
        });
    const up = (...flags: string[]) => pulumi("up", "--yes", "--skip-preview", "--stack", "prod", ...flags);

    before(async () => {
        folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "rollout-")));
        fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: rollout\nruntime: nodejs\nmain: index.ts\n");
        fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "rollout", main: "index.ts" }));
        fs.writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { target: "ES2022" } }));
        fs.writeFileSync(path.join(folder, "index.ts"), program);
        fs.mkdirSync(path.join(folder, "state"));
        fs.symlinkSync(path.join(projectRoot, "node_modules"), path.join(folder, "node_modules"));
        // In a folder of its own, because other tests remove the sandbox's.
        engine = { ...instanceNamed("test"), root: folder, pulumiHome: path.join(folder, "home") };
        await installPulumi(engine, () => undefined);
        server = new ApiServer();
        server.put("replicasets", o.blueSet, o.greenSet);
        server.put("pods", ...o.pods(o.ready));
        server.put("rollouts", o.rollout());
        await server.start();
        fs.writeFileSync(path.join(folder, "kubeconfig"), server.kubeconfig);
        const { exitCode, all } = await pulumi("stack", "init", "prod");
        assert.equal(exitCode, 0, all);
    });

    after(async () => {
        await server.stop();
        fs.rmSync(folder, { recursive: true });
    });

    /** Starts an update and returns it once it has printed `sentence`. */
    async function upUntil(sentence: string) {
        const update = up();
        let output = "";
        update.all.on("data", (data: Buffer) => (output += data.toString()));
        await waitUntil(() => Promise.resolve(output.includes(sentence)), `"${sentence}" in the update's output`, 60);
        // Not the promise itself, or awaiting this function would await the end of the update.
        return { update };
    }

    it("should touch no cluster in a preview", async () => {
        const { lists } = server;
        const { exitCode, all } = await pulumi("preview", "--stack", "prod");
        assert.equal(exitCode, 0, all);
        assert.doesNotMatch(all, /Following/);
        assert.equal(server.lists, lists);
    });

    it("should leave no pending operation when it is killed while it follows", async () => {
        const { update } = await upUntil("Step 1 of 6: green in full beside blue.");
        update.kill("SIGINT");
        await waitUntil(() => Promise.resolve(server.watching === 0), "the end of all watches", 30);
        assert.notEqual((await update).exitCode, 0);
        const { stdout } = await pulumi("stack", "export", "--stack", "prod");
        const { deployment } = JSON.parse(String(stdout)) as {
            deployment: { resources: { type: string }[]; pending_operations?: unknown[] };
        };
        assert.ok(deployment.resources.some(({ type }) => type === "test:index:Stand"));
        assert.deepEqual(deployment.pending_operations ?? [], []);
    });

    it("should follow the rollout again when nothing changed, and end with its promotion", async () => {
        server.put("rollouts", o.rollout({ currentStepIndex: 3, ...o.weights(50) }));
        const { update } = await upUntil(
            "Following backend in relaypacs-prod: 1.4.2 (green) replaces 1.4.1 (blue), at step 4 of 6.",
        );
        server.put("rollouts", o.rollout(o.promoted));
        const { exitCode, all } = await update;
        assert.equal(exitCode, 0, all);
        assert.match(all, /Backend in relaypacs-prod runs 1\.4\.2 on 2 of 2 pods, with all traffic\./);
        assert.match(all, /deployed: "1\.4\.2"/);
    });

    it("should fail with the cause when the rollout was aborted earlier, even when nothing changed", async () => {
        server.put("analysisruns", o.smokeTests("Failed", "Failed"));
        server.put("rollouts", o.rollout(o.aborted("")));
        const { exitCode, all, durationMs } = await up();
        assert.notEqual(exitCode, 0);
        assert.ok(durationMs < 40_000, `the update took ${String(durationMs)} ms`);
        assert.match(
            all,
            /error: 1\.4\.2 of backend in relaypacs-prod was aborted at step 2 of 6, green never got a request: smoke-tests failed\. To go back to the last good release: npx release rollback --stack prod/,
        );
        assert.doesNotMatch(all, /unhandled|at async|serializing/);
    });
});
