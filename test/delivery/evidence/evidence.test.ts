import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
    maximumPayloadBytes,
    payloadType,
    signedBytes,
    verifiablePayloadBytes,
    type Envelope,
} from "../../../delivery/evidence/envelope";
import { ago, exampleNow, exampleRelease, examples } from "../../../docs/generate/evidence-examples";
import { loadEvidence, storeEvidence } from "../../../delivery/evidence/folder";
import { keyIdOf, keyRing } from "../../../delivery/evidence/keys";
import { kmsSigner, type KeyManagement } from "../../../delivery/evidence/kms-signer";
import { keyFileSigner, privateKeySigner, signStatement } from "../../../delivery/evidence/sign";
import { createStatement, type Statement } from "../../../delivery/evidence/statement";
import type { Duty } from "../../../delivery/evidence/duties";
import { verifyEvidence, type RejectedEvidence, type VerifiedEvidence } from "../../../delivery/evidence/verify";
import { newKey, seal, stranger, trust, trusted } from "../gates/support/world";

const ring = keyRing([trust(trusted)]);
const lint = createStatement("lint", examples["lint-backend"], exampleRelease, { issuedAt: ago(0) });
const signer = privateKeySigner(trusted.privateKey.export({ type: "pkcs8", format: "pem" }));
const verify = (envelope: unknown, keys = ring, now = exampleNow) =>
    verifyEvidence({ source: "a.json", envelope }, keys, now);

function verified(envelope: unknown, keys = ring): VerifiedEvidence {
    const verification = verify(envelope, keys);
    assert.ok(verification.ok, verification.ok ? "" : verification.problem);
    return verification;
}

function rejected(envelope: unknown, keys = ring, now = exampleNow): Pick<RejectedEvidence, "reason" | "problem"> {
    const verification = verify(envelope, keys, now);
    assert.ok(!verification.ok, "the evidence was verified");
    return { reason: verification.reason, problem: verification.problem };
}

describe("Evidence statements", () => {
    it("should be about every image of the release, or about those of the given services", () => {
        assert.deepEqual(lint.subject, [
            { name: "relaypacs/backend", digest: { sha256: "b".repeat(64) } },
            { name: "relaypacs/frontend", digest: { sha256: "f".repeat(64) } },
        ]);
        const options = { issuedAt: ago(0), services: ["frontend"] };
        const one = createStatement("vulnerabilities", examples.trivy, exampleRelease, options);
        assert.deepEqual(
            one.subject.map((subject) => subject.name),
            ["relaypacs/frontend"],
        );
        assert.equal(one._type, "https://in-toto.io/Statement/v1");
        assert.equal(one.predicateType, "https://in-toto.io/attestation/vulns/v0.1");
        assert.deepEqual(one.relaypacsRelease, { version: "1.4.2", commit: "c".repeat(40), issuedAt: ago(0) });
    });

    it("should be refused when the gates could not read them", () => {
        const wrong = { ...examples["lint-backend"], measuredAt: "yesterday" };
        assert.throws(() => createStatement("lint", wrong, exampleRelease, { issuedAt: ago(0) }), {
            message: 'Evidence lint can\'t be stated: predicate.measuredAt is "yesterday" (Invalid ISO datetime).',
        });
        assert.throws(() => createStatement("lint", examples["lint-backend"], exampleRelease, { issuedAt: "now" }), {
            message: 'Evidence lint can\'t be stated: relaypacsRelease.issuedAt is "now" (Invalid ISO datetime).',
        });
        const options = { issuedAt: ago(0), services: ["worker"] };
        assert.throws(() => createStatement("lint", examples["lint-backend"], exampleRelease, options), {
            message: "The release has no image of worker; its services are backend, frontend.",
        });
    });
});

