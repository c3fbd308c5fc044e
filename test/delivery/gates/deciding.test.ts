import assert from "node:assert/strict";
import { freshness } from "../../../delivery/gates/engine/freshness";
import { items, type ItemName } from "../../../delivery/evidence/items";
import { now, release } from "./support/contents";
import { evidence, judge, keys, newKey, seal, statementOf, trust } from "./support/world";

describe("The evidence that decides", () => {
    const fails = (files: ReturnType<typeof evidence>, gate = "code-lint") => {
        const { status, message } = judge(files).outcomes.find((one) => one.id === gate)!;
        return [status, message.slice(message.indexOf(": ") + 2, message.indexOf(" (accepted"))];
    };
    const errors = (count: number) => ({
        change: (one: { tools: { errors: number }[] }) => (one.tools[0]!.errors = count),
    });
    const lint = (spoiler: Parameters<typeof statementOf>[1], source = "newer.json") => {
        return { source, envelope: seal(JSON.stringify(statementOf("lint-backend", spoiler))) };
    };
    const pull = "https://github.com/relaypacs/gateway/pull/57#2030-01-14T18:00:00Z";
    const clean = "0 errors by ruff, black, mypy, eslint, prettier and typescript";

    it("should be the newest statement, whatever the order of files", () => {
        const newer = lint({ ...errors(1), issuedAt: "2026-01-14T12:00:00Z" });
        assert.deepEqual(fails([...evidence(), newer]), ["fail", "ruff found 1 error in the backend"]);
        assert.deepEqual(fails([newer, ...evidence()]), ["fail", "ruff found 1 error in the backend"]);
        const older = lint({ ...errors(1), issuedAt: "2026-01-14T10:05:00Z" });
        assert.deepEqual(fails([...evidence(), older]), ["pass", clean]);
    });

    it("should be neither of two statements that contradict each other at one time, while a copy counts once", () => {
        assert.deepEqual(fails([...evidence(), lint(errors(1), "again.json")]), [
            "fail",
            "Backend lint evidence is contradictory: again.json and lint-backend.json were issued at the same time",
        ]);
        const copied = [...evidence(), lint({}, "copy.json")];
        assert.deepEqual(fails(copied), ["pass", clean]);
        assert.deepEqual(
            judge(copied).outcomes[0]?.evidence.map((one) => one.source),
            ["lint-backend.json", "lint-frontend.json"],
        );
    });

    it("should not be an older statement when the newest does not count", () => {
        const future = lint({ issuedAt: "2026-01-14T18:01:01Z" });
        assert.deepEqual(fails([...evidence(), future]), [
            "fail",
            "Backend lint evidence is from the future: issued at 2026-01-14T18:01:01Z, 1 min 1 s from now",
        ]);
    });

    it("should not be affected by statements about another release, or forged ones", () => {
        const replayed = lint({
            restate: (one) => (one.relaypacsRelease.version = "1.4.1"),
            issuedAt: "2026-01-14T12:00:00Z",
        });
        const other = lint({ restate: (one) => (one.subject[0]!.digest.sha256 = "9".repeat(64)) });
        const forged = { source: "forged.json", envelope: { ...lint(errors(1)).envelope, payload: "e30=" } };
        assert.deepEqual(fails([replayed, other, forged, ...evidence()]), ["pass", clean]);
    });

    it("should be about both this version and this commit", () => {
        const spoil = (restate: (one: ReturnType<typeof statementOf>) => void) =>
            fails(evidence({ "lint-backend": { restate } }))[1];
        assert.equal(
            spoil((one) => (one.relaypacsRelease.version = "1.4.3")),
            "Backend lint evidence is replayed from release 1.4.3 (commit cccccccccccc); this is 1.4.2 (commit cccccccccccc)",
        );
        assert.equal(
            spoil((one) => (one.relaypacsRelease.commit = "d".repeat(40))),
            "Backend lint evidence is replayed from release 1.4.2 (commit dddddddddddd); this is 1.4.2 (commit cccccccccccc)",
        );
    });

    it("should name exactly the images of this release", () => {
        const spoil = (restate: (one: ReturnType<typeof statementOf>) => void) =>
            fails(evidence({ "lint-backend": { restate } }))[1];
        assert.equal(
            spoil((one) => one.subject.pop()),
            "Backend lint evidence says nothing about relaypacs/frontend",
        );
        assert.equal(
            spoil((one) => (one.subject[0]!.name = "relaypacs/other")),
            "Backend lint evidence is about relaypacs/other, which is not an image of this release",
        );
        assert.equal(
            spoil((one) => one.subject.push({ ...one.subject[0]!, name: "relaypacs/other" })),
            "Backend lint evidence is about relaypacs/other, which is not an image of this release",
        );
        assert.equal(
            spoil((one) => (one.subject[1]!.digest.sha256 = "9".repeat(64))),
            `Backend lint evidence is about another image: relaypacs/frontend@sha256:${"9".repeat(64)}, not ${release.images.frontend ?? ""}`,
        );
    });

    it("should cover each image where it is about images", () => {
        const gate = "critical-vulnerabilities";
        assert.deepEqual(fails(evidence({ trivy: { missing: true, service: "frontend" } }), gate), [
            "fail",
            "Trivy image scan evidence is missing for frontend",
        ]);
        const both = { source: "trivy.json", envelope: seal(JSON.stringify(statementOf("trivy"))) };
        assert.equal(fails([both, ...evidence({ trivy: { missing: true } })], gate)[0], "pass");
        assert.equal(
            fails(
                evidence({ trivy: { change: (one: object) => Object.assign(one, {}), service: "backend" } }),
                gate,
            )[0],
            "pass",
        );
    });

    it("should be compared with the earliest build of its images", () => {
        const later = {
            change: (one: { runDetails: { metadata: { startedOn: string } } }) =>
                (one.runDetails.metadata.startedOn = "2026-01-14T09:59:00.000Z"),
            service: "backend",
        };
        const early = { issuedAt: "2026-01-14T09:30:00Z" };
        assert.equal(fails(evidence({ provenance: later, "lint-backend": early }))[0], "pass");
        assert.equal(
            fails(evidence({ provenance: { ...later, service: "frontend" }, "lint-backend": early }))[0],
            "pass",
        );
        const { service: _service, ...both } = later;
        assert.equal(fails(evidence({ provenance: both, "lint-backend": early }))[0], "fail");
    });

    it("should be issued no earlier than the build begins", () => {
        assert.equal(fails(evidence({ "lint-backend": { issuedAt: "2026-01-14T09:00:00.000Z" } }))[0], "pass");
        assert.equal(fails(evidence({ "lint-backend": { issuedAt: "2026-01-14T08:59:59.999Z" } }))[0], "fail");
    });

    it("should not be measured after it was issued", () => {
        const measured = (measuredAt: string) => ({
            change: (one: { measuredAt: string }) => (one.measuredAt = measuredAt),
        });
        assert.deepEqual(
            fails(
                evidence({ "lint-backend": { ...measured("2026-01-14T12:01:01Z"), issuedAt: "2026-01-14T12:00:00Z" } }),
            ),
            [
                "fail",
                "Backend lint evidence is contradictory: measured at 2026-01-14T12:01:01Z, after it was issued at 2026-01-14T12:00:00Z",
            ],
        );
        assert.equal(
            fails(
                evidence({ "lint-backend": { ...measured("2026-01-14T12:01:00Z"), issuedAt: "2026-01-14T12:00:00Z" } }),
            )[0],
            "pass",
        );
        assert.deepEqual(
            fails(
                evidence({ "lint-backend": { ...measured("2026-01-14T18:01:30Z"), issuedAt: "2026-01-14T18:01:00Z" } }),
            ),
            ["fail", "Backend lint evidence is from the future: measured at 2026-01-14T18:01:30Z, 1 min 30 s from now"],
        );
    });

    it("should be measured before the build only where no image is needed", () => {
        const long = {
            "code-review": { change: (one: { measuredAt: string }) => (one.measuredAt = "2026-01-14T08:00:00.000Z") },
        };
        assert.equal(fails(evidence(long), "code-review")[0], "pass");
        const smoke = (one: { configuration: { annotations: { startedOn: string; finishedOn: string } }[] }) =>
            Object.assign(one.configuration[0]!.annotations, {
                startedOn: "2026-01-14T08:29:57.000Z",
                finishedOn: "2026-01-14T08:30:00.000Z",
            });
        assert.deepEqual(fails(evidence({ smoke: { change: smoke } }), "smoke-tests"), [
            "fail",
            "Smoke test evidence is replayed: measured at 2026-01-14T08:30:00.000Z, before this release's build began at 2026-01-14T09:00:00.000Z",
        ]);
        const afterBuild = (Object.keys(items) as ItemName[]).filter((item) => freshness[item].afterBuild);
        assert.deepEqual(afterBuild, [
            "trivy",
            "provenance",
            "build",
            "migration-staging",
            "migration-prod",
            "staging-deployment",
            "smoke",
            "soak",
            "approval",
            "monitoring",
            "admission-staging",
            "admission-prod",
        ]);
    });

    it("should count up to the age limit, and not a millisecond longer", () => {
        const aged = (measuredAt: string) =>
            fails(
                evidence({
                    incidents: {
                        change: (one: object) =>
                            Object.assign(one, { windowEndedAt: measuredAt, windowStartedAt: "2026-01-01T00:00:00Z" }),
                    },
                }),
                "incident-count",
            );
        assert.equal(aged("2026-01-14T17:00:00.000Z")[0], "pass");
        assert.deepEqual(aged("2026-01-14T16:59:59.999Z"), [
            "fail",
            "Incident count evidence is stale: measured at 2026-01-14T16:59:59.999Z, 1 h 0.001 s ago; accepted: at most 1 h",
        ]);
    });

    it("should be the newest of each scanner, where several look for one item", () => {
        const gate = "critical-vulnerabilities";
        const scan = (uri: string, issuedAt: string, ...found: string[]) => ({
            source: `${uri.replace(/\W/g, "-")}.json`,
            envelope: seal(
                JSON.stringify(
                    statementOf("python-audit", {
                        change: (one: { scanner: { uri: string; result: object[] } }) => {
                            one.scanner.uri = uri;
                            one.scanner.result = found.map((id) => ({
                                id,
                                severity: [{ method: "nvd", score: "10" }],
                            }));
                        },
                        issuedAt,
                    }),
                ),
            ),
        });
        const others = evidence({ "python-audit": { missing: true } });
        const pipAudit = (at: string, ...found: string[]) => scan("pkg:pypi/pip-audit@2.7.3", at, ...found);
        const [earlier, later] = ["2026-01-14T14:00:00.000Z", "2026-01-14T15:00:00.000Z"];
        const safety = scan("pkg:pypi/safety@3.2.0", later);
        assert.deepEqual(fails([...others, pipAudit(earlier, "CVE-1"), safety], gate), [
            "fail",
            "1 critical vulnerability: CVE-1 (python-audit)",
        ]);
        assert.equal(fails([...others, pipAudit(earlier), safety], gate)[0], "pass");
        // Another version of one scanner replaces the older scan.
        const older = scan("pkg:pypi/pip-audit@2.0.0", earlier, "CVE-1");
        assert.equal(fails([...others, older, pipAudit(later)], gate)[0], "pass");
        const { outcomes } = judge([...others, pipAudit(earlier), safety]);
        assert.deepEqual(
            outcomes
                .find((one) => one.id === gate)
                ?.evidence.slice(-2)
                .map((one) => one.source),
            ["pkg-pypi-pip-audit-2-7-3.json", "pkg-pypi-safety-3-2-0.json"],
        );
    });

    it("should have no moment after its record was read, except a soak's later stretches", () => {
        const stretch = (endedAt: string) => ({
            soak: {
                change: (one: object) =>
                    Object.assign(one, {
                        stretches: [{ startedAt: "2026-01-14T11:00:00.000Z", endedAt, endedBy: "now" }],
                    }),
                issuedAt: "2026-01-14T17:00:30.000Z",
            },
        });
        assert.equal(fails(evidence(stretch("2026-01-14T17:01:30.000Z")), "staging-soak")[0], "pass");
        assert.deepEqual(fails(evidence(stretch("2026-01-14T17:01:30.001Z")), "staging-soak"), [
            "fail",
            "Staging soak evidence is contradictory: stretches.0.endedAt is 2026-01-14T17:01:30.001Z, " +
                "after it was issued at 2026-01-14T17:00:30.000Z",
        ]);
        const submitted = (submittedAt: string) => ({
            "code-review": {
                change: (one: { reviews: { submittedAt: string }[] }) => (one.reviews[0]!.submittedAt = submittedAt),
            },
        });
        assert.equal(fails(evidence(submitted("2026-01-14T08:01:00.000Z")), "code-review")[0], "pass");
        assert.deepEqual(fails(evidence(submitted("2026-01-14T08:01:00.001Z")), "code-review"), [
            "fail",
            "Code review evidence is contradictory: reviews.0.submittedAt is 2026-01-14T08:01:00.001Z, " +
                "after it was measured at 2026-01-14T08:00:00.000Z",
        ]);
        const text = { "code-review": { change: (one: object) => Object.assign(one, { pullRequest: pull }) } };
        assert.equal(fails(evidence(text), "code-review")[0], "pass", "a time within a text is none");
    });

    it("should be signed by any of several keys, while that key counts", () => {
        const other = newKey();
        const trustOther = (change = {}) => ({ keys: [...keys, trust(other, change)] });
        const files = evidence({ "lint-backend": { key: other } });
        const status = (change = {}) => judge(files, trustOther(change)).outcomes[0]?.status;
        assert.equal(status(), "pass");
        assert.equal(status({ notAfter: now }), "pass");
        assert.equal(status({ notAfter: "2026-01-14T17:59:59.999Z" }), "fail");
        assert.equal(status({ notBefore: "2026-01-14T10:06:00.000Z" }), "pass");
        assert.equal(status({ notBefore: "2026-01-14T10:06:00.001Z" }), "fail");
        for (const duty of ["staging", "production"]) assert.equal(status({ duty }), "fail", duty);
    });
});
