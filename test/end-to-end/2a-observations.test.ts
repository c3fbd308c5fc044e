import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { keyRing } from "../../delivery/evidence/keys";
import { loadEvidence } from "../../delivery/evidence/folder";
import type { ItemName, ItemPredicate } from "../../delivery/evidence/items";
import type { ReleaseIdentity } from "../../delivery/core/release";
import { verifyEvidence } from "../../delivery/evidence/verify";
import { projectRoot } from "../../sandbox/machine/instance";
import { waitUntil } from "../../sandbox/machine/process";
import { signingKeyFile, trustedKeys } from "../../sandbox/stacks/evidence/signing-key";
import * as world from "./world";

/** The release that the sandbox started with; earlier tests have replaced it several times. */
const first = () => JSON.parse(String(world.variables().RELAYPACS_RELEASE)) as ReleaseIdentity;

/** The release that staging runs, by the stack's outputs. */
async function running(): Promise<ReleaseIdentity> {
    const { output } = await world.pulumi(["stack", "output", "--json"]);
    const { version, images } = JSON.parse(output) as { version: string; images: Record<string, string> };
    const digests = Object.entries(images).map(([service, image]) => [service, image.split("@")[1]!] as const);
    return { version, commit: first().commit, images: Object.fromEntries(digests) };
}

/** Runs `work` with the address of Prometheus, which is reached as the pipeline does it. */
async function withPrometheus(work: (address: string) => Promise<void>): Promise<void> {
    const forward = execa(
        "kubectl",
        ["--namespace", "monitoring", "port-forward", "service/prometheus", ":9090", "--address", "127.0.0.1"],
        { env: world.variables(), reject: false, stdin: "ignore", all: true },
    );
    let printed = "";
    forward.all.on("data", (data: Buffer) => (printed += data.toString()));
    const port = () => /Forwarding from 127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
    try {
        await waitUntil(() => Promise.resolve(port() !== undefined), "The forwarded port of Prometheus", 30);
        await work(`http://127.0.0.1:${String(port())}`);
    } finally {
        forward.kill();
        await forward;
    }
}

describe("The observation of a release on staging", () => {
    let folder: string;
    before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "observations-"))));
    after(() => fs.rmSync(folder, { recursive: true }));

    /** Runs `release observe …` and returns its outcome, with the folder of the evidence. */
    async function observe(what: string, release: ReleaseIdentity, ...more: string[]) {
        const out = path.join(folder, release.version);
        fs.mkdirSync(out, { recursive: true });
        const file = path.join(folder, `${release.version}.json`);
        const about = { committedAt: "2026-01-14T18:00:00Z", repository: "https://github.com/relaypacs/gateway" };
        fs.writeFileSync(file, JSON.stringify({ ...release, ...about }));
        const args = ["observe", what, "--stack", "staging", "--release", file, "--out", out, ...more];
        const key = signingKeyFile(world.instance, "staging");
        const outcome = await execa(process.execPath, ["release/bin.mjs", ...args, "--key", key], {
            cwd: projectRoot,
            env: world.variables(),
            all: true,
            reject: false,
            stdin: "ignore",
        });
        return { ...outcome, out };
    }

    /** The predicate of an item's verified envelope, which must exist. */
    async function stated<Item extends ItemName>(out: string, item: Item): Promise<ItemPredicate<Item>> {
        const ring = keyRing(trustedKeys(world.instance));
        const files = await loadEvidence(out);
        const found = files.map((file) => verifyEvidence(file, ring, new Date().toISOString()));
        const one = found.find((evidence) => evidence.ok && evidence.item === item);
        assert.ok(one?.ok, `no ${item} in ${files.map(({ source }) => source).join(", ")}`);
        return one.predicate as ItemPredicate<Item>;
    }

    it("should be evidence of the deployment, by stack and cluster, and of the migration, by Job and database", async () => {
        const release = await running();
        const deployment = await observe("deployment", release);
        assert.equal(deployment.exitCode, 0, deployment.all);
        const { services } = await stated(deployment.out, "staging-deployment");
        assert.deepEqual(
            services.map(({ name, image, readyReplicas }) => [name, image.split("@")[1], readyReplicas]).sort(),
            Object.entries(release.images)
                .map(([name, digest]) => [name, digest, 2])
                .sort(),
        );
        const migration = await observe("migration", release);
        assert.equal(migration.exitCode, 0, migration.all);
        const { result, toRevision, headRevision } = await stated(migration.out, "migration-staging");
        assert.deepEqual([result, toRevision], ["succeeded", headRevision]);
    });

    it("should give no evidence for a release that staging does not run", async () => {
        const release = first();
        assert.notDeepEqual((await running()).images, release.images);
        const { all, exitCode, out } = await observe("deployment", release);
        assert.notEqual(exitCode, 0, all);
        assert.match(all, new RegExp(release.version.replaceAll(".", "\\.")));
        assert.deepEqual(fs.readdirSync(out), []);
    });

    it("should be evidence of the release's own soak, which a newer deployment neither erases nor inherits", async () => {
        await withPrometheus(async (address) => {
            const older = await observe("soak", first(), "--prometheus", address);
            assert.equal(older.exitCode, 0, older.all);
            const newer = await observe("soak", await running(), "--prometheus", address);
            assert.equal(newer.exitCode, 0, newer.all);
            const [before, now] = [await stated(older.out, "soak"), await stated(newer.out, "soak")];
            assert.ok(before.observedSeconds > 0 && now.observedSeconds > 0);
            assert.ok(Date.parse(before.endedAt) <= Date.parse(now.startedAt), `${before.endedAt} ${now.startedAt}`);
        });
    });
});
