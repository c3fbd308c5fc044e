import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ago, exampleNow, exampleRelease, examples } from "../../../docs/generate/evidence-examples";
import type { ItemName } from "../../../delivery/evidence/items";
import { items } from "../../../delivery/evidence/items";
import { keyRing } from "../../../delivery/evidence/keys";
import { newestEvidence, type About } from "../../../delivery/evidence/newest";
import type { Predicate } from "../../../delivery/evidence/predicates";
import { createStatement } from "../../../delivery/evidence/statement";
import type { EvidenceFile } from "../../../delivery/evidence/verify";
import { deployedAt } from "../../../release/observe/store";
import { showCommand } from "../../../release/show/command";
import { newKey, seal, stranger, trust } from "../../delivery/gates/support/world";
import { runCommand } from "../support/running";

const [staging, pipeline] = [newKey(), newKey()];
const keys = [trust(staging, { duty: "staging" }), trust(pipeline, { duty: "pipeline" })];
const ring = keyRing(keys);

function text(item: ItemName, { issuedAt = ago(0), change = {}, release = exampleRelease } = {}): string {
    const predicate = { ...examples[item], ...change } as Predicate;
    return JSON.stringify(createStatement(items[item].predicate, predicate, release, { issuedAt }));
}
const file = (source: string, statement: string, key = staging): EvidenceFile => ({
    source,
    envelope: seal(statement, key),
});

describe("The newest evidence of an item", () => {
    const newest = (files: readonly EvidenceFile[], about?: About, item: ItemName = "rehearsal") =>
        newestEvidence(item, files, ring, exampleNow, about);
    const older = file("a.json", text("rehearsal", { issuedAt: ago(60), change: { durationSeconds: 1 } }));
    const newer = file("b.json", text("rehearsal", { change: { durationSeconds: 2 } }));

    it("should be the one that was issued last, whatever its name", () => {
        for (const files of [
            [older, newer],
            [newer, older],
        ])
            assert.equal(newest(files)?.source, "b.json");
        assert.equal(newest([older])?.source, "a.json");
    });

    it("should be none where nothing claims to be it", () => {
        assert.equal(newest([]), undefined);
        const damaged = { source: "c.json", envelope: undefined };
        assert.equal(newest([file("s.json", text("soak")), damaged]), undefined);
    });

    for (const [what, bad, problem] of [
        [
            "an unknown key",
            file("x.json", text("rehearsal"), stranger),
            /x\.json is signed by key \w+, which is not trusted\.$/,
        ],
        [
            "the key of another duty",
            file("x.json", text("rehearsal"), pipeline),
            /duty pipeline and may not state rehearsal/,
        ],
        [
            "no key",
            { source: "x.json", envelope: { ...seal(text("rehearsal"), staging), signatures: [] } },
            /has no signature/,
        ],
        ["plain JSON in an envelope's place", { source: "x.json", envelope: examples.rehearsal }, undefined],
    ] as const)
        it(`should not be what ${what} states`, () => {
            if (problem === undefined) assert.equal(newest([bad]), undefined);
            else assert.throws(() => newest([bad]), { message: problem });
            assert.equal(newest([older, bad])?.source, "a.json", "an older one counts");
        });

    it("should not be replaced by an older one when a trusted key signed something newer that can't be read", () => {
        const statement = JSON.parse(text("rehearsal")) as object;
        for (const change of [{ predicateType: "https://relaypacs.com/attestation/rehearsal/v2" }, { predicate: {} }]) {
            const unread = file("z.json", JSON.stringify({ ...statement, ...change }));
            assert.throws(() => newest([older, unread]), {
                message:
                    /^Rollback rehearsal evidence may not be the newest: z\.json, which a trusted key may have signed, can't be/,
            });
        }
        const early = JSON.stringify({ ...JSON.parse(text("rehearsal", { issuedAt: ago(90) })), predicate: {} });
        assert.equal(newest([older, file("z.json", early)])?.source, "a.json");
        const other = JSON.stringify({ ...JSON.parse(text("soak")), predicate: {} });
        assert.equal(newest([older, file("z.json", other)])?.source, "a.json", "it says that it is another item");
    });

    it("should be refused when two were issued at the same time, and when it is from the future", () => {
        const twin = file("c.json", text("rehearsal", { change: { durationSeconds: 3 } }));
        assert.throws(() => newest([newer, twin]), {
            message: "Rollback rehearsal evidence is contradictory: b.json and c.json were issued at the same time.",
        });
        assert.equal(newest([newer, { ...newer, source: "copy.json" }])?.source, "b.json");
        assert.ok(newest([file("f.json", text("rehearsal", { issuedAt: ago(-300) }))]));
        assert.throws(() => newest([file("f.json", text("rehearsal", { issuedAt: ago(-301) }))]), {
            message: /^Rollback rehearsal evidence is from the future: f\.json was issued at/,
        });
    });

    it("should be about what was asked for", () => {
        const { commit, images, version } = exampleRelease;
        const all = { version, commit, images };
        assert.ok(newest([newer], all));
        for (const about of [
            { version: "1.4.1" },
            { ...all, commit: "d".repeat(40) },
            { ...all, images: { backend: images.backend! } },
            { ...all, images: { ...images, backend: `sha256:${"0".repeat(64)}` } },
        ])
            assert.equal(newest([newer], about), undefined, JSON.stringify(about));
    });
});

