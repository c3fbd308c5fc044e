import assert from "node:assert/strict";
import { UnknownValueError } from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy";
import { checkpoints, type Checkpoint } from "../../../delivery/gates";
import { items, type ItemName } from "../../../delivery/evidence/items";
import { ago, release } from "./support/contents";
import { hotfix, ids, merge, production, staging } from "./support/tables";
import { evidence, judge, trusted } from "./support/world";

const hotfixRelease = { ...release, hotfix: true };

describe("The judgement of a release", () => {
    const judged = (checkpoint: Checkpoint, regular = true) =>
        judge(evidence(), { checkpoint, release: regular ? release : hotfixRelease }).outcomes.map((one) => one.id);

    it("should ask at each checkpoint what must hold there", () => {
        assert.deepEqual(checkpoints, ["merge", "staging", "staging-verified", "production", "monitoring"]);
        assert.deepEqual(judged("merge"), ids(merge));
        assert.deepEqual(judged("staging"), [...ids(merge), "build-success"]);
        assert.deepEqual(judged("staging-verified"), [...ids(merge), ...ids(staging)]);
        assert.deepEqual(judged("production"), [...ids(merge), ...ids(staging), ...ids(production)]);
        assert.deepEqual(judged("production", false), [
            ...ids(merge),
            ...ids(staging),
            ...ids(production),
            ...ids(hotfix).slice(0, -1),
        ]);
        assert.deepEqual(judged("monitoring", false), ["hotfix-monitoring"]);
        for (const early of ["merge", "staging", "staging-verified"] as const) {
            assert.deepEqual(judged(early, false), judged(early));
        }
    });

    it("should pass a good release, with the evidence of each gate", () => {
        const judgement = judge(evidence());
        assert.equal(judgement.status, "pass");
        assert.deepEqual(judgement.rejected, []);
        assert.deepEqual(judgement.obligations, []);
        const [lint] = judgement.outcomes;
        assert.equal(lint?.limit, "0 errors; warnings with a justification");
        assert.equal(lint.stage, "merge");
        assert.equal(lint.level, "blocking");
        assert.deepEqual(
            lint.evidence.map((one) => [one.item, one.source, one.keyId, one.sha256.length]),
            [
                ["lint-backend", "lint-backend.json", trusted.id, 64],
                ["lint-frontend", "lint-frontend.json", trusted.id, 64],
            ],
        );
        assert.deepEqual(
            [lint.evidence[0]?.measuredAt, lint.evidence[0]?.issuedAt],
            ["2026-01-14T08:00:00.000Z", "2026-01-14T10:06:00.000Z"],
        );
        const build = judgement.outcomes.find((one) => one.id === "build-success");
        assert.deepEqual(
            build?.evidence.map((one) => one.source),
            ["build.json", "provenance.backend.json", "provenance.frontend.json"],
        );
    });

    it("should be as bad as its worst outcome", () => {
        const warned = {
            "lint-backend": { change: (one: { tools: { warnings: number }[] }) => (one.tools[0]!.warnings = 1) },
        };
        assert.equal(judge(evidence(warned)).status, "warn");
        assert.equal(judge(evidence({ ...warned, soak: { missing: true } })).status, "fail");
    });

    it("should fail every gate without evidence", () => {
        const judgement = judge([]);
        assert.equal(judgement.status, "fail");
        assert.ok(judgement.outcomes.every((one) => one.status === "fail"));
        assert.equal(
            judgement.outcomes[0]?.message,
            "Code lint: Backend lint evidence is missing; Frontend lint evidence is missing " +
                "(accepted: 0 errors; warnings with a justification).",
        );
    });

    it("should keep the evidence that counts where other evidence does not", () => {
        const { outcomes } = judge(evidence({ "lint-frontend": { missing: true } }));
        assert.deepEqual(
            outcomes[0]?.evidence.map((one) => one.item),
            ["lint-backend"],
        );
    });

    it("should list what it rejected, and why", () => {
        const files = [
            ...evidence({ soak: { reseal: (one) => void one.signatures.splice(0) } }),
            { source: "notes.json", envelope: 1 },
        ];
        assert.deepEqual(judge(files).rejected, [
            { source: "soak.json", item: "soak", reason: "unsigned", problem: "has no signature" },
            {
                source: "notes.json",
                item: undefined,
                reason: "unreadable",
                problem: "is not a DSSE envelope with an in-toto payload",
            },
        ]);
    });

    it("should let a hotfix skip the soak only, and require that it is monitored", () => {
        const expedite = (one: { decisions: { expedited: boolean }[] }) => (one.decisions[0]!.expedited = true);
        const approval = { change: expedite };
        const judgement = judge(evidence({ approval, soak: { missing: true } }), { release: hotfixRelease });
        assert.equal(judgement.status, "warn");
        const unusual = judgement.outcomes.filter((one) => one.status !== "pass");
        assert.deepEqual(
            unusual.map((one) => [one.id, one.status, one.measured, one.evidence]),
            [["staging-soak", "warn", "not measured", []]],
        );
        assert.deepEqual(judgement.obligations, ["Watch production for 1 h and record it as monitoring evidence."]);
        const others = { approval, smoke: { missing: true } };
        assert.equal(judge(evidence(others), { release: hotfixRelease }).status, "fail");
        assert.deepEqual(judge(evidence(), { checkpoint: "monitoring", release: hotfixRelease }).obligations, []);
    });

    it("should let come after an approval only what is no ground of it", () => {
        const late = { issuedAt: ago(0) };
        const all = Object.keys(items) as ItemName[];
        for (const item of [
            "incidents",
            "migration-prod",
            "monitoring",
            "hotfix",
            "rehearsal",
            "restore-rehearsal",
            "admission-staging",
            "admission-prod",
        ] as const)
            assert.equal(judge(evidence({ [item]: late }, all)).status, "pass", item);
        for (const item of ["soak", "rollback-plan", "trivy"] as const)
            assert.equal(judge(evidence({ [item]: late })).status, "fail", item);
        const approval = {
            change: (one: { decisions: { expedited: boolean }[] }) => (one.decisions[0]!.expedited = true),
        };
        const ofHotfix = (item: "soak" | "hotfix") =>
            judge(evidence({ approval, [item]: late }), { release: hotfixRelease }).status;
        assert.deepEqual([ofHotfix("soak"), ofHotfix("hotfix")], ["warn", "fail"]);
    });

    it("should not judge the monitoring of a regular release", () => {
        assert.throws(() => judge(evidence(), { checkpoint: "monitoring" }), {
            message: 'No gate judges a regular release, which is not a hotfix, at the checkpoint "monitoring".',
        });
    });

    const refused: [string, Parameters<typeof judge>[1], string][] = [
        ["an unknown checkpoint", { checkpoint: "later" as Checkpoint }, "checkpoint: Invalid option: expected one of"],
        ["no image", { release: { ...release, images: {} } }, "release.images: must name at least one image"],
        [
            "an image by tag",
            { release: { ...release, images: { backend: "latest" } } },
            "release.images.backend: must be sha256: and 64 hexadecimal digits",
        ],
        [
            "a digest with a digit too many at its end",
            { release: { ...release, images: { backend: `${release.images.backend ?? ""}0` } } },
            "release.images.backend: must be sha256: and 64 hexadecimal digits",
        ],
        [
            "a digest with a digit too many at its beginning",
            { release: { ...release, images: { backend: `0${release.images.backend ?? ""}` } } },
            "release.images.backend: must be sha256: and 64 hexadecimal digits",
        ],
        ["no version", { release: { ...release, version: "" } }, "release.version: "],
        [
            "a short commit",
            { release: { ...release, commit: "c".repeat(39) } },
            "release.commit: must be a git commit of 40 hexadecimal digits",
        ],
        [
            "a long commit",
            { release: { ...release, commit: "c".repeat(41) } },
            "release.commit: must be a git commit of 40 hexadecimal digits",
        ],
        [
            "a hotfix that is not a boolean",
            { release: { ...release, hotfix: "no" as unknown as boolean } },
            "release.hotfix: ",
        ],
        ["a time that is not valid", { now: "today" }, "now: must be a time in UTC (RFC 3339)"],
        ["a time that is not in UTC", { now: "2026-01-14T18:00:00+01:00" }, "now: must be a time in UTC (RFC 3339)"],
    ];
    for (const [what, change, problem] of refused) {
        it(`should be refused with ${what}`, () => {
            assert.throws(
                () => judge(evidence(), change),
                (error: Error) => error.message.startsWith(`The release can't be judged: ${problem}`),
            );
        });
    }

    it("should be refused with keys undefined or empty", () => {
        assert.throws(
            () => judge([], { keys: undefined as unknown as [] }),
            /^Error: The release can't be judged: keys: /,
        );
        assert.throws(() => judge([], { keys: [] }), {
            message: "No key is trusted, so no evidence counts; name at least one public key.",
        });
    });

    it("should stop at a value that a preview does not know yet", () => {
        const unknown = (proxy as unknown as { unknownStringValue: string }).unknownStringValue;
        const check = (proxy as unknown as { unknownCheckingProxy<T>(value: T): T }).unknownCheckingProxy;
        const inputs = check({ files: [{ source: "a.json", envelope: unknown }], images: { backend: unknown } });
        assert.throws(() => judge(inputs.files), UnknownValueError);
        assert.throws(() => judge([], { release: { ...release, images: inputs.images } }), UnknownValueError);
    });
});
