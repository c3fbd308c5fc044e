import assert from "node:assert/strict";
import { gates, type JudgementRequest } from "../../policies/gates";
import { admissionOf } from "../../release/evidence/admission";
import type { Statement } from "../../release/evidence/statement";
import { ago, day, hour, minute, release } from "./support/contents";
import { spoilings } from "./support/spoilings";
import {
    evidence,
    expedite,
    expired,
    judge,
    newKey,
    seal,
    statementOf,
    trust,
    trusted,
    type Spoiler,
} from "./support/world";

/** A month after the release was let in: nearly all of its evidence is stale. */
const later = ago(-30 * day);
const admittedAt = ago(20 * minute);
const completedAt = ago(10 * minute);

type Environment = "staging" | "prod";
type Request = Partial<JudgementRequest>;

const admissionFile = (spoiler: Spoiler = {}, environment: Environment = "prod", source = "admission.json") => {
    const statement = statementOf(`admission-${environment}`, { issuedAt: completedAt, ...spoiler });
    const envelope = seal(JSON.stringify(statement), spoiler.key);
    spoiler.reseal?.(envelope);
    return { source, envelope };
};
const admitted = (spoiler?: Spoiler, change: Request = {}, files = evidence()) =>
    judge([...files, admissionFile(spoiler)], { now: later, ...change });
const changed = (contents: object): Spoiler => ({ change: (one: object) => Object.assign(one, contents) });

