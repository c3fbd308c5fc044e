import * as assert from "node:assert/strict";
import { maximumPayloadBytes } from "../../../delivery/evidence/envelope";
import { ago, day, minute, release } from "./support/contents";
import { evidence, judge, seal, signers, statementOf, stranger } from "./support/world";

/** Something that a key signed and the gates can't read, beside the evidence of a good release. */
const unknown = (change: object = {}, issuedAt = ago(0)) =>
    JSON.stringify({
        ...statementOf("lint-backend", { issuedAt }),
        predicateType: "https://relaypacs.com/attestation/lint/v2",
        ...change,
    });
const beside = (text: string, key?: typeof stranger) => [
    ...evidence(),
    { source: "newer.json", envelope: seal(text, key) },
];
const failing = (text: string, key?: typeof stranger) => {
    const { outcomes, status } = judge(beside(text, key));
    return { status, messages: outcomes.filter((one) => one.status === "fail").map(({ message }) => message) };
};

describe("A newer statement by a trusted key that can't be read", () => {
    it("should refuse the release, whose older evidence may not be the newest", () => {
        const { messages, status } = failing(unknown());
        assert.equal(status, "fail");
        assert.ok(
            messages.some((one) =>
                one.includes(
                    "evidence may not be the newest: newer.json, which a trusted key may have signed, can't be understood: " +
                        'predicateType is "https://relaypacs.com/attestation/lint/v2", which is not a known type',
                ),
            ),
            messages.join("\n"),
        );
    });

    it("should refuse it when it is too large", () => {
        const { messages, status } = failing(unknown({ padding: "x".repeat(maximumPayloadBytes) }));
        assert.equal(status, "fail");
        assert.match(
            messages.join("\n"),
            /newer\.json, which a trusted key may have signed, has \d+ bytes; accepted: at most/,
        );
    });

    it("should refuse its own item alone when it says which that is", () => {
        const statement = statementOf("unit-backend", { issuedAt: ago(0) });
        const { messages, status } = failing(
            JSON.stringify({ ...statement, predicate: { ...statement.predicate, result: "ODD" } }),
        );
        assert.equal(status, "fail");
        assert.ok(
            messages.length > 0 &&
                messages.every((one) => one.includes("Backend unit test evidence may not be the newest")),
        );
    });

    it("should not matter by a key that is not trusted, or about another release", () => {
        assert.notEqual(failing(unknown(), stranger).status, "fail");
        const { commit, version } = release;
        for (const other of [
            { version: "9.9.9", commit, issuedAt: ago(0) },
            { version, commit: "9".repeat(40), issuedAt: ago(0) },
        ])
            assert.notEqual(failing(unknown({ relaypacsRelease: other })).status, "fail", JSON.stringify(other));
    });

    it("should matter when its release or its time can't be read", () => {
        const { commit, version } = release;
        for (const odd of [undefined, {}, { version, commit, issuedAt: "today" }])
            assert.equal(failing(unknown({ relaypacsRelease: odd })).status, "fail", JSON.stringify(odd));
    });

    it("should matter to a release that ran before only when it was issued before the admission, but for clock skew", () => {
        const admission = statementOf("admission-prod", { issuedAt: ago(10 * minute) });
        const file = { source: "admission.json", envelope: seal(JSON.stringify(admission), signers.production) };
        const admitted = (text: string) => judge([...beside(text), file], { now: ago(-30 * day) }).status;
        const at = (seconds: number) => admitted(unknown({}, ago(20 * minute - seconds)));
        assert.deepEqual([at(60.001), at(60), at(0)], ["pass", "fail", "fail"]);
        const { predicate, ...unit } = statementOf("unit-backend", { issuedAt: ago(0) });
        const invalid = { ...unit, predicate: { ...predicate, result: "ODD" } };
        assert.equal(admitted(JSON.stringify(invalid)), "pass");
        assert.equal(admitted(JSON.stringify({ ...invalid, relaypacsRelease: undefined })), "fail");
    });

    it("should no longer matter once newer evidence can be read, to the second", () => {
        const issuedAt = evidence({}, ["lint-backend"]).map(({ envelope }) => {
            const { payload } = envelope as { payload: string };
            const text = Buffer.from(payload, "base64").toString("utf8");
            return (JSON.parse(text) as { relaypacsRelease: { issuedAt: string } }).relaypacsRelease.issuedAt;
        })[0]!;
        const lint = (at: string) =>
            judge(beside(unknown({}, at))).outcomes.find(({ id }) => id === "code-lint")!.status;
        const before = new Date(Date.parse(issuedAt) - 1).toISOString();
        assert.equal(lint(before), "pass");
        assert.equal(lint(issuedAt), "fail");
    });
});