describe("The command release show", () => {
    let folder = "";
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "show-"));
        fs.mkdirSync(at("evidence"));
        fs.writeFileSync(at("keys.json"), JSON.stringify(keys));
        fs.writeFileSync(at("release.json"), JSON.stringify(exampleRelease));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });
    const at = (name: string) => path.join(folder, name);
    const store = ({ envelope, source }: EvidenceFile) => {
        fs.writeFileSync(at(`evidence/${source}`), JSON.stringify(envelope));
    };
    const show = (...args: string[]) =>
        runCommand(showCommand(), ["rehearsal", "--evidence", at("evidence"), "--keys", at("keys.json"), ...args]);

    it("should print what the newest evidence says, as JSON on one line, and null when there is none", async () => {
        assert.deepEqual(await show(), { exitCode: 0, stdout: "null\n", stderr: "" });
        store(file("a.json", text("rehearsal")));
        const printed = await show("--release", at("release.json"));
        assert.deepEqual([printed.exitCode, JSON.parse(printed.stdout)], [0, examples.rehearsal]);
        assert.equal((await show("--version", "1.4.1")).stdout, "null\n");
        assert.deepEqual(JSON.parse((await show("--version", "1.4.2")).stdout), examples.rehearsal);
    });

    it("should print nothing and end with 2 when what there is does not count", async () => {
        store(file("a.json", text("rehearsal"), stranger));
        const { exitCode, stderr, stdout } = await show();
        assert.deepEqual([exitCode, stdout], [2, ""]);
        assert.match(stderr, /^release show: Rollback rehearsal evidence counts for nothing: a\.json is signed by key/);
    });

    it("should refuse what it can't ask for", async () => {
        assert.match((await show("--version", "../1.4.2")).stderr, /It must be a version such as 1\.4\.2\./);
        assert.equal((await show("--version", "1.4.2", "--release", at("release.json"))).exitCode, 2);
        fs.writeFileSync(at("keys.json"), "[]");
        assert.match((await show()).stderr, /No key is trusted, so no evidence counts/);
    });
});

describe("The time of a deployment that a soak and smoke tests rest on", () => {
    let folder = "";
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "deployed-"));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });
    const deployed = (...files: EvidenceFile[]) => {
        for (const { envelope, source } of files) fs.writeFileSync(path.join(folder, source), JSON.stringify(envelope));
        return deployedAt(folder, exampleRelease, () => Promise.resolve(ring));
    };
    const stated = (key = staging) => file(`${key.id.slice(0, 8)}.json`, text("staging-deployment"), key);

    it("should come from evidence of exactly this release that staging's key signed", async () => {
        assert.equal(await deployed(stated()), examples["staging-deployment"].completedAt);
        const later = { completedAt: ago(0), startedAt: ago(1) };
        const others = file("later.json", text("staging-deployment", { change: later }), stranger);
        assert.equal(await deployed(others), examples["staging-deployment"].completedAt);
    });

    it("should be unknown without any, and refused when what claims to be it counts for nothing", async () => {
        assert.equal(await deployedAt(path.join(folder, "none"), exampleRelease, () => assert.fail("keys")), undefined);
        assert.equal(await deployedAt(folder, exampleRelease, () => assert.fail("keys")), undefined);
        await assert.rejects(deployed(stated(pipeline)), {
            name: "ObserveError",
            message: /^Staging deployment evidence counts for nothing: .* may not state staging-deployment/,
        });
    });
});