describe("Signing evidence", () => {
    it("should give an envelope that verifies, with everything that gates need", async () => {
        const envelope = await signStatement(lint, signer);
        assert.equal(envelope.payloadType, payloadType);
        const evidence = verified(envelope);
        const payload = Buffer.from(envelope.payload, "base64");
        assert.equal(evidence.sha256, createHash("sha256").update(payload).digest("hex"));
        assert.deepEqual(
            [evidence.item, evidence.name, evidence.keyId, evidence.issuedAt, evidence.measuredAt, evidence.source],
            ["lint-backend", "lint", trusted.id, ago(0), ago(36_000), "a.json"],
        );
        assert.deepEqual(evidence.predicate, examples["lint-backend"]);
        assert.deepEqual(evidence.statement, lint);
    });

    it("should sign nothing that the gates would not read", async () => {
        const signing = (statement: unknown, duty?: Duty) =>
            signStatement(statement as Statement, { ...signer, ...(duty && { duty }) });
        await assert.rejects(signing({ ...lint, predicate: {} }), {
            message: "A statement is not signed that the gates could not read: predicate.component is missing.",
        });
        await assert.rejects(signing({ ...lint, predicateType: "https://example.org/v1" }), {
            message: /^A statement is not signed that the gates could not read: predicateType is/,
        });
        const padded = (bytes: number) => {
            const empty = JSON.stringify({ ...lint, padding: "" }).length;
            return { ...lint, padding: "x".repeat(bytes - empty) };
        };
        verified(await signing(padded(maximumPayloadBytes)));
        await assert.rejects(signing(padded(maximumPayloadBytes + 1)), {
            message:
                "The statement of lint-backend is not signed: it has 1048577 bytes; the gates read at most 1048576.",
        });
        verified(await signing(lint, "pipeline"));
        await assert.rejects(signing(lint, "production"), {
            message:
                "The statement of lint-backend is not signed: the key has the duty production and may not state " +
                "lint-backend; it may state migration-prod, approval, incidents, monitoring, admission-prod.",
        });
    });

    it("should know the duty of a key in AWS KMS by its alias alone", async () => {
        const { management } = kms(() => bytes);
        const dutyOf = async (keyId: string) => (await kmsSigner(management, { keyId })).duty;
        assert.equal(await dutyOf("alias/relaypacs-evidence-staging"), "staging");
        assert.equal(await dutyOf("alias/relaypacs-evidence-other"), undefined);
        assert.equal(await dutyOf("arn:aws:kms:us-east-1:123456789012:key/1"), undefined);
    });

    it("should follow DSSE's pre-authentication encoding", () => {
        const type = "application/vnd.in-toto+json";
        assert.equal(signedBytes(Buffer.from("hällo")).toString(), `DSSEv1 ${type.length} ${type} 6 hällo`);
    });

    it("should accept a key file, and say what is wrong with an invalid one", async () => {
        const folder = await mkdtemp(join(tmpdir(), "evidence-"));
        try {
            const file = join(folder, "key.pem");
            await writeFile(file, trusted.privateKey.export({ type: "pkcs8", format: "pem" }));
            verified(await signStatement(lint, await keyFileSigner(file)));
            await assert.rejects(
                keyFileSigner(join(folder, "none.pem")),
                /^Error: The signing key .*none\.pem can't be read: ENOENT/,
            );
            await writeFile(file, "secret");
            await assert.rejects(keyFileSigner(file), {
                message: "The signing key can't be read; give an unencrypted private key on the curve P-256 in PEM.",
            });
            const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
            assert.throws(() => privateKeySigner(rsa.export({ type: "pkcs8", format: "pem" })), {
                message: "The public key is of type rsa; accepted: P-256 (AWS KMS: ECC_NIST_P256).",
            });
            const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
            assert.throws(() => privateKeySigner(p384.export({ type: "pkcs8", format: "pem" })), {
                message: "The public key is of type secp384r1; accepted: P-256 (AWS KMS: ECC_NIST_P256).",
            });
        } finally {
            await rm(folder, { recursive: true });
        }
    });

    /** AWS KMS with one key, which signs digests of the given bytes as AWS does, or hashes them again. */
    function kms(bytes: () => Buffer, hashesAgain = false) {
        const calls: unknown[] = [];
        const management: KeyManagement = {
            getPublicKey: () =>
                Promise.resolve({ PublicKey: trusted.publicKey.export({ type: "spki", format: "der" }) }),
            sign: (input) => {
                calls.push(input);
                const message = input.MessageType === "RAW" || hashesAgain ? Buffer.from(input.Message) : bytes();
                return Promise.resolve({ Signature: sign("sha256", message, trusted.privateKey) });
            },
        };
        return { management, calls };
    }
    const bytes = signedBytes(Buffer.from(JSON.stringify(lint)));
    const digest = createHash("sha256").update(bytes).digest();

    it("should have AWS KMS sign the digest, or the message where configured", async () => {
        for (const [messageType, Message] of [
            ["DIGEST", digest],
            ["RAW", bytes],
        ] as const) {
            const { management, calls } = kms(() => bytes);
            const options =
                messageType === "DIGEST" ? { keyId: "alias/evidence" } : { keyId: "alias/evidence", messageType };
            verified(await signStatement(lint, await kmsSigner(management, options)));
            const SigningAlgorithm = "ECDSA_SHA_256";
            assert.deepEqual(calls, [{ KeyId: "alias/evidence", Message, MessageType: messageType, SigningAlgorithm }]);
        }
    });

    it("should refuse a signature that does not verify, such as an emulator's that hashes digests again", async () => {
        const signing = signStatement(lint, await kmsSigner(kms(() => bytes, true).management, { keyId: "k" }));
        await assert.rejects(signing, {
            message:
                `The signature by key ${trusted.id} does not verify with its public key; ` +
                "if an AWS emulator signed, let it sign the message instead of its digest.",
        });
    });

    it("should report when AWS KMS gives no key or no signature", async () => {
        const { management } = kms(() => bytes);
        const keyless = { ...management, getPublicKey: () => Promise.resolve({}) };
        await assert.rejects(kmsSigner(keyless, { keyId: "k" }), {
            message: "AWS KMS gave no public key for k; it must be an ECC_NIST_P256 key.",
        });
        const silent = await kmsSigner({ ...management, sign: () => Promise.resolve({}) }, { keyId: "k" });
        await assert.rejects(silent.sign(bytes), {
            message: "AWS KMS gave no signature by k; it must allow SIGN_VERIFY.",
        });
    });
});

