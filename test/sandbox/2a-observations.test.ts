import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { keyRing } from "../../release/evidence/keys";
import { loadEvidence } from "../../release/evidence/folder";
import type { ItemName, ItemPredicate } from "../../release/evidence/items";
import type { ReleaseIdentity } from "../../release/evidence/statement";
import { verifyEvidence } from "../../release/evidence/verify";
import { projectRoot } from "../../sandbox/instance";
import { signingKeyFile, trustedKeys } from "../../sandbox/release/signing-key";
import * as world from "./world";

/** The release that the sandbox came up with; the tests before this one have replaced it several times. */
const first = () => JSON.parse(String(world.variables().RELAYPACS_RELEASE)) as ReleaseIdentity;

/** The release that staging runs, by the stack's own word. */
async function running(): Promise<ReleaseIdentity> {
    const { output } = await world.pulumi(["stack", "output", "--json"]);
    const { version, images } = JSON.parse(output) as { version: string; images: Record<string, string> };
    const digests = Object.entries(images).map(([service, image]) => [service, image.split("@")[1]!] as const);
    return { version, commit: first().commit, images: Object.fromEntries(digests) };
}

async function prometheus(): Promise<string> {
    const { items } = await world.kubernetesObject<{
        items: { metadata: { name: string }; spec: { clusterIP: string } }[];
    }>("services", "--namespace", "monitoring");
    return `http://${items.find(({ metadata }) => metadata.name === "prometheus")!.spec.clusterIP}:9090`;
}

describe("what staging itself shows of a release", () => {
    let folder: string;
    before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "observations-"))));
    after(() => fs.rmSync(folder, { recursive: true }));

    /** Runs `release observe …` and gives its outcome, with the folder that evidence goes to. */
    async function observe(what: string, release: ReleaseIdentity, ...more: string[]) {
        const out = path.join(folder, release.version);
        fs.mkdirSync(out, { recursive: true });
        const file = path.join(folder, `${release.version}.json`);
        const about = { committedAt: "2026-01-14T18:00:00Z", repository: "https://github.com/relaypacs/gateway" };
        fs.writeFileSync(file, JSON.stringify({ ...release, ...about }));
        const args = ["observe", what, "--stack", "staging", "--release", file, "--out", out, ...more];
        const key = signingKeyFile(world.instance);
        const outcome = await execa(
            process.execPath,
            ["-r", "ts-node/register", "release/main.ts", ...args, "--key", key],
            { cwd: projectRoot, env: world.variables(), all: true, reject: false, stdin: "ignore" },
        );
        return { ...outcome, out };
    }

    /** What a verified envelope of an item says; it must be there. */
    async function stated<Item extends ItemName>(out: string, item: Item): Promise<ItemPredicate<Item>> {
        const ring = keyRing(trustedKeys(world.instance));
        const files = await loadEvidence(out);
        const found = files.map((file) => verifyEvidence(file, ring, new Date().toISOString()));
        const one = found.find((evidence) => evidence.ok && evidence.item === item);
        assert.ok(one?.ok, `no ${item} in ${files.map(({ source }) => source).join(", ")}`);
        return one.predicate as ItemPredicate<Item>;
    }

    it("is its deployment, by stack and cluster, and its migration, by Job and database", async () => {
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

    it("is no evidence for a release that staging does not run", async () => {
        const release = first();
        assert.notDeepEqual((await running()).images, release.images);
        const { all, exitCode, out } = await observe("deployment", release);
        assert.notEqual(exitCode, 0, all);
        assert.match(all, new RegExp(release.version.replaceAll(".", "\\.")));
        assert.deepEqual(fs.readdirSync(out), []);
    });

    it("is its own soak, which a newer deployment neither erases nor inherits", async () => {
        const address = await prometheus();
        const older = await observe("soak", first(), "--prometheus", address);
        assert.equal(older.exitCode, 0, older.all);
        const newer = await observe("soak", await running(), "--prometheus", address);
        assert.equal(newer.exitCode, 0, newer.all);
        const [before, now] = [await stated(older.out, "soak"), await stated(newer.out, "soak")];
        assert.ok(before.observedSeconds > 0 && now.observedSeconds > 0);
        assert.ok(Date.parse(before.endedAt) <= Date.parse(now.startedAt), `${before.endedAt} ${now.startedAt}`);
    });
});
