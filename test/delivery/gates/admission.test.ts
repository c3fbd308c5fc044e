import assert from "node:assert/strict";
import { gates, type JudgementRequest } from "../../../delivery/gates";
import { admissionOf } from "../../../delivery/gates/engine/admission-statement";
import type { Statement } from "../../../delivery/evidence/statement";
import { ago, day, hour, minute, release } from "./support/contents";
import { spoilings } from "./support/spoilings";
import {
    evidence,
    expedite,
    expired,
    judge,
    newKey,
    seal,
    signerOf,
    signers,
    statementOf,
    trust,
    trustAll,
    type Spoiler,
} from "./support/world";

/** A month after the release was admitted, when nearly all of its evidence is stale. */
const later = ago(-30 * day);
const admittedAt = ago(20 * minute);
const completedAt = ago(10 * minute);

type Environment = "staging" | "prod";
type Request = Partial<JudgementRequest>;

const admissionFile = (spoiler: Spoiler = {}, environment: Environment = "prod", source = "admission.json") => {
    const statement = statementOf(`admission-${environment}`, { issuedAt: completedAt, ...spoiler });
    const envelope = seal(JSON.stringify(statement), spoiler.key ?? signerOf(`admission-${environment}`));
    spoiler.reseal?.(envelope);
    return { source, envelope };
};
const admitted = (spoiler?: Spoiler, change: Request = {}, files = evidence()) =>
    judge([...files, admissionFile(spoiler)], { now: later, ...change });
const changed = (contents: object): Spoiler => ({ change: (one: object) => Object.assign(one, contents) });

