import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { deliveryReleaseGates } from "../../../policies/delivery/release-gates";
import {
    admitRelease,
    ReleaseGate,
    ReleaseDenied,
    type AdmittedRelease,
    type ReleaseSettings,
} from "../../../components/delivery/release-gate";
import { ago, day, release } from "../../delivery/gates/support/contents";
import { freshEvidence, writeEvidence } from "../../delivery/gates/support/fresh";
import { newKey, seal, stranger, trust, trustAll, type Spoilers } from "../../delivery/gates/support/world";
import { judge } from "../../policies/support/suites";
import { assertWellFormed, deploy, only, secretValue } from "../../support/harness";

const hour = 3600;
const expedite = { change: (one: { decisions: { expedited: boolean }[] }) => (one.decisions[0]!.expedited = true) };
const notAfter = new Date(Date.now() + 400 * day * 1000).toISOString();
const keys = trustAll({ notAfter });
const [key] = keys;
const unused = trust(newKey(), { notAfter });

/** What the pack says, with the key in its configuration that production needs there. */
const judgedByPack = (args: object) =>
    judge(deliveryReleaseGates, "relaypacs:delivery:Release", args, { settings: { trustedKeys: keys } }).messages;

describe("ReleaseGate", () => {
    let folder: string;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-release-"));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    const settings = (change: Partial<ReleaseSettings> = {}): ReleaseSettings => ({
        environment: "prod",
        release,
        repository: { owner: "relaypacs", name: "gateway" },
        evidenceFolder: folder,
        trustedKeys: keys,
        gateLimits: {},
        ...change,
    });
    const admit = (spoilers: Spoilers = {}, change: Partial<ReleaseSettings> = {}, agedSeconds = 0) => {
        writeEvidence(folder, freshEvidence(spoilers, agedSeconds));
        return admitRelease(settings(change))!;
    };
    /** The sentences of a denial, the first without its dash. */
    const denial = (attempt: () => unknown): string[] => {
        let sentences: string[] = [];
        assert.throws(attempt, (error: Error) => {
            assert.ok(error instanceof ReleaseDenied);
            assert.ok(pulumi.RunError.isInstance(error), "the engine would print a stack trace");
            sentences = error.message.split("\n");
            return true;
        });
        return sentences;
    };

    it("should admit a good release, with the evidence that its gates need and no more", () => {
        const { args, warnings } = admit({}, { trustedKeys: [unused, ...keys] });
        assert.deepEqual(warnings, []);
        const { evidence, trustedKeys, ...rest } = args;
        assert.deepEqual(rest, {
            environment: "prod",
            checkpoint: "production",
            repository: "https://github.com/relaypacs/gateway",
            version: release.version,
            commit: release.commit,
            images: release.images,
            hotfix: false,
            rollback: false,
            limits: {},
        });
        assert.deepEqual(trustedKeys, keys);
        const all = fs.readdirSync(folder).map((file) => file);
        const kept = evidence.map(({ source }) => source);
        const left = ["hotfix.json", "migration-prod.json", "monitoring.json"];
        assert.deepEqual(kept, all.filter((file) => !left.includes(file)).sort());
        assert.ok(JSON.stringify(args).length < 100_000, "the state keeps it");
    });

    it("should judge for staging what staging requires", () => {
        const missing = { approval: { missing: true }, soak: { missing: true } } as const;
        const { args } = admit(missing, { environment: "staging" });
        assert.deepEqual([args.environment, args.checkpoint], ["staging", "staging"]);
        assert.ok(args.evidence.every(({ source }) => !/^(soak|smoke|incidents)/.test(source)));
        assert.equal(denial(() => admit(missing)).length, 3);
    });

    it("should give the same inputs in each run while nothing has changed", async () => {
        const first = admit();
        await new Promise((resolve) => setTimeout(resolve, 5));
        assert.deepEqual(admitRelease(settings()), first);
    });

    it("should give inputs that the policy pack accepts", () => {
        for (const environment of ["staging", "prod"] as const) {
            const { args } = admit({}, { environment });
            const given = structuredClone(args);
            assert.deepEqual(judgedByPack(given), []);
        }
        const { args } = admit(
            { approval: expedite, soak: { missing: true } },
            { release: { ...release, hotfix: true } },
        );
        assert.deepEqual(judgedByPack(args), []);
    });

    it("should deny a release with a sentence for each gate that fails", () => {
        assert.deepEqual(
            denial(() => admit({ smoke: { missing: true } })),
            [
                "Release 1.4.2 may not change prod, and nothing was changed:",
                "  - Smoke tests: Smoke test evidence is missing (accepted: 100 % of at least 3, after the deployment).",
                "  - Health response: Smoke test evidence is missing (accepted: less than 1 s).",
                "  - Server errors: Smoke test evidence is missing (accepted: 0).",
            ],
        );
    });

    it("should warn of what people should know and what denies no release", () => {
        const incident = (id: string) => ({ id, priority: "P1" as const, openedAt: ago(3 * hour) });
        const incidents = {
            change: (one: { incidents: object[] }) => (one.incidents = [incident("A"), incident("B")]),
        };
        const { warnings } = admit({ incidents });
        assert.equal(warnings.length, 1);
        assert.match(warnings[0]!, /^Incidents: 2 P1 or P2 incidents: A \(P1\) and B \(P1\)/);
        const hotfix = admit({ approval: expedite }, { release: { ...release, hotfix: true } });
        assert.deepEqual(hotfix.warnings.slice(1), ["Watch production for 1 h and record it as monitoring evidence."]);
        assert.match(hotfix.warnings[0]!, /^Staging soak: skipped, because the release ends P1 incident INC-42/);
    });

    it("should require an admission for a rollback, and pass it on however fresh the evidence is", () => {
        const back = { release: { ...release, rollback: true } };
        assert.deepEqual(
            denial(() => admit({}, back)),
            [
                "Release 1.4.2 may not change prod, and nothing was changed:",
                "  - No admission shows that this release has run here; a rollback requires one.",
            ],
        );
        const { args } = admit({ "admission-prod": {} }, back);
        assert.equal(args.rollback, true);
        assert.ok(args.evidence.some(({ source }) => source === "admission-prod.json"));
        assert.deepEqual(judgedByPack(args), []);
        const bare = { ...args, evidence: args.evidence.filter(({ source }) => source !== "admission-prod.json") };
        assert.deepEqual(judgedByPack(bare), [
            "No admission shows that this release has run here; a rollback requires one.",
        ]);
    });

    it("should admit a release that has run here by its admission, which it passes on when it is needed", () => {
        const admission = { "admission-prod": {} };
        const month = 30 * day;
        const now = admit(admission);
        assert.ok(now.args.evidence.every(({ source }) => source !== "admission-prod.json"));
        assert.deepEqual(now.warnings, []);

        const { args, warnings } = admit(admission, {}, month);
        assert.ok(args.evidence.some(({ source }) => source === "admission-prod.json"));
        assert.equal(warnings.length, 1);
        assert.match(warnings[0]!, /^prod admitted this release at .*; the gates judge as of that time\.$/);
        assert.deepEqual(judgedByPack(args), []);
        fs.rmSync(path.join(folder, "admission-prod.json"));
        assert.ok(denial(() => admitRelease(settings())).length > 20);
    });

    it("should judge nothing before the first image exists", () => {
        assert.equal(
            admitRelease(settings({ release: undefined, trustedKeys: [], evidenceFolder: "nowhere" })),
            undefined,
        );
    });

    it("should say in one sentence that keys are missing, damaged or misnamed, the folder is missing, or a limit is looser", () => {
        const start = "Release 1.4.2 can't be judged: ";
        const pem = key!.publicKey.replace(/[A-Za-z0-9+/]{20}/, "A".repeat(20));
        const cases: [Partial<ReleaseSettings>, RegExp][] = [
            [
                { trustedKeys: [] },
                /^relaypacs:trustedKeys is empty; it must name at least one public key that signs evidence\.$/,
            ],
            [{ trustedKeys: [{ ...key!, publicKey: pem }] }, /^The public key can't be read; give it in PEM \(SPKI\)/],
            [
                { trustedKeys: [{ ...key!, keyId: "0".repeat(64) }] },
                /^Trusted key 0: keyId is 0+, but the public key's id is/,
            ],
            [
                { evidenceFolder: path.join(folder, "none") },
                /^The evidence folder \/.*\/none can't be read: ENOENT: .*\.$/,
            ],
            [{ gateLimits: { soakSeconds: 1 } }, /^Limit soakSeconds is 1; accepted: a number of at least 14400\./],
        ];
        for (const [change, sentence] of cases) {
            const sentences = denial(() => admit({}, change));
            assert.equal(sentences.length, 1);
            assert.ok(sentences[0]!.startsWith(start), sentences[0]);
            assert.match(sentences[0]!.slice(start.length), sentence);
        }
    });

    it("should not count a file that is not an envelope", () => {
        fs.writeFileSync(path.join(folder, "notes.json"), "not JSON");
        fs.writeFileSync(path.join(folder, "README.md"), "not JSON either");
        assert.deepEqual(admit().warnings, []);
        fs.writeFileSync(path.join(folder, "soak.json"), JSON.stringify(seal("{}", stranger)));
        assert.match(
            denial(() => admitRelease(settings()))[1]!,
            /^ {2}- Staging soak: Staging soak evidence is missing/,
        );
    });

    it("should refuse a release beside whose evidence a trusted key signed what can't be read", () => {
        assert.deepEqual(admit().warnings, []);
        fs.writeFileSync(path.join(folder, "zzz.json"), JSON.stringify(seal("{}")));
        const sentences = denial(() => admitRelease(settings()));
        assert.match(
            sentences[1]!,
            /evidence may not be the newest: zzz\.json, which a trusted key may have signed, can't be/,
        );
    });

    it("should be a component with known inputs and nothing outside the state, its evidence in one word", async () => {
        const admitted: AdmittedRelease = admit();
        const resources = await deploy(() => new ReleaseGate("gates", admitted));
        assertWellFormed(resources, "gates");
        const { input } = only(resources, "pulumi:index:Stash").inputs;
        assert.deepEqual(input, { version: release.version, commit: release.commit, images: release.images });
        assert.equal(resources.length, 2);
        const { inputs } = only(resources, "relaypacs:delivery:Release");
        const { evidence, ...plain } = inputs;
        const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
        assert.deepEqual(written({ ...plain, evidence: secretValue(evidence) }), written(admitted.args));
    });
});