describe("Verifying evidence", () => {
    const good = seal(JSON.stringify(lint));
    const short = trusted.id.slice(0, 12);

    it("should reject what is not an envelope", () => {
        const problem = "is not a DSSE envelope with an in-toto payload";
        for (const value of [undefined, null, 1, "text", []]) {
            assert.deepEqual(rejected(value), { reason: "unreadable", problem });
        }
        const fields: [string, unknown][] = [
            ["payloadType", { ...good, payloadType: "application/json" }],
            ["payload", { ...good, payload: "~" }],
            ["signatures", { ...good, signatures: undefined }],
            ["signatures.0.sig", { ...good, signatures: [{ keyid: trusted.id, sig: "~" }] }],
        ];
        for (const [field, value] of fields) {
            assert.deepEqual(rejected(value), { reason: "unreadable", problem: `${problem} (${field} is wrong)` });
        }
    });

    it("should reject a payload that is too large, before parsing it", () => {
        const atLimit = seal(" ".repeat(maximumPayloadBytes));
        assert.equal(rejected(atLimit).reason, "not-understood");
        assert.deepEqual(rejected(seal(" ".repeat(maximumPayloadBytes + 1))), {
            reason: "unreadable",
            problem: "has 1048577 bytes; accepted: at most 1048576",
        });
    });

    it("should reject each change of a single byte of the payload", () => {
        const payload = Buffer.from(good.payload, "base64");
        for (let at = 0; at < payload.length; at += 7) {
            const changed = Buffer.from(payload);
            changed[at] = changed.readUInt8(at) ^ 1;
            assert.deepEqual(rejected({ ...good, payload: changed.toString("base64") }), {
                reason: "forged",
                problem: `is forged: the signature by key ${short} does not belong to its contents`,
            });
        }
    });

    it("should reject each change of a single byte of the signature", () => {
        const signature = Buffer.from(good.signatures[0]!.sig, "base64");
        for (let at = 0; at < signature.length; at++) {
            const changed = Buffer.from(signature);
            changed[at] = changed.readUInt8(at) ^ 1;
            const envelope = { ...good, signatures: [{ keyid: trusted.id, sig: changed.toString("base64") }] };
            assert.equal(rejected(envelope).reason, "forged");
        }
    });

    it("should reject a signature by an untrusted key, under that key's id, a trusted one, or none", () => {
        const foreign = seal(JSON.stringify(lint), stranger);
        const named = (keyid?: string): Envelope => ({
            ...foreign,
            signatures: [{ ...(keyid && { keyid }), sig: foreign.signatures[0]!.sig }],
        });
        assert.deepEqual(rejected(foreign), {
            reason: "unknown-key",
            problem: `is signed by key ${stranger.id.slice(0, 12)}, which is not trusted`,
        });
        assert.equal(rejected(named(trusted.id)).reason, "forged");
        assert.deepEqual(rejected(named()), {
            reason: "unknown-key",
            problem: "is signed by key without id, which is not trusted",
        });
        assert.deepEqual(rejected({ ...good, signatures: [] }), { reason: "unsigned", problem: "has no signature" });
    });

    it("should require one good signature among several", () => {
        const [own] = good.signatures;
        const [foreign] = seal(JSON.stringify(lint), stranger).signatures;
        verified({ ...good, signatures: [foreign, own] });
        verified({ ...good, signatures: [{ keyid: trusted.id, sig: foreign!.sig }, own] });
        assert.equal(
            rejected({ ...good, signatures: [foreign, { keyid: trusted.id, sig: foreign!.sig }] }).reason,
            "forged",
        );
    });

    it("should reject a signature over another payload type", () => {
        const payload = Buffer.from(good.payload, "base64");
        const other = Buffer.concat([Buffer.from(`DSSEv1 16 application/json ${payload.length} `), payload]);
        const sig = sign("sha256", other, trusted.privateKey).toString("base64");
        assert.equal(rejected({ ...good, signatures: [{ keyid: trusted.id, sig }] }).reason, "forged");
    });

    it("should count a key from notBefore to notAfter, at the time of issue and now", () => {
        const during = (notBefore: string, notAfter: string, now = exampleNow) => {
            const keys = keyRing([trust(trusted, { notBefore, notAfter })]);
            return verify(good, keys, now).ok;
        };
        assert.ok(during(ago(0), ago(-1)));
        assert.ok(during(ago(1), ago(0)));
        assert.ok(!during(ago(-1), ago(-2)));
        assert.ok(!during(ago(2), ago(1)));
        assert.ok(!during(ago(10), ago(-10), ago(-11)));
        assert.deepEqual(
            rejected(good, keyRing([trust(trusted, { notBefore: ago(-1), notAfter: ago(-9) })]), ago(-2)),
            {
                reason: "expired-key",
                problem: `is signed by key ${short}, which counts from ${ago(-1)} to ${ago(-9)}, but was issued at ${ago(0)}`,
            },
        );
    });

    it("should let a key state only what its duty is about", () => {
        verified(good, keyRing([trust(trusted, { duty: "pipeline" })]));
        assert.equal(rejected(good, keyRing([trust(trusted, { duty: "staging" })])).reason, "not-entitled");
    });

    describe("that a trusted key signed and no one can read", () => {
        const unread = (envelope: unknown, keys = ring, now = exampleNow) => {
            const verification = verify(envelope, keys, now);
            return verification.ok ? "verified" : verification.unread;
        };
        const text = (change: object) => JSON.stringify({ ...lint, ...change });
        const { commit, version } = exampleRelease;
        const issue = { version, commit, issuedAt: ago(0) };

        it("should be told apart, with what it says of its release, as far as that can be read", () => {
            assert.deepEqual(unread(seal(text({ predicateType: "https://example.org/v1" }))), issue);
            assert.deepEqual(unread(seal(text({ predicate: {} }))), issue);
            const partly = { version: 1, commit, issuedAt: "yesterday" };
            assert.deepEqual(unread(seal(text({ relaypacsRelease: partly }))), { commit });
            assert.deepEqual(unread(seal(text({ relaypacsRelease: undefined }))), {});
            assert.deepEqual(unread(seal("no JSON")), {});
        });

        it("should be told apart when it is too large, or of another payload type", () => {
            assert.equal(unread(seal(" ".repeat(maximumPayloadBytes))) !== undefined, true);
            assert.deepEqual(unread(seal(" ".repeat(maximumPayloadBytes + 1))), {});
            const payload = Buffer.from("{}");
            const type = "application/json";
            const sig = sign("sha256", signedBytes(payload, type), trusted.privateKey).toString("base64");
            const other = {
                payloadType: type,
                payload: payload.toString("base64"),
                signatures: [{ keyid: trusted.id, sig }],
            };
            assert.deepEqual(unread(other), {});
            assert.match(rejected(other).problem, /\(payloadType is wrong\)$/);
            const beyond = Buffer.alloc(verifiablePayloadBytes + 3).toString("base64");
            assert.deepEqual(unread({ ...good, payload: beyond }), {}, "it can't be verified");
            const file = { source: "a.json", envelope: undefined, oversizeBytes: 20_000_000 };
            assert.deepEqual(verifyEvidence(file, ring, exampleNow), {
                ok: false,
                source: "a.json",
                item: undefined,
                reason: "unreadable",
                problem: "has 20000000 bytes; accepted: at most 1048576",
                unread: {},
            });
        });

        it("should have no effect when the key is unknown, expired or of another duty, or the signature is forged", () => {
            const unknown = text({ predicateType: "https://example.org/v1" });
            const large = " ".repeat(maximumPayloadBytes + 1);
            for (const one of [unknown, large, text({ predicate: {} })]) {
                assert.equal(unread(seal(one, stranger)), undefined);
                assert.equal(unread({ ...seal(one), signatures: [] }), undefined);
                const [signature] = good.signatures;
                assert.equal(unread({ ...seal(one), signatures: [signature] }), undefined);
                const past = keyRing([trust(trusted, { notBefore: ago(20), notAfter: ago(10) })]);
                assert.equal(unread(seal(one), past), undefined);
            }
            const invalid = { component: "backend", tools: [] };
            const staging = keyRing([trust(trusted, { duty: "staging" })]);
            assert.equal(unread(seal(text({ predicate: invalid })), staging), undefined);
            assert.deepEqual(unread(seal(text({ predicate: invalid }))), issue);
        });

        it("should not be said of damaged files, whose signer is not known", () => {
            for (const envelope of [undefined, {}, { ...good, payload: "~" }])
                assert.equal(unread(envelope), undefined);
        });
    });

    it("should say what is not valid in a statement, and where", () => {
        const cases: [string, string][] = [
            ["no JSON", "the statement is missing"],
            ["[]", "the statement is not accepted (Invalid input: expected object, received array)"],
            [
                JSON.stringify({ ...lint, _type: "https://in-toto.io/Statement/v0.1" }),
                '_type is "https://in-toto.io/Statement/v0.1" (Invalid input: expected "https://in-toto.io/Statement/v1")',
            ],
            [
                JSON.stringify({ ...lint, predicateType: "https://example.org/v1" }),
                'predicateType is "https://example.org/v1", which is not a known type',
            ],
            [JSON.stringify({ ...lint, predicate: {} }), "predicate.component is missing"],
            [JSON.stringify({ ...lint, relaypacsRelease: undefined }), "relaypacsRelease is missing"],
            [
                JSON.stringify({
                    ...lint,
                    predicate: {
                        ...lint.predicate,
                        tools: [examples["lint-backend"].tools[0], examples["lint-backend"].tools[0]],
                    },
                }),
                "predicate: tools names one tool twice",
            ],
        ];
        for (const [text, problem] of cases) {
            assert.deepEqual(rejected(seal(text)), {
                reason: "not-understood",
                problem: `can't be understood: ${problem}`,
            });
        }
        const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
        const sig = sign("sha256", signedBytes(bytes), trusted.privateKey).toString("base64");
        const envelope = { payloadType, payload: bytes.toString("base64"), signatures: [{ keyid: trusted.id, sig }] };
        assert.equal(rejected(envelope).problem, "can't be understood: the statement is missing");
    });

    it("should name the item that rejected evidence claims to be about", () => {
        const claim = (envelope: Envelope) => {
            const verification = verify({ ...envelope, signatures: [] });
            return verification.ok ? undefined : verification.item;
        };
        assert.equal(claim(good), "lint-backend");
        const component = { ...lint, predicate: { ...lint.predicate, component: "toString" } };
        assert.equal(claim(seal(JSON.stringify(component))), undefined);
        assert.equal(claim(seal(JSON.stringify({ ...lint, predicateType: "constructor" }))), undefined);
        assert.equal(claim(seal("null")), undefined);
    });

    it("should ignore unknown fields, as in-toto requires", () => {
        const more = { ...lint, extra: 1, predicate: { ...lint.predicate, extra: 1 } };
        assert.deepEqual(verified(seal(JSON.stringify(more))).predicate, examples["lint-backend"]);
    });
});

