import * as assert from "node:assert/strict";
import { productionGates } from "../../delivery/gates/support/tables";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { admitCommand } from "../../../release/admit/command";
import { keyRing } from "../../../delivery/evidence/keys";
import { verifyEvidence, type VerifiedEvidence } from "../../../delivery/evidence/verify";
import type { Predicate } from "../../../delivery/evidence/predicates";
import { now } from "../../delivery/gates/support/contents";
import { judge, keys, signers, type Spoilers } from "../../delivery/gates/support/world";
import { bad, good, writeDossier } from "../support/dossiers";
import { runCommand } from "../support/running";

describe("The command release admit", () => {
    let folder: string;
    let key: string;
    let count = 0;
    // Statements are issued by the real clock, months after the dossier's own time.
    const later = new Date(Date.now() + 60_000).toISOString();
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "release-admit-"));
        key = path.join(folder, "key.pem");
        fs.writeFileSync(key, signers.production.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    function prepared(spoilers: Spoilers) {
        const given = writeDossier(path.join(folder, String((count += 1))), { spoilers });
        const args = ["--environment", "prod", "--evidence", given.evidence, "--out", given.evidence];
        return { ...given, args: [...args, "--release", given.release, "--keys", given.keys] };
    }
    const run = (args: readonly string[], at = now, signing = ["--key", key]) =>
        runCommand(
            admitCommand(() => at),
            [...args, ...signing],
        );
    const files = (place: string) =>
        fs.readdirSync(place).map((source) => ({
            source,
            envelope: JSON.parse(fs.readFileSync(path.join(place, source), "utf8")) as unknown,
        }));
    function admissionIn(place: string): Predicate<"admission"> {
        const found = files(place)
            .map((file) => verifyEvidence(file, keyRing(keys), now))
            .filter((one): one is VerifiedEvidence => one.ok && one.item === "admission-prod");
        assert.equal(found.length, 1);
        return found[0]!.predicate as Predicate<"admission">;
    }

    it("should sign the results of all gates, by which the release still passes when its evidence is too old", async () => {
        const given = prepared(good);
        const { exitCode, stdout, stderr } = await run(given.args);
        assert.deepEqual([exitCode, stderr], [0, ""]);
        assert.match(stdout, /^Release 1\.4\.2 is admitted to prod, as judged at \S+Z: admission-prod\.\w{8}\.json\n$/);
        const admission = admissionIn(given.evidence);
        assert.deepEqual(
            [admission.environment, admission.checkpoint, admission.admittedAt, admission.gates.length],
            ["prod", "production", now, productionGates],
        );
        const aged = files(given.evidence);
        assert.equal(judge(aged, { now: later }).status, "pass");
        const without = aged.filter(({ source }) => !source.startsWith("admission"));
        assert.equal(judge(without, { now: later }).status, "fail");
    });

    it("should keep the time of the first judgement when an admission is renewed", async () => {
        const given = prepared(good);
        assert.equal((await run(given.args)).exitCode, 0);
        assert.equal((await run(given.args, later)).exitCode, 0);
        assert.equal(admissionIn(given.evidence).admittedAt, now);
    });

    it("should refuse a release that fails a gate, in the gate's words, and sign nothing", async () => {
        const given = prepared(bad);
        const { exitCode, stderr } = await run(given.args);
        assert.equal(exitCode, 1);
        assert.match(stderr, /^Release 1\.4\.2 is not admitted to prod:\n {2}- /);
        assert.match(stderr, /- Approval: Approval evidence is missing/);
        assert.ok(!fs.readdirSync(given.evidence).some((file) => file.startsWith("admission")));
    });

    it("should require a key", async () => {
        const { exitCode, stderr } = await run(prepared(good).args, now, []);
        assert.equal(exitCode, 2);
        assert.match(stderr, /An admission counts only when it is signed; give --key or --kms-key\./);
    });
});