describe("An admission", () => {
    it("should let a release pass that its environment has run, whatever has aged since", () => {
        assert.equal(judge(evidence(), { now: later }).status, "fail");
        const judgement = admitted();
        assert.equal(judgement.status, "pass");
        assert.ok(judgement.outcomes.every((one) => one.status === "pass"));
        assert.equal(judgement.asOf, admittedAt);
        assert.equal(judgement.remark, `prod admitted this release at ${admittedAt}; the gates judge as of that time.`);
        assert.deepEqual(
            [judgement.admission?.item, judgement.admission?.source, judgement.admission?.keyId],
            ["admission-prod", "admission.json", signers.production.id],
        );
        assert.deepEqual(
            judgement.outcomes.map((one) => one.id),
            judge(evidence()).outcomes.map((one) => one.id),
        );
    });

    it("should not be looked at while a release passes without it", () => {
        for (const now of [ago(0), ago(9 * minute)]) {
            const judgement = admitted(undefined, { now });
            assert.deepEqual(
                [judgement.status, judgement.asOf, judgement.admission, judgement.remark],
                ["pass", now, undefined, undefined],
            );
        }
        const warned = {
            "lint-backend": { change: (one: { tools: { warnings: number }[] }) => (one.tools[0]!.warnings = 1) },
        };
        const judgement = admitted(undefined, { now: ago(0) }, evidence(warned));
        assert.deepEqual([judgement.status, judgement.asOf], ["warn", ago(0)]);
    });

    it("should be required for a rollback, however fresh the evidence is", () => {
        const request = { now: ago(0), release: { ...release, rollback: true } };
        const judgement = admitted(undefined, request);
        assert.deepEqual([judgement.status, judgement.asOf], ["pass", admittedAt]);
        assert.equal(judgement.admission?.item, "admission-prod");

        const bare = judge(evidence(), request);
        assert.ok(bare.outcomes.every(({ status }) => status === "pass"));
        assert.deepEqual(
            [bare.status, bare.asOf, bare.admission, bare.remark],
            ["fail", ago(0), undefined, "No admission shows that this release has run here; a rollback requires one."],
        );
        const stale = admitted({}, { ...request, limits: { admissionAgeHours: 24 }, now: later });
        assert.equal(stale.status, "fail");
        assert.match(stale.remark ?? "", /is stale: .*; the gates judge as of now\.$/);
        assert.equal(admitted(undefined, { ...request, release: { ...release, rollback: false } }).asOf, ago(0));
    });

    it("should count at the checkpoint of its own environment only", () => {
        const pairs: [Environment, "staging" | "production", string][] = [
            ["staging", "staging", "pass"],
            ["prod", "production", "pass"],
            ["staging", "production", "fail"],
            ["prod", "staging", "fail"],
        ];
        for (const [environment, checkpoint, status] of pairs) {
            const files = [...evidence(), admissionFile({}, environment)];
            const judgement = judge(files, { now: later, checkpoint });
            assert.equal(judgement.status, status, `${environment} at ${checkpoint}`);
            if (status === "fail") assert.deepEqual([judgement.asOf, judgement.remark], [later, undefined]);
        }
    });

    it("should not count at a checkpoint that admits nothing", () => {
        const files = [...evidence(), admissionFile(), admissionFile({}, "staging", "staging.json")];
        for (const checkpoint of ["merge", "staging-verified", "monitoring"] as const) {
            const judgement = judge(files, { now: later, checkpoint, release: { ...release, hotfix: true } });
            assert.deepEqual([judgement.status, judgement.asOf, judgement.remark], ["fail", later, undefined]);
        }
    });

    describe("that does not count", () => {
        const problems: [string, Spoiler, string, Request?][] = [
            [
                "more than a year old",
                {},
                "is stale: measured at 2026-01-14T17:40:00.000Z, 365 d 1 s ago; accepted: at most 365 d",
                { now: ago(20 * minute - 365 * day - 1), keys: trustAll({ notAfter: ago(-500 * day) }) },
            ],
            [
                "older than a stricter limit",
                {},
                "is stale: measured at 2026-01-14T17:40:00.000Z, 30 d 20 min ago; accepted: at most 1 d",
                { limits: { admissionAgeHours: 24 } },
            ],
            [
                "issued before the deployment ended",
                { ...changed({ completedAt: ago(9 * minute - 61) }), issuedAt: ago(9 * minute) },
                `is contradictory: completedAt is ${ago(9 * minute - 61)}, after it was issued at ${ago(9 * minute)}`,
            ],
            [
                "from the future",
                { ...changed({ admittedAt: ago(-31 * day), completedAt: ago(-31 * day) }), issuedAt: ago(-31 * day) },
                `is from the future: issued at ${ago(-31 * day)}, 1 d from now`,
            ],
            [
                "issued before the time that it states",
                { ...changed({ admittedAt: ago(0), completedAt: ago(0) }), issuedAt: ago(61) },
                `is contradictory: measured at ${ago(0)}, after it was issued at ${ago(61)}`,
            ],
        ];
        for (const [what, spoiler, problem, change] of problems) {
            it(`should leave the release refused and say why when it is ${what}`, () => {
                const judgement = admitted(spoiler, change);
                assert.equal(judgement.status, "fail");
                assert.equal(judgement.admission, undefined);
                assert.equal(judgement.remark, `Production admission evidence ${problem}; the gates judge as of now.`);
                assert.equal(judgement.asOf, change?.now ?? later);
            });
        }

        const general = spoilings.filter((one) => !["missing", "before build", "future", "stale"].includes(one.column));
        for (const spoiling of general) {
            it(`should leave the release refused and say why when it is ${spoiling.defect}`, () => {
                const spoiler = spoiling.spoil("admission-prod")["admission-prod"]!;
                const judgement = admitted(spoiler);
                assert.deepEqual([judgement.status, judgement.asOf], ["fail", later]);
                const start = "Production admission evidence ";
                const end = "; the gates judge as of now.";
                const remark = judgement.remark ?? "";
                assert.ok(remark.startsWith(start) && remark.endsWith(end), remark);
                const said = remark
                    .slice(start.length, -end.length)
                    .replace(`judged at ${later}`, `judged at ${ago(0)}`);
                const problem = spoiling.problem("admission-prod");
                if (typeof problem === "string") assert.equal(said, problem);
                else assert.match(said, problem);
            });
        }
    });

    it("should count to the last millisecond of its year, and by a clock that is a minute ahead", () => {
        const keys = trustAll({ notAfter: ago(-500 * day) });
        assert.equal(admitted({}, { now: ago(20 * minute - 365 * day), keys }).status, "pass");
        const ahead = { ...changed({ completedAt: ago(9 * minute - 60) }), issuedAt: ago(9 * minute) };
        assert.equal(admitted(ahead).status, "pass");
    });

    describe("as the time of the judgement", () => {
        for (const gate of gates.filter((one) => one.checkpoints.includes("production") && one.releases === "all")) {
            it(`should keep the gate ${gate.id} as strict as it was then`, () => {
                for (const item of gate.needs) {
                    for (const spoiler of [{ missing: true }, { key: newKey() }] satisfies Spoiler[]) {
                        const judgement = admitted({}, {}, evidence({ [item]: spoiler }));
                        const outcome = judgement.outcomes.find((one) => one.id === gate.id);
                        assert.deepEqual([judgement.asOf, outcome?.status], [admittedAt, "fail"], item);
                    }
                }
            });
        }

        it("should leave stale what was stale then", () => {
            const old = (one: object) =>
                Object.assign(one, { windowStartedAt: ago(9 * day), windowEndedAt: ago(hour + 21 * minute) });
            const judgement = admitted({}, {}, evidence({ incidents: { change: old } }));
            assert.deepEqual(
                judgement.outcomes.filter((one) => one.status === "fail").map((one) => one.message),
                [
                    "Incidents: Incident count evidence is stale: measured at 2026-01-14T16:39:00.000Z, 1 h 1 min ago; " +
                        "accepted: at most 1 h (accepted: fewer than 2 of priority P1 or P2 in 7 days).",
                ],
            );
        });

        it("should ignore what was issued later, beyond the accepted clock skew", () => {
            const issued = (issuedAt: string) => admitted({}, {}, evidence({ incidents: { issuedAt } }));
            assert.equal(issued(ago(20 * minute - 60)).status, "pass");
            const incidents = issued(ago(20 * minute - 61)).outcomes.find((one) => one.id === "incident-count");
            assert.equal(incidents?.status, "fail");
            assert.match(incidents.message, /^Incidents: Incident count evidence is missing /);
        });

        it("should not let later evidence replace what counted then", () => {
            const newer = {
                source: "newer.json",
                envelope: seal(JSON.stringify(statementOf("soak", { issuedAt: ago(-day) })), signers.staging),
            };
            const judgement = admitted({}, {}, [...evidence(), newer]);
            const soak = judgement.outcomes.find((one) => one.id === "staging-soak");
            assert.deepEqual(
                soak?.evidence.map((one) => one.source),
                ["soak.json", "staging-deployment.json"],
            );
        });

        it("should not admit a release that was built later", () => {
            const rebuilt = (one: { runDetails: { metadata: object } }) =>
                Object.assign(one.runDetails.metadata, { startedOn: ago(10 * minute), finishedOn: ago(5 * minute) });
            const judgement = admitted(
                {},
                {},
                evidence({ provenance: { change: rebuilt, issuedAt: ago(5 * minute) } }),
            );
            assert.equal(judgement.status, "fail");
        });

        it("should not admit a hotfix as a regular release", () => {
            const files = evidence({ approval: { change: expedite }, soak: { missing: true } });
            const hotfix = { release: { ...release, hotfix: true } };
            const again = admitted({}, hotfix, files);
            assert.deepEqual([again.status, again.asOf], ["warn", admittedAt]);
            assert.deepEqual(again.obligations, ["Watch production for 1 h and record it as monitoring evidence."]);
            assert.equal(admitted({}, {}, files).status, "fail");
        });
    });

    describe("after a key rotation", () => {
        const successor = newKey();
        const trustSuccessor = (validity = {}) => trust(successor, { duty: "production", ...validity });
        const rotated = [...trustAll({ notAfter: ago(-day) }), trustSuccessor({ notBefore: ago(day) })];
        const renewed = { key: successor, issuedAt: ago(-hour) };

        it("should count evidence by a key that has expired since, but itself only by a key that counts now", () => {
            assert.equal(admitted(renewed, { keys: rotated }).status, "pass");
            assert.equal(admitted({}, { keys: rotated }).status, "fail");
            assert.deepEqual(admitted(renewed, { keys: rotated }).rejected, []);
        });

        it("should not count evidence by a key that had expired then, or is no longer known", () => {
            const before = [...trustAll({ notAfter: ago(20 * minute + 1) }), trustSuccessor()];
            assert.equal(admitted(renewed, { keys: before }).status, "fail");
            assert.equal(admitted(renewed, { keys: [trustSuccessor()] }).status, "fail");
            const judgement = admitted({}, {}, evidence({ incidents: { key: expired, issuedAt: ago(21 * minute) } }));
            assert.equal(
                judgement.status,
                "pass",
                "the key counted until a second before now, and so at the admission",
            );
        });

        it("should be refused from a key that may not admit", () => {
            const bound = admitted({ key: signers.staging });
            assert.match(
                bound.remark ?? "",
                /has the duty staging and may not state admission-prod; it may state [\w, -]+; the gates judge as of now\.$/,
            );
        });
    });

    describe("as a statement", () => {
        it("should give the times and what the gates said", () => {
            const judgement = judge(evidence({ soak: { missing: true }, approval: { change: expedite } }), {
                release: { ...release, hotfix: true },
            });
            const stated = admissionOf("prod", judgement, ago(-minute));
            assert.deepEqual([stated.environment, stated.checkpoint], ["prod", "production"]);
            assert.deepEqual([stated.admittedAt, stated.completedAt], [ago(0), ago(-minute)]);
            assert.deepEqual(
                stated.gates,
                judgement.outcomes.map(({ id, status }) => ({ id, status })),
            );
            assert.deepEqual(
                stated.gates.filter((one) => one.status === "warn").map((one) => one.id),
                ["staging-soak"],
            );
        });

        it("should repeat the time of the first admission, so that no evidence gets younger", () => {
            const stated = admissionOf("prod", admitted(), later);
            assert.deepEqual([stated.admittedAt, stated.completedAt], [admittedAt, later]);
            const renewed = { change: (one: object) => Object.assign(one, stated), issuedAt: later };
            assert.equal(admitted(renewed).asOf, admittedAt);
        });

        it("should be refused for a release that fails a gate", () => {
            assert.throws(() => admissionOf("prod", judge(evidence({ soak: { missing: true } })), ago(0)), {
                message: "The release fails the gate staging-soak; it can't be admitted.",
            });
        });
    });

    it("should count for exactly its own release", () => {
        const restated = (restate: (one: Statement) => void) => admitted({ restate });
        const others: [(one: Statement) => void, RegExp][] = [
            [(one) => (one.relaypacsRelease.version = "1.4.3"), /is replayed from release 1\.4\.3/],
            [(one) => (one.relaypacsRelease.commit = "e".repeat(40)), /is replayed from release 1\.4\.2/],
            [(one) => (one.subject[1]!.digest.sha256 = "9".repeat(64)), /is about another image: relaypacs\/frontend/],
            [(one) => one.subject.pop(), /says nothing about relaypacs\/frontend/],
        ];
        for (const [restate, problem] of others) {
            const judgement = restated(restate);
            assert.equal(judgement.status, "fail");
            assert.match(judgement.remark ?? "", problem);
        }
    });

    it("should be looked for among admissions only", () => {
        const judgement = judge(evidence({ smoke: { missing: true } }));
        assert.deepEqual([judgement.status, judgement.remark], ["fail", undefined]);
    });
});