describe("an admission", () => {
    it("lets a release pass that its environment has run, whatever has aged since", () => {
        assert.equal(judge(evidence(), { now: later }).status, "fail");
        const judgement = admitted();
        assert.equal(judgement.status, "pass");
        assert.ok(judgement.outcomes.every((one) => one.status === "pass"));
        assert.equal(judgement.asOf, admittedAt);
        assert.equal(judgement.remark, `prod let this release in at ${admittedAt}, and the gates judge as of then.`);
        assert.deepEqual(
            [judgement.admission?.item, judgement.admission?.source, judgement.admission?.keyId],
            ["admission-prod", "admission.json", trusted.id],
        );
        assert.deepEqual(
            judgement.outcomes.map((one) => one.id),
            judge(evidence()).outcomes.map((one) => one.id),
        );
    });

    it("is not looked at while a release passes without", () => {
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

    it("decides about a rollback alone, however fresh the evidence is", () => {
        const request = { now: ago(0), release: { ...release, rollback: true } };
        const judgement = admitted(undefined, request);
        assert.deepEqual([judgement.status, judgement.asOf], ["pass", admittedAt]);
        assert.equal(judgement.admission?.item, "admission-prod");

        const bare = judge(evidence(), request);
        assert.ok(bare.outcomes.every(({ status }) => status === "pass"));
        assert.deepEqual(
            [bare.status, bare.asOf, bare.admission, bare.remark],
            [
                "fail",
                ago(0),
                undefined,
                "No admission says that this release has run here, and a rollback goes back to nothing else.",
            ],
        );
        const stale = admitted({}, { ...request, limits: { admissionAgeHours: 24 }, now: later });
        assert.equal(stale.status, "fail");
        assert.match(stale.remark ?? "", /is stale: .*; the gates judge as of now\.$/);
        assert.equal(admitted(undefined, { ...request, release: { ...release, rollback: false } }).asOf, ago(0));
    });

    it("to staging counts at staging, and to production at production", () => {
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

    it("counts at no checkpoint that lets nothing in", () => {
        const files = [...evidence(), admissionFile(), admissionFile({}, "staging", "staging.json")];
        for (const checkpoint of ["merge", "staging-verified", "monitoring"] as const) {
            const judgement = judge(files, { now: later, checkpoint, release: { ...release, hotfix: true } });
            assert.deepEqual([judgement.status, judgement.asOf, judgement.remark], ["fail", later, undefined]);
        }
    });

    describe("that does not count leaves the release refused, and says why:", () => {
        const problems: [string, Spoiler, string, Request?][] = [
            [
                "of more than a year ago",
                {},
                "is stale: measured at 2026-01-14T17:40:00.000Z, 365 d 1 s ago; accepted: at most 365 d",
                { now: ago(20 * minute - 365 * day - 1), keys: [trust(trusted, { notAfter: ago(-500 * day) })] },
            ],
            [
                "older than a stricter limit",
                {},
                "is stale: measured at 2026-01-14T17:40:00.000Z, 30 d 20 min ago; accepted: at most 1 d",
                { limits: { admissionAgeHours: 24 } },
            ],
            [
                "that was given before the deployment had ended",
                { ...changed({ completedAt: ago(9 * minute - 61) }), issuedAt: ago(9 * minute) },
                `is contradictory: completed at ${ago(9 * minute - 61)}, after it was issued at ${ago(9 * minute)}`,
            ],
            [
                "from the future",
                { ...changed({ admittedAt: ago(-31 * day), completedAt: ago(-31 * day) }), issuedAt: ago(-31 * day) },
                `is from the future: issued at ${ago(-31 * day)}, 1 d from now`,
            ],
            [
                "that was issued before its own time",
                { ...changed({ admittedAt: ago(0), completedAt: ago(0) }), issuedAt: ago(61) },
                `is contradictory: measured at ${ago(0)}, after it was issued at ${ago(61)}`,
            ],
        ];
        for (const [what, spoiler, problem, change] of problems) {
            it(what, () => {
                const judgement = admitted(spoiler, change);
                assert.equal(judgement.status, "fail");
                assert.equal(judgement.admission, undefined);
                assert.equal(judgement.remark, `Production admission evidence ${problem}; the gates judge as of now.`);
                assert.equal(judgement.asOf, change?.now ?? later);
            });
        }

        const general = spoilings.filter((one) => !["missing", "before build", "future", "stale"].includes(one.column));
        for (const spoiling of general) {
            it(spoiling.column, () => {
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

    it("counts to the last millisecond of its year, and by a clock that is a minute ahead", () => {
        const keys = [trust(trusted, { notAfter: ago(-500 * day) })];
        assert.equal(admitted({}, { now: ago(20 * minute - 365 * day), keys }).status, "pass");
        const ahead = { ...changed({ completedAt: ago(9 * minute - 60) }), issuedAt: ago(9 * minute) };
        assert.equal(admitted(ahead).status, "pass");
    });

    describe("opens nothing else:", () => {
        for (const gate of gates.filter((one) => one.checkpoints.includes("production") && one.releases === "all")) {
            it(`${gate.id} is as strict as it was then`, () => {
                for (const item of gate.needs) {
                    for (const spoiler of [{ missing: true }, { key: newKey() }] satisfies Spoiler[]) {
                        const judgement = admitted({}, {}, evidence({ [item]: spoiler }));
                        const outcome = judgement.outcomes.find((one) => one.id === gate.id);
                        assert.deepEqual([judgement.asOf, outcome?.status], [admittedAt, "fail"], item);
                    }
                }
            });
        }

        it("what was stale then is stale still", () => {
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

        it("what was issued after it counts for nothing, by more than a clock may differ", () => {
            const issued = (issuedAt: string) => admitted({}, {}, evidence({ soak: { issuedAt } }));
            assert.equal(issued(ago(20 * minute - 60)).status, "pass");
            const soak = issued(ago(20 * minute - 61)).outcomes.find((one) => one.id === "staging-soak");
            assert.equal(soak?.status, "fail");
            assert.match(soak.message, /^Staging soak: Staging soak evidence is missing /);
        });

        it("what was issued after it does not replace what counted then", () => {
            const newer = {
                source: "newer.json",
                envelope: seal(JSON.stringify(statementOf("soak", { issuedAt: ago(-day) }))),
            };
            const judgement = admitted({}, {}, [...evidence(), newer]);
            const soak = judgement.outcomes.find((one) => one.id === "staging-soak");
            assert.deepEqual(
                soak?.evidence.map((one) => one.source),
                ["soak.json", "staging-deployment.json"],
            );
        });

        it("a release that was built after it is another", () => {
            const rebuilt = (one: { runDetails: { metadata: object } }) =>
                Object.assign(one.runDetails.metadata, { startedOn: ago(10 * minute), finishedOn: ago(5 * minute) });
            const judgement = admitted(
                {},
                {},
                evidence({ provenance: { change: rebuilt, issuedAt: ago(5 * minute) } }),
            );
            assert.equal(judgement.status, "fail");
        });

        it("a hotfix's does not let the release in as a regular one", () => {
            const files = evidence({ approval: { change: expedite }, soak: { missing: true } });
            const hotfix = { release: { ...release, hotfix: true } };
            const again = admitted({}, hotfix, files);
            assert.deepEqual([again.status, again.asOf], ["warn", admittedAt]);
            assert.deepEqual(again.obligations, ["Watch production for 1 h and record it as monitoring evidence."]);
            assert.equal(admitted({}, {}, files).status, "fail");
        });
    });

    describe("and keys:", () => {
        const successor = newKey();
        const rotated = [trust(trusted, { notAfter: ago(-day) }), trust(successor, { notBefore: ago(day) })];
        const renewed = { key: successor, issuedAt: ago(-hour) };

        it("evidence counts by a key that has expired since, and the admission by one that counts now", () => {
            assert.equal(admitted(renewed, { keys: rotated }).status, "pass");
            assert.equal(admitted({}, { keys: rotated }).status, "fail");
            assert.deepEqual(admitted(renewed, { keys: rotated }).rejected, []);
        });

        it("evidence counts for nothing by a key that had expired then, or is known no more", () => {
            const before = [trust(trusted, { notAfter: ago(20 * minute + 1) }), trust(successor)];
            assert.equal(admitted(renewed, { keys: before }).status, "fail");
            assert.equal(admitted(renewed, { keys: [trust(successor)] }).status, "fail");
            const judgement = admitted({}, {}, evidence({ soak: { key: expired, issuedAt: ago(21 * minute) } }));
            assert.equal(
                judgement.status,
                "pass",
                "the key counted until a second before now, and so at the admission",
            );
        });

        it("a key may be kept from admitting", () => {
            const keys = [trust(trusted, { predicates: ["provenance"] }), trust(successor)];
            const bound = admitted({}, { keys });
            assert.match(bound.remark ?? "", /which may not state admission; the gates judge as of now\.$/);
        });
    });

    describe("is stated", () => {
        it("with when and what the gates said", () => {
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

        it("anew with the time of the first, so that nothing gets younger", () => {
            const stated = admissionOf("prod", admitted(), later);
            assert.deepEqual([stated.admittedAt, stated.completedAt], [admittedAt, later]);
            const renewed = { change: (one: object) => Object.assign(one, stated), issuedAt: later };
            assert.equal(admitted(renewed).asOf, admittedAt);
        });

        it("of no release that a gate refuses", () => {
            assert.throws(() => admissionOf("prod", judge(evidence({ soak: { missing: true } })), ago(0)), {
                message: "The release fails the gate staging-soak; it can't be admitted.",
            });
        });
    });

    it("is of exactly this release", () => {
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

    it("is looked for among its own kind", () => {
        const judgement = judge(evidence({ smoke: { missing: true } }));
        assert.deepEqual([judgement.status, judgement.remark], ["fail", undefined]);
    });
});