describe("Trusted keys", () => {
    it("should be refused when something about them is wrong", () => {
        const key = newKey();
        const cases: [unknown[], string | RegExp][] = [
            [[], "No key is trusted, so no evidence counts; name at least one public key."],
            [[{ ...trust(key), keyId: "abc" }], /^Trusted key 0: keyId Invalid string: must match pattern/],
            [[{ ...trust(key), extra: 1 }], 'Trusted key 0: Unrecognized key: "extra".'],
            [[{ ...trust(key), notAfter: "never" }], "Trusted key 0: notAfter Invalid ISO datetime."],
            ...(
                [
                    [undefined, "missing"],
                    ["approver", '"approver"'],
                    [["staging"], '["staging"]'],
                    [["staging", "production"], '["staging","production"]'],
                    ["staging, production", '"staging, production"'],
                ] as const
            ).map(([duty, shown]): [unknown[], string] => [
                [{ ...trust(key), duty }],
                `Trusted key 0: duty is ${shown}; accepted: one of pipeline, staging, production.`,
            ]),
            [[{ ...trust(key), duties: ["staging"] }], 'Trusted key 0: Unrecognized key: "duties".'],
            [[{ ...trust(key), predicates: ["lint"] }], 'Trusted key 0: Unrecognized key: "predicates".'],
            [
                [trust(trusted), { ...trust(key), keyId: trusted.id }],
                `Trusted key 1: keyId is ${trusted.id}, but the public key's id is ${key.id}.`,
            ],
            [[trust(key), trust(key)], `Trusted key ${key.id} is given twice; give it once.`],
            [
                [trust(key, { duty: "staging" }), trust(key, { duty: "production" })],
                `Trusted key ${key.id} is given twice; give it once.`,
            ],
            [
                [trust(key, { notBefore: ago(0), notAfter: ago(0) })],
                `Trusted key ${key.id}: notAfter (${ago(0)}) must be later than notBefore (${ago(0)}).`,
            ],
            [
                [{ ...trust(key), publicKey: "no key" }],
                "The public key can't be read; give it in PEM (SPKI), as kms:GetPublicKey gives it in DER.",
            ],
        ];
        const secret = key.privateKey.export({ type: "pkcs8", format: "pem" });
        cases.push([
            [{ ...trust(key), publicKey: secret }],
            "The public key is a private key; give its public half (SPKI).",
        ]);
        for (const [keys, message] of cases) assert.throws(() => keyRing(keys), { message });
        assert.equal(keyIdOf(key.publicKey), key.id);
    });
});

describe("Evidence folders", () => {
    let folder = "";
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "evidence-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it("should keep envelopes by item, image and key, and return them", async () => {
        const key = trusted.id.slice(0, 8);
        const lintEnvelope = await signStatement(lint, signer);
        const options = { issuedAt: ago(0), services: ["frontend"] };
        const scan = createStatement("vulnerabilities", examples.trivy, exampleRelease, options);
        assert.equal(await storeEvidence(join(folder, "new"), lintEnvelope), `lint-backend.${key}.json`);
        assert.equal(
            await storeEvidence(join(folder, "new"), await signStatement(scan, signer)),
            `trivy.frontend.${key}.json`,
        );
        const files = await loadEvidence(join(folder, "new"));
        assert.deepEqual(
            files.map((one) => one.source),
            [`lint-backend.${key}.json`, `trivy.frontend.${key}.json`],
        );
        assert.deepEqual(files[0]?.envelope, lintEnvelope);
        assert.ok(files.every((file) => verifyEvidence(file, ring, exampleNow).ok));
    });

    it("should replace evidence of one item by one key", async () => {
        const first = await storeEvidence(folder, await signStatement(lint, signer));
        const again = await signStatement(
            { ...lint, relaypacsRelease: { ...lint.relaypacsRelease, issuedAt: ago(-1) } },
            signer,
        );
        assert.equal(await storeEvidence(folder, again), first);
        assert.deepEqual(JSON.parse(await readFile(join(folder, first), "utf8")), again);
    });

    it("should refuse to store a statement that is not valid", async () => {
        await assert.rejects(storeEvidence(folder, seal("{}")), /^Error: Evidence is not stored: _type is missing\.$/);
    });

    it("should list damaged, empty and oversized files, so that the judgement can reject them", async () => {
        await writeFile(join(folder, "damaged.json"), '{"payload": "');
        await writeFile(join(folder, "empty.json"), "");
        await writeFile(join(folder, "enormous.json"), " ".repeat(2 * verifiablePayloadBytes));
        await writeFile(join(folder, "notes.txt"), "not evidence");
        const files = await loadEvidence(folder);
        assert.deepEqual(
            files.map((file) => [file.source, file.envelope]),
            ["damaged.json", "empty.json", "enormous.json"].map((name) => [name, undefined]),
        );
        const problem = "is not a DSSE envelope with an in-toto payload";
        for (const file of files) assert.deepEqual(rejected(file.envelope), { reason: "unreadable", problem });
        assert.deepEqual(
            files.map(({ oversizeBytes }) => oversizeBytes),
            [undefined, undefined, 2 * verifiablePayloadBytes],
        );
    });

    it("should say when they can't be read", async () => {
        await assert.rejects(
            loadEvidence(join(folder, "none")),
            /^Error: The evidence folder .*none can't be read: ENOENT/,
        );
    });
});
